"""What is done with many chosen records at once: asked first, told row by row after."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from engine.access.roles import rights_of
from engine.records.bulk import remove_each
from engine.records.outcome import Outcome
from engine.records.read import page, some
from engine.storage.snapshot import Unit
from metadata.model import say
from ui.errors import fault_of
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.forms_read import Form, all_of
from ui.pages.frame import go, show_dialog
from ui.pages.list_read import list_request, scene_in, scenes_of
from ui.pages.list_state import ListState, number, read_state
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT

MOST = 500
"""The most records of one bulk action on a page; more is work for a job."""
MOST_TOLD = 20
DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """What the confirming dialog needs (``records/_confirm.html``)."""

    url: str
    back: str
    title: str
    text: str
    button: str
    fields: tuple[tuple[str, str], ...]
    blockers: tuple[Any, ...] = ()
    outcomes: tuple[str, ...] = ()


@post("/o/{object_key:str}/bulk", name="records.bulk", sync_to_thread=True, right=BY_OBJECT,
      status_code=200)  # fmt: skip
def bulk(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    data: Form,
) -> Response[Any]:
    """Ask whether it is meant, then do it; what failed is told with its reason."""
    state = read_state(object_key, data)
    back = state.url()
    if data.get("action") != DELETE:
        return go(request, back)
    with site.write(context) as unit:
        rights_of(unit).require(object_key, DELETE)
        found = _chosen(unit, state, data)
        chosen, beyond = found[:MOST], len(found) > MOST
        if not chosen:
            return go(request, back, "nothing_chosen")
        if not data.get("confirmed"):
            return _show(request, unit, _question(unit, state, chosen, beyond=beyond))
        outcomes = remove_each(unit, object_key, chosen)
        failed = [one for one in outcomes if not one.good]
        if not failed:
            return go(request, back, "deleted")
        return _show(request, unit, _told(unit, state, outcomes, failed))


def _chosen(unit: Unit, state: ListState, data: Mapping[str, Any]) -> list[int]:
    if not data.get("everything"):
        return [found for one in all_of(data, "ids") if (found := number(one))]
    definition = unit.snapshot.site.list_of(state.object)
    scene = scene_in(scenes_of(unit, definition), definition, state.scene)
    request = replace(list_request(state, scene), columns=("id",), limit=MOST + 1)
    rows = page(unit, request)
    return [int(row[rows.id_index]) for row in rows.rows]


def _question(unit: Unit, state: ListState, chosen: list[int], *, beyond: bool) -> Confirm:
    language = unit.context.locale.language
    asked = "bulk.delete_first" if beyond else "bulk.delete_text"
    definition = unit.snapshot.object(state.object).definition
    fields = [*state.fields(), ("action", DELETE), ("confirmed", "1")]
    fields += [("ids", str(one)) for one in chosen]
    return Confirm(
        url=f"{state.path}/bulk",
        back=state.url(),
        title=translate(language, "bulk.delete_title"),
        text=translate(
            language,
            asked,
            count=len(chosen),
            object=say(definition.plural, language),
        ),
        button=translate(language, "bulk.delete"),
        fields=tuple(fields),
    )


def _told(unit: Unit, state: ListState, outcomes: list[Outcome], failed: list[Outcome]) -> Confirm:
    language = unit.context.locale.language
    done = len(outcomes) - len(failed)
    retry = [*state.fields(), ("action", DELETE), ("confirmed", "1")]
    retry += [("ids", str(one.id)) for one in failed]
    return Confirm(
        url=f"{state.path}/bulk",
        back=state.url(),
        title=translate(language, "bulk.delete_title"),
        text=translate(language, "bulk.outcome", done=done, failed=len(failed)),
        button=translate(language, "bulk.retry"),
        fields=tuple(retry),
        outcomes=_reasons(unit, state, failed[:MOST_TOLD]),
    )


def _reasons(unit: Unit, state: ListState, failed: list[Outcome]) -> tuple[str, ...]:
    locale = unit.context.locale
    name = unit.snapshot.object(state.object).name
    ids = [one.id for one in failed if one.id is not None]
    rows = some(unit, state.object, ids, (name.key,))
    slot = rows.slots[name.key]
    names = {
        row[rows.id_index]: name.type.text(slot.value(row), name.definition, locale)
        for row in rows.rows
    }
    return tuple(
        f"{names.get(one.id, one.id)}: {fault_of(one.error, locale.language).title}"
        for one in failed
        if one.error is not None
    )


def _show(request: PageRequest, unit: Unit, view: Confirm) -> Response[Any]:
    return show_dialog(request, unit, "records/_confirm.html", title=view.title, confirm=view)


ROUTES = [bulk]
