"""A form while somebody types: what the rules make of what stands in it now.

The server alone knows the rules; the page sends the form when a field changes that decides about
others, and gets back what to show. Nothing that was typed is replaced.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from engine.access.roles import rights_of
from engine.derived.following import followers
from engine.query.paths import THIS
from engine.records.copies import copied, copied_into
from engine.records.evaluate import seen_through
from engine.records.line_plans import line_plans
from engine.records.line_sums import of_lines
from engine.records.read import choices
from engine.records.rules import states_of
from engine.records.shape import shape_of
from engine.records.validate import broken_rules
from engine.storage.snapshot import BoundObject, Unit
from metadata.conditions import FieldValue, Test, parse_condition, tests
from metadata.model import FormDef
from ui.errors import field_message
from ui.given import GivenContext, GivenSite
from ui.page import services_of
from ui.pages.filling import Filling
from ui.pages.follow_form import CHANGED, live_inputs
from ui.pages.form_read import first_values, labelled
from ui.pages.form_view import field_view, section_id
from ui.pages.forms_read import Form, form_of
from ui.pages.layout import every_part, settable
from ui.pages.opened import Opened, check_id, deciding, open_record
from ui.pages.reckon import computed_texts, reckon, reckonable
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT
from ui.widgets.base import Form as Filled
from ui.widgets.base import last


@dataclass(frozen=True, slots=True)
class Entry:
    """A form that is being filled: whose, what it began with, what stands in it."""

    unit: Unit
    bound: BoundObject
    opened: Opened | None
    stored: Mapping[str, Any]
    sent: Filled


@post("/o/{object_key:str}/live", sync_to_thread=True, status_code=200, right=BY_OBJECT)
def post_new(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    data: Form,
) -> Response[Any]:
    """Tell what the rules make of the form of a new record."""
    with site.read(context) as unit:
        rights_of(unit).require(object_key, "create")
        bound = unit.snapshot.object(object_key)
        stored = first_values(unit, object_key, {})
        return _answer(request, Entry(unit, bound, None, stored, form_of(data)))


@post(
    "/o/{object_key:str}/{record_id:int}/live",
    sync_to_thread=True,
    status_code=200,
    right=BY_OBJECT,
)
def post_change(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Tell what the rules make of the form of a record that is there."""
    check_id(object_key, record_id)
    with site.read(context) as unit:
        opened = open_record(unit, object_key, record_id)
        stored = {key: opened.found.value(key) for key in opened.found.slots if "." not in key}
        return _answer(request, Entry(unit, opened.bound, opened, stored, form_of(data)))


def live_names(unit: Unit, layout: FormDef) -> str:
    """Give the names of the fields whose change the server wants to hear of, spaces between."""
    bound = unit.snapshot.object(layout.object)
    shape = shape_of(unit, layout.object)
    shown = {key for part in every_part(unit, layout) for key in part.fields}
    read = deciding(unit, bound) | (reckonable(unit, bound) & shown)
    wanted = seen_through(unit.snapshot, bound, read) | copied_into(unit, shape)
    follow = followers(unit.snapshot, bound)
    wanted |= {name for one in follow if one.key in shown for name in (one.key, one.source)}
    wanted |= seen_through(unit.snapshot, bound, frozenset({one.source for one in follow}))
    if of_lines(unit.snapshot, bound) & deciding(unit, bound):
        wanted |= {plan.key for plan in line_plans(unit.snapshot, bound.key)}
    wanted |= {name for names in _filters(bound).values() for name in names}
    return " ".join(sorted(wanted & shown))


def _answer(request: PageRequest, entry: Entry) -> Response[Any]:
    unit, bound = entry.unit, entry.bound
    layout = unit.snapshot.site.form_of(bound.key)
    keys = settable(unit, bound.key, new=entry.opened is None)
    record_id = entry.opened.id if entry.opened else None
    values = reckon(unit, bound, entry.sent, entry.stored, record_id).values
    parts = list(every_part(unit, layout))
    shown = {key for part in parts for key in part.fields}
    states = states_of(unit, shape_of(unit, bound.key), values)
    body = {
        "fields": {
            key: {
                "shown": state.shown,
                "needed": state.needed,
                "fixed": state.fixed,
                "closed": sorted(state.closed),
            }
            for key, state in states.items()
            if key in shown
        },
        "sections": {
            section_id(part): part.is_shown(unit, bound, values)
            for part in parts
            if part.section.visible_if is not None
        },
        "errors": {
            error.field: field_message(error, unit.context.locale.language)
            for error in broken_rules(unit, shape_of(unit, bound.key), values)
            if error.field in shown
        },
        "computed": computed_texts(unit, bound, values),
        "inputs": live_inputs(unit, bound, values, entry.sent),
        "clear": _gone(entry, values, shown & keys),
        "fill": _brought(request, entry, values, shown & keys),
    }
    return Response(body, headers={"cache-control": "no-store"})


def _gone(entry: Entry, values: Mapping[str, Any], keys: set[str]) -> list[str]:
    """Give the links whose record is not offered any more, now that another field changed."""
    changed = str(last(entry.sent, CHANGED))
    found = []
    for key, names in _filters(entry.bound).items():
        chosen = values.get(key)
        if key not in keys or changed not in names or not isinstance(chosen, int):
            continue
        raw = {name: values.get(name) for name in names}
        if not choices(entry.unit, entry.bound.key, key, values=raw, only=chosen):
            found.append(key)
    return found


def _brought(
    request: PageRequest, entry: Entry, values: Mapping[str, Any], keys: set[str]
) -> dict[str, str]:
    """Draw the fields that the link chosen just now brings values for."""
    changed = str(last(entry.sent, CHANGED))
    shape = shape_of(entry.unit, entry.bound.key)
    if changed not in copied_into(entry.unit, shape):
        return {}
    found = copied(entry.unit, shape, {changed: values.get(changed)})
    views, drawn = services_of(request).views, {}
    for key in found.keys() & keys:
        stored = {**entry.stored, key: labelled(entry.unit, entry.bound.fields[key], found[key])}
        filling = Filling(stored=stored, opened=entry.opened)
        view = field_view(entry.unit, entry.bound, key, filling, values)
        language = entry.unit.context.locale.language
        drawn[key] = views.render("records/_field.html", language, {"field": view})
    return drawn


def _filters(bound: BoundObject) -> dict[str, frozenset[str]]:
    """Give the fields of the record that the filter of each link reads."""
    found = {}
    for key, field in bound.fields.items():
        where = field.definition.props.get("where")
        names = frozenset(
            test.value.path.removeprefix(THIS).partition(".")[0]
            for test in (tests(parse_condition(where)) if where else ())
            if isinstance(test, Test)
            and isinstance(test.value, FieldValue)
            and test.value.path.startswith(THIS)
        )
        if names:
            found[key] = names
    return found


ROUTES = [post_new, post_change]
