"""Deleting a record: asked first, with what falls with it and what stands in the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from engine.access.roles import rights_of
from engine.errors import DeleteBlocked
from engine.records.inbound import Reached, reach_of, refuse_blocked
from engine.records.remove import remove
from engine.records.restore import restore
from engine.records.shape import load_live, shape_of
from engine.storage.snapshot import Unit
from metadata.model import say
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.forms_read import Form
from ui.pages.frame import go, show_dialog
from ui.pages.record_read import Seen, read_record
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT

CONFLICT = 409


@dataclass(frozen=True, slots=True)
class Sample:
    """A record that stands in the way."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Blocker:
    """Records of one object that refuse to lose the one they name."""

    label: str
    count: str
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmView:
    """What the confirming dialog needs."""

    url: str
    back: str
    title: str
    text: str
    button: str
    fields: tuple[tuple[str, str], ...] = ()
    blockers: tuple[Blocker, ...] = ()
    outcomes: tuple[str, ...] = ()


class DeleteController(Controller):
    """Deleting and restoring. One controller serves every object."""

    path = "/o/{object_key:str}/{record_id:int}"
    opt = {"right": BY_OBJECT}

    @get("/delete", name="records.delete_ask", sync_to_thread=True)
    def ask_delete(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        record_id: FromPath[int],
    ) -> Response[Any]:
        """Ask whether a record is to be deleted."""
        with site.read(context) as unit:
            seen = _deletable(unit, object_key, record_id)
            shape = shape_of(unit, object_key)
            reached = reach_of(unit, shape, load_live(unit, shape, record_id))
            try:
                refuse_blocked(unit, reached)
            except DeleteBlocked as blocked:
                return _ask(request, seen, blockers=_blockers(unit, blocked))
            return _ask(request, seen, outcomes=_falling(seen, reached))

    @post("/delete", name="records.delete", sync_to_thread=True, status_code=303)
    def submit_delete(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        record_id: FromPath[int],
    ) -> Response[Any]:
        """Move a record to the bin."""
        try:
            with site.write(context) as unit:
                remove(unit, object_key, record_id)
        except DeleteBlocked as blocked:
            with site.read(context) as unit:
                seen = _deletable(unit, object_key, record_id)
                found = _blockers(unit, blocked)
                return _ask(request, seen, blockers=found, status=CONFLICT)
        return go(request, f"/o/{object_key}", "deleted")

    @post("/restore", name="records.restore", sync_to_thread=True, status_code=303)
    def submit_restore(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        record_id: FromPath[int],
        data: Form,
    ) -> Response[Any]:
        """Bring a record back from the bin."""
        with site.write(context) as unit:
            restore(unit, object_key, record_id)
        return go(request, f"/o/{object_key}/{record_id}", "restored")


def _deletable(unit: Unit, object_key: str, record_id: int) -> Seen:
    rights_of(unit).require(object_key, "delete")
    return read_record(unit, object_key, record_id)


def _ask(
    request: PageRequest,
    seen: Seen,
    *,
    blockers: tuple[Blocker, ...] = (),
    outcomes: tuple[str, ...] = (),
    status: int = 200,
) -> Response[Any]:
    language = seen.unit.context.locale.language
    kept = rights_of(seen.unit).allows(seen.bound.key, "restore")
    text = "delete.text" if kept else "delete.text_final"
    view = ConfirmView(
        url=f"{seen.path}/delete",
        back=seen.path,
        title=translate(language, "delete.title", name=seen.name),
        text="" if blockers else translate(language, text),
        button=translate(language, "record.delete"),
        blockers=blockers,
        outcomes=outcomes,
    )
    return show_dialog(
        request,
        seen.unit,
        "records/_confirm.html",
        title=view.title,
        active=f"/o/{seen.bound.key}",
        status=status,
        confirm=view,
    )


def _blockers(unit: Unit, blocked: DeleteBlocked) -> tuple[Blocker, ...]:
    language, found = unit.context.locale.language, []
    blockers: Sequence[Mapping[str, Any]] = blocked.params["blockers"]
    for one in blockers:
        definition = unit.snapshot.object(one["object"]).definition
        samples = tuple(
            Sample(str(sample["label"]), f"/o/{one['object']}/{sample['id']}")
            for sample in one["samples"]
        )
        count = translate(language, "list.total", count=f"{one['count']:,}")
        found.append(Blocker(say(definition.plural, language), count, samples))
    return tuple(found)


def _falling(seen: Seen, reached: Reached) -> tuple[str, ...]:
    """Tell what goes with the record, and where it is taken out of."""
    unit, language = seen.unit, seen.unit.context.locale.language
    found = []
    for key, records in reached.falling.items():
        count = len(records) - (1 if key == seen.bound.key else 0)
        if count:
            label = say(unit.snapshot.object(key).definition.plural, language)
            found.append(translate(language, "delete.falls", object=label, count=f"{count:,}"))
    for key, cleared in reached.cleared.items():
        if cleared:
            label = say(unit.snapshot.object(key).definition.plural, language)
            count = len(cleared)
            found.append(translate(language, "delete.clears", object=label, count=f"{count:,}"))
    return tuple(found)


ROUTES = [DeleteController]
