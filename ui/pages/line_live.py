"""A table of lines while somebody types: what follows in each line, reckoned as a save would."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from engine.access.roles import rights_of
from engine.errors import UnknownField
from engine.records.line_plans import LinePlan, line_plans
from engine.storage.snapshot import Unit
from ui.given import GivenContext, GivenSite
from ui.pages.follow_form import live_inputs
from ui.pages.form_read import first_values
from ui.pages.forms_read import Form, form_of
from ui.pages.layout import settable
from ui.pages.line_reckon import CHANGED
from ui.pages.line_table import shown_keys
from ui.pages.opened import check_id, open_record
from ui.pages.reckon import computed_texts, reckon
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT
from ui.widgets.base import Asked, last
from ui.widgets.base import Form as Filled
from ui.widgets.line_items import prefix_of
from ui.widgets.registry import widget_of


@dataclass(frozen=True, slots=True)
class Entry:
    """A table that is being filled: which, and the form around it."""

    unit: Unit
    plan: LinePlan
    sent: Filled
    stored: Mapping[str, Any]
    record_id: int | None


@post(
    "/o/{object_key:str}/lines/{field_key:str}",
    sync_to_thread=True,
    status_code=200,
    right=BY_OBJECT,
)
def post_new_lines(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    field_key: FromPath[str],
    data: Form,
) -> Response[Any]:
    """Reckon the lines of a new record."""
    with site.read(context) as unit:
        rights_of(unit).require(object_key, "create")
        plan = _plan(unit, object_key, field_key)
        return _answer(Entry(unit, plan, form_of(data), first_values(unit, object_key, {}), None))


@post(
    "/o/{object_key:str}/{record_id:int}/lines/{field_key:str}",
    sync_to_thread=True,
    status_code=200,
    right=BY_OBJECT,
)
def post_lines(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    record_id: FromPath[int],
    field_key: FromPath[str],
    data: Form,
) -> Response[Any]:
    """Reckon the lines of a record that is there."""
    check_id(object_key, record_id)
    with site.read(context) as unit:
        opened = open_record(unit, object_key, record_id)
        plan = _plan(unit, object_key, field_key)
        return _answer(Entry(unit, plan, form_of(data), opened.values, record_id))


def _plan(unit: Unit, object_key: str, field_key: str) -> LinePlan:
    for plan in line_plans(unit.snapshot, object_key):
        hidden = rights_of(unit).field_level(object_key, field_key) == "hidden"
        if plan.key == field_key and not hidden:
            return plan
    raise UnknownField(object=object_key, field=field_key)


def _answer(entry: Entry) -> Response[Any]:
    unit, plan = entry.unit, entry.plan
    bound = unit.snapshot.object(plan.parent)
    made = reckon(unit, bound, entry.sent, entry.stored, entry.record_id)
    rows = made.lines.get(plan.key, {})
    body = {
        "rows": {mark: _shown(entry, mark, values) for mark, values in rows.items()},
        "fields": computed_texts(unit, bound, made.values),
        "inputs": live_inputs(unit, bound, made.values, entry.sent),
    }
    return Response(body, headers={"cache-control": "no-store"})


def _shown(entry: Entry, mark: str, values: Mapping[str, Any]) -> dict[str, str]:
    """Give the texts of what follows: values nobody types, and price or discount set anew."""
    unit, locale = entry.unit, entry.unit.context.locale
    child = unit.snapshot.object(entry.plan.child)
    may = settable(unit, entry.plan.child, new=True)
    prefix = prefix_of(entry.plan.key, mark)
    changed = str(last(entry.sent, CHANGED))
    follows = _pair(entry.plan) if changed.startswith(prefix) else ()
    told: dict[str, str] = {}
    for key in shown_keys(unit, entry.plan):
        field = child.fields[key]
        if key in follows and key in may and changed != prefix + key:
            asked = Asked(stored=values.get(key), prefix=prefix)
            control = widget_of(field.definition).control(field.definition, locale, asked)
            told[key] = control.inside.value
        elif key not in may and not field.type.labelled:
            told[key] = field.type.text(values.get(key), field.definition, locale)
    return told


def _pair(plan: LinePlan) -> Sequence[str]:
    return [plan.pricing[part] for part in ("price", "discount")] if plan.pricing else []


ROUTES = [post_new_lines, post_lines]
