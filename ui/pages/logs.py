"""The logs on screen: signing in, data, system; each with a right of its own."""

from collections.abc import Callable
from typing import Any

from litestar import Response, get, post

from engine.access.roles import rights_of
from engine.context import Context
from engine.errors import InvalidInput
from engine.exchange.log_export import start_log_export
from engine.logs.asked import parse_filter
from engine.logs.read import LogPage, read_log
from engine.logs.wanted import SHAPES, SYSTEM
from engine.publish.live import LiveSite
from ui.errors import fault_of
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.log_words import actions_of, header_of, log_name, right_of
from ui.page import see_other
from ui.pages.auth import Form
from ui.pages.frame import redirect, show
from ui.pages.log_view import address_of, log_view, readable_logs
from ui.request import PageRequest
from ui.security.rights import ADMIN, SIGNED_IN

LINES = 50
HOME = "/logs"


@get(HOME, name="logs", sync_to_thread=True, right=SIGNED_IN)
def show_first(site: GivenSite, context: GivenContext) -> Response[None]:
    """Lead to the first log that the person may read."""
    with site.read(context) as unit:
        seen = readable_logs(unit)
        if not seen:
            rights_of(unit).require_admin(SHAPES[SYSTEM].right)
    return redirect(address_of(seen[0]))


def _shown(log: str) -> Any:
    @get(address_of(log), name=f"logs.{log}", sync_to_thread=True, right=ADMIN + right_of(log))
    def show_log(request: PageRequest, site: GivenSite, context: GivenContext) -> Response[Any]:
        """Show a page of the log."""
        return _show(request, site, context, log)

    return show_log


def _exported(log: str) -> Any:
    @post(
        f"{address_of(log)}/export",
        name=f"logs.{log}.export",
        sync_to_thread=True,
        status_code=303,
        right=ADMIN + right_of(log),
    )
    def export_log(
        request: PageRequest, site: GivenSite, context: GivenContext, data: Form
    ) -> Response[Any]:
        """Order what the filter keeps as a file."""
        language = context.locale.language
        wanted = parse_filter(log, {key: str(text) for key, text in data.items()}, context.locale)
        order = {
            "format": data.get("format", "xlsx"),
            "name": log_name(log, language),
            "header": header_of(log, language),
            "words": actions_of(site.snapshot, log, language),
        }
        return see_other(request, f"/jobs/{start_log_export(site, context, log, wanted, order)}")

    return export_log


def _show(request: PageRequest, site: LiveSite, context: Context, log: str) -> Response[Any]:
    given = dict(request.query_params)
    language = context.locale.language
    problem, page = "", LogPage(())
    with site.read(context) as unit:
        try:
            wanted = parse_filter(log, given, context.locale)
            page = read_log(unit, log, wanted, cursor=given.get("cursor") or None, limit=LINES)
        except InvalidInput as error:
            problem = " ".join(one["message"] for one in fault_of(error, language).errors)
        view = log_view(unit, log, given, page, problem)
        return show(
            request,
            unit,
            "logs/log.html",
            title=translate(language, "logs.title"),
            active=HOME,
            status=422 if problem else 200,
            view=view,
        )


def _all(make: Callable[[str], Any]) -> list[Any]:
    return [make(log) for log in SHAPES]


ROUTES: list[Any] = [show_first, *_all(_shown), *_all(_exported)]
