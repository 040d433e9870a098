"""Deleting a record: asked first; what stands in the way is named."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from engine.access.roles import rights_of
from engine.errors import DeleteBlocked, Forbidden, SaveConflict
from engine.records.fallout import Fallout, fallout_of
from engine.records.remove import remove
from engine.storage.snapshot import Unit
from metadata.model import say
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.forms_read import Form
from ui.pages.frame import go, show_dialog
from ui.pages.list_state import number
from ui.pages.opened import Opened, check_id, open_record
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT

PATH = "/o/{object_key:str}/{record_id:int}/delete"
CONFLICT = 409


@dataclass(frozen=True, slots=True)
class SampleView:
    """A record that stands in the way."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class BlockerView:
    """Records of one kind that stand in the way."""

    label: str
    count: str
    samples: tuple[SampleView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmView:
    """What a confirming dialog needs (``records/_confirm.html``)."""

    url: str
    back: str
    title: str
    text: str
    button: str
    fields: tuple[tuple[str, str], ...] = ()
    blockers: tuple[BlockerView, ...] = ()
    outcomes: tuple[str, ...] = ()


@get(PATH, name="record.delete", sync_to_thread=True, right=BY_OBJECT)
def ask_delete(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
) -> Response[Any]:
    """Ask whether it is meant."""
    with site.read(context) as unit:
        opened = _deletable(unit, object_key, record_id)
        found = fallout_of(unit, object_key, record_id)
        blockers = tuple(_blocker(unit, one) for one in found if one.on_delete == "restrict")
        outcomes = tuple(text for one in found for text in _outcomes(unit, one))
        return _ask(request, opened, blockers=blockers, outcomes=outcomes)


@post(PATH, name="record.delete_do", sync_to_thread=True, right=BY_OBJECT, status_code=303)
def submit_delete(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Move the record to the bin, or say what stands in the way."""
    check_id(object_key, record_id)
    try:
        with site.write(context, brief=True) as unit:
            remove(unit, object_key, record_id, version=number(data.get("version")))
    except DeleteBlocked as error:
        with site.read(context) as unit:
            opened = _deletable(unit, object_key, record_id)
            return _ask(request, opened, blockers=_blockers(unit, error), status=CONFLICT)
    except SaveConflict:
        with site.read(context) as unit:
            opened = _deletable(unit, object_key, record_id)
            text = translate(context.locale.language, "delete.changed", name=opened.name)
            return _ask(request, opened, text=text, status=CONFLICT)
    return go(request, f"/o/{object_key}", "deleted")


def _deletable(unit: Unit, object_key: str, record_id: int) -> Opened:
    opened = open_record(unit, object_key, record_id)
    if not opened.may("delete"):
        raise Forbidden(object=object_key, action="delete")
    return opened


def _ask(
    request: PageRequest,
    opened: Opened,
    *,
    text: str = "",
    blockers: tuple[BlockerView, ...] = (),
    outcomes: tuple[str, ...] = (),
    status: int = 200,
) -> Response[Any]:
    language = opened.unit.context.locale.language
    label = say(opened.bound.definition.label, language)
    view = ConfirmView(
        url=f"{opened.url}/delete",
        back=opened.url,
        title=translate(language, "delete.title", object=label),
        text=text or ("" if blockers else translate(language, "delete.text", name=opened.name)),
        button=translate(language, "record.delete"),
        fields=(("version", str(opened.version)),),
        blockers=blockers,
        outcomes=() if blockers else outcomes,
    )
    return show_dialog(
        request,
        opened.unit,
        "records/_confirm.html",
        title=view.title,
        active=opened.list_url,
        status=status,
        confirm=view,
    )


def _blockers(unit: Unit, error: DeleteBlocked) -> tuple[BlockerView, ...]:
    """Name what stands in the way; of kinds that the person may not see, only that it does."""
    language, rights = unit.context.locale.language, rights_of(unit)
    found = []
    for one in error.params["blockers"]:
        key = one["object"]
        known = rights.allows(key, "read")
        definition = unit.snapshot.object(key).definition
        label = say(definition.plural, language) if known else ""
        samples = tuple(
            SampleView(sample["label"] or f"#{sample['id']}", f"/o/{key}/{sample['id']}")
            for sample in one["samples"]
        )
        count = translate(language, "delete.count", count=one["count"])
        unseen = translate(language, "delete.unseen")
        found.append(BlockerView(label or unseen, count, samples))
    return tuple(found)


def _blocker(unit: Unit, found: Fallout) -> BlockerView:
    """Name the records of a kind that refuse to lose what is to be deleted."""
    language = unit.context.locale.language
    definition = unit.snapshot.object(found.object).definition
    label = say(definition.plural, language) if found.seen else ""
    samples = tuple(
        SampleView(name or f"#{number}", f"/o/{found.object}/{number}")
        for number, name in found.samples
    )
    count = translate(language, "delete.count", count=found.seen + found.unseen)
    return BlockerView(label or translate(language, "delete.unseen"), count, samples)


def _outcomes(unit: Unit, found: Fallout) -> Iterator[str]:
    """Say what becomes of records of a kind; those out of reach are but counted."""
    if found.on_delete == "restrict":
        return
    language = unit.context.locale.language
    plural = say(unit.snapshot.object(found.object).definition.plural, language)
    for count, name in ((found.seen, plural), (found.unseen, "")):
        if count:
            label = name or translate(language, "delete.unseen")
            yield translate(language, f"delete.{found.on_delete}", label=label, count=count)


ROUTES = [ask_delete, submit_delete]
