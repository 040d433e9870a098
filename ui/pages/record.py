"""The page of a record: its tabs, and its way back from the bin."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from engine.records.restore import restore
from ui.given import GivenContext, GivenSite
from ui.pages.frame import go, show
from ui.pages.list_state import number
from ui.pages.opened import check_id, open_record
from ui.pages.record_view import record_view
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT

INVALID, CONFLICT = 422, 409


class RecordController(Controller):
    """Records. One controller serves every object."""

    path = "/o/{object_key:str}/{record_id:int}"
    opt = {"right": BY_OBJECT}

    @get(name="record", sync_to_thread=True)
    def show_record(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        record_id: FromPath[int],
    ) -> Response[str]:
        """Show a record with one tab open (``?tab=``), or that tab alone."""
        tab = str(request.query_params.get("tab", ""))
        before = number(request.query_params.get("before"))
        with site.read(context) as unit:
            opened = open_record(unit, object_key, record_id, binned_too=True)
            view = record_view(opened, tab, before)
            template = "records/_tabs.html" if request.wants_partial else "records/record.html"
            return show(
                request, unit, template, title=view.name, active=view.list_url, record=view
            )

    @post("/restore", name="record.restore", sync_to_thread=True, status_code=303)
    def submit_restore(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        record_id: FromPath[int],
    ) -> Response[Any]:
        """Bring a record back from the bin."""
        check_id(object_key, record_id)
        with site.write(context) as unit:
            restore(unit, object_key, record_id)
        return go(request, f"/o/{object_key}/{record_id}", "restored")


ROUTES = [RecordController]
