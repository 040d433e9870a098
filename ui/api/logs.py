"""The logs by API: to be read, never written."""

from typing import Any

from litestar import Response, get

from engine.context import Context
from engine.logs.asked import WORDS, parse_filter
from engine.logs.lines import LogLine
from engine.logs.read import read_log
from engine.logs.wanted import DATA, SHAPES
from engine.publish.live import LiveSite
from ui.api.answers import answer, respond
from ui.api.asked import limit_of, refuse_unknown
from ui.given import GivenContext, GivenSite
from ui.log_words import right_of
from ui.request import PageRequest
from ui.security.rights import ADMIN

PAGING = ("cursor", "limit")


def _route(log: str) -> Any:
    @get(f"/logs/{log}", right=ADMIN + right_of(log), sync_to_thread=True)
    def get_log(request: PageRequest, site: GivenSite, context: GivenContext) -> Response[bytes]:
        """Give a page of the log, newest first."""
        return _page(request, site, context, log)

    return get_log


def _page(request: PageRequest, site: LiveSite, context: Context, log: str) -> Response[bytes]:
    asked = dict(request.query_params)
    refuse_unknown(asked, {*WORDS[log], *PAGING})
    wanted = parse_filter(log, asked, context.locale)
    with site.read(context) as unit:
        page = read_log(
            unit, log, wanted, cursor=asked.get("cursor") or None, limit=limit_of(asked)
        )
    return respond(
        answer(
            {
                "items": [_line(log, line) for line in page.lines],
                "next_cursor": page.next_cursor,
                "reached": page.reached.isoformat() if page.reached else None,
            }
        )
    )


def _line(log: str, line: LogLine) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": line.id,
        "at": line.at.isoformat(),
        "by": None if line.by is None else {"id": line.by, "label": line.by_name},
        "action": line.action,
        "address": line.address,
        "request_id": line.request_id,
    }
    if log != DATA:
        about = {"about": line.about, "details": dict(line.details), "marked": line.marked}
        return {**told, **about}
    changes = [
        {"field": one.key, "label": one.label, "old": one.old, "new": one.new}
        for one in line.changes
    ]
    record = {"object": line.object, "record": line.record}
    return {**told, **record, "changes": changes, "hidden": line.hidden}


ROUTES = [_route(log) for log in SHAPES]
