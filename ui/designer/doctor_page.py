"""The doctor on screen, for administrators: runs when it is asked."""

from typing import Any

from litestar import Response, get

from engine.doctor import examine
from engine.publish.drift import Finding
from ui.designer.asked import HOME, METADATA
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.frame import show
from ui.request import PageRequest


@get("/designer/doctor", name="designer.doctor", sync_to_thread=True, right=METADATA)
def show_doctor(request: PageRequest, site: GivenSite, context: GivenContext) -> Response[Any]:
    """Examine the site and show what was found."""
    language = context.locale.language
    found = examine(site, context)

    def told(one: Finding) -> dict[str, str]:
        return {
            "where": one.where,
            "text": translate(language, f"doctor.{one.code}", **one.params),
        }

    with site.read(context) as unit:
        return show(
            request,
            unit,
            "designer/doctor.html",
            title=translate(language, "designer.doctor"),
            active=HOME,
            found=found,
            findings=[told(one) for one in found.findings],
            notes=[told(one) for one in found.notes],
        )


ROUTES = [show_doctor]
