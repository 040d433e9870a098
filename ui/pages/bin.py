"""The recycle bin of an object: look, bring back, delete for good."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from engine.access.roles import rights_of
from engine.bulk.order import BulkOrder
from engine.bulk.verbs import VERBS
from engine.context import Context
from engine.query.listing import ListRequest
from engine.records.bulk import purge_each, restore_each
from engine.records.outcome import Outcome
from engine.records.read import count, page, visible_fields
from engine.storage.snapshot import Unit
from metadata.errors import PlatformError
from metadata.model import say
from ui.errors import fault_of
from ui.given import GivenContext, GivenServices, GivenSite
from ui.i18n import translate
from ui.pages.bulk import start
from ui.pages.deletion import ConfirmView
from ui.pages.forms_read import Form, all_of
from ui.pages.frame import go, show, show_dialog
from ui.pages.list_state import number
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT
from ui.services import Services

MOST = 50
MOST_TOLD = 20
WHO, WHEN = "deleted_by", "deleted_at"
Verb = Callable[[Unit, str, Sequence[int]], list[Outcome]]


@dataclass(frozen=True, slots=True)
class BinEntry:
    """A record in the bin."""

    id: int
    name: str
    url: str
    restore_url: str
    deleted_at: str
    deleted_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BinView:
    """What the template of the bin needs."""

    url: str
    list_url: str
    plural: str
    name_label: str
    entries: tuple[BinEntry, ...]
    may_purge: bool
    problems: tuple[str, ...] = ()
    more_url: str = ""
    previous_url: str = ""


class BinController(Controller):
    """Recycle bins. One controller serves every object."""

    path = "/o/{object_key:str}/bin"
    opt = {"right": BY_OBJECT}

    @get(name="bin", sync_to_thread=True)
    def show_bin(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
    ) -> Response[str]:
        """Show what was deleted, the latest first."""
        at = number(request.query_params.get("page")) or 1
        with site.read(context) as unit:
            return _show(request, unit, object_key, at)

    @post("/restore", name="bin.restore", sync_to_thread=True, status_code=303)
    def submit_restore(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        data: Form,
    ) -> Response[Any]:
        """Bring chosen records back; what cannot come back is told with its reason."""
        return _each(request, site, context, object_key, _chosen(data), restore_each, "restored")

    @post("/purge", name="bin.purge", sync_to_thread=True, status_code=303)
    def submit_purge(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        data: Form,
    ) -> Response[Any]:
        """Ask whether it is meant, then delete chosen records for good."""
        chosen = _chosen(data)
        if chosen and not data.get("confirmed"):
            with site.read(context) as unit:
                return _ask(request, unit, object_key, chosen)
        return _each(request, site, context, object_key, chosen, purge_each, "purged")

    @post("/restore_all", name="bin.restore_all", sync_to_thread=True, status_code=303)
    def submit_restore_all(
        self,
        request: PageRequest,
        services: GivenServices,
        context: GivenContext,
        object_key: FromPath[str],
    ) -> Response[Any]:
        """Bring everything back that the person may restore."""
        return _everything(request, services, context, object_key, "restore")

    @post("/purge_all", name="bin.purge_all", sync_to_thread=True, status_code=303)
    def submit_purge_all(
        self,
        request: PageRequest,
        services: GivenServices,
        context: GivenContext,
        object_key: FromPath[str],
        data: Form,
    ) -> Response[Any]:
        """Ask whether it is meant, then delete everything in the bin for good."""
        if not data.get("confirmed"):
            with services.site.read(context) as unit:
                return _ask_all(request, unit, object_key)
        return _everything(request, services, context, object_key, "purge")


def _everything(
    request: PageRequest, services: Services, context: Context, object_key: str, verb: str
) -> Response[Any]:
    """Order a bulk action on all that lies in the bin."""
    order = BulkOrder(object=object_key, verb=verb, values={}, language=context.locale.language)
    with services.site.read(context) as unit:
        rights_of(unit).require(object_key, VERBS[verb].right)
        size = count(unit, order.request()).value
    return start(request, services, context, order, size, f"/o/{object_key}/bin")


def _ask_all(request: PageRequest, unit: Unit, object_key: str) -> Response[Any]:
    rights_of(unit).require(object_key, "purge")
    language, path = unit.context.locale.language, f"/o/{object_key}/bin"
    order = BulkOrder(object=object_key, verb="purge", values={})
    total = count(unit, order.request(), cap=None).value
    view = ConfirmView(
        url=f"{path}/purge_all",
        back=path,
        title=translate(language, "bin.purge_all"),
        text=translate(language, "bin.purge_all_text", count=f"{total:,}"),
        button=translate(language, "bin.purge_all"),
        fields=(("confirmed", "1"),),
    )
    return show_dialog(
        request,
        unit,
        "records/_confirm.html",
        title=view.title,
        active=f"/o/{object_key}",
        confirm=view,
    )


def _chosen(data: Any) -> list[int]:
    return [found for one in all_of(data, "ids") if (found := number(one))][:MOST]


def _ask(request: PageRequest, unit: Unit, object_key: str, chosen: list[int]) -> Response[Any]:
    rights_of(unit).require(object_key, "purge")
    language, path = unit.context.locale.language, f"/o/{object_key}/bin"
    view = ConfirmView(
        url=f"{path}/purge",
        back=path,
        title=translate(language, "bin.purge_title"),
        text=translate(language, "bin.purge_text", count=len(chosen)),
        button=translate(language, "bin.purge"),
        fields=(("confirmed", "1"), *(("ids", str(one)) for one in chosen)),
    )
    return show_dialog(
        request,
        unit,
        "records/_confirm.html",
        title=view.title,
        active=f"/o/{object_key}",
        confirm=view,
    )


def _each(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: str,
    chosen: list[int],
    verb: Verb,
    note: str,
) -> Response[Any]:
    path = f"/o/{object_key}/bin"
    if not chosen:
        return go(request, path, "nothing_chosen")
    with site.write(context) as unit:
        rights_of(unit).require(object_key, "restore" if verb is restore_each else "purge")
        outcomes = verb(unit, object_key, chosen)
    failed = [one for one in outcomes if one.error is not None]
    if not failed:
        return go(request, path, note)
    with site.read(context) as unit:
        return _show(request, unit, object_key, 1, failed)


def _show(
    request: PageRequest,
    unit: Unit,
    object_key: str,
    at: int,
    failed: Sequence[Outcome] = (),
) -> Response[str]:
    view = _view(unit, object_key, at, failed)
    return show(
        request,
        unit,
        "records/bin.html",
        title=translate(unit.context.locale.language, "bin.of", plural=view.plural),
        active=view.list_url,
        bin=view,
    )


def _view(unit: Unit, object_key: str, at: int, failed: Sequence[Outcome]) -> BinView:
    language, rights = unit.context.locale.language, rights_of(unit)
    bound = unit.snapshot.object(object_key)
    visible = visible_fields(unit, object_key)
    columns = tuple(key for key in (bound.name.key, WHEN, WHO) if key in visible)
    found = page(
        unit,
        ListRequest(
            object=object_key,
            columns=columns,
            sort=(f"-{WHEN}",) if WHEN in visible else (),
            limit=MOST,
            page=at,
            bin=True,
        ),
    )
    entries = []
    for row in found.rows:
        record = int(row[found.id_index])
        texts = {
            path: slot.field.type.text(slot.value(row), slot.field.definition, unit.context.locale)
            for path, slot in found.slots.items()
        }
        url = f"/o/{object_key}/{record}"
        entries.append(
            BinEntry(
                id=record,
                name=texts.get(bound.name.key) or f"#{record}",
                url=url,
                restore_url=f"{url}/restore",
                deleted_at=texts.get(WHEN, ""),
                deleted_by=texts.get(WHO, ""),
            )
        )
    names = {entry.id: entry.name for entry in entries}
    path = f"/o/{object_key}/bin"
    return BinView(
        url=path,
        list_url=f"/o/{object_key}",
        plural=say(bound.definition.plural, language),
        name_label=say(bound.name.definition.label, language),
        entries=tuple(entries),
        may_purge=rights.allows(object_key, "purge"),
        problems=tuple(_reason(one, names, language) for one in failed[:MOST_TOLD]),
        more_url=f"{path}?page={at + 1}" if found.has_more else "",
        previous_url=f"{path}?page={at - 1}" if at > 1 else "",
    )


def _reason(outcome: Outcome, names: dict[int, str], language: str) -> str:
    error = outcome.error
    if not isinstance(error, PlatformError):
        raise TypeError("an outcome without error has no reason")
    fault = fault_of(error, language)
    more = " ".join(str(one["message"]) for one in fault.errors) or fault.detail
    name = names.get(outcome.id or 0, f"#{outcome.id}")
    return f"{name}: {more or fault.title}"


ROUTES = [BinController]
