"""The first page: where the person's menu begins."""

from litestar import Response, get

from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.frame import redirect, show
from ui.request import PageRequest
from ui.security.rights import SIGNED_IN
from ui.shell import navigation_of


@get("/", name="home", sync_to_thread=True, right=SIGNED_IN)
def show_home(
    request: PageRequest, site: GivenSite, context: GivenContext
) -> Response[str] | Response[None]:
    """Lead to the first entry of the menu; say so where the person's rights open none."""
    with site.read(context) as unit:
        home = navigation_of(unit).home
        if home:
            return redirect(home)
        title = translate(context.locale.language, "home.title")
        return show(request, unit, "home.html", title=title)


ROUTES = [show_home]
