"""Records named by text: what a picker offers, and what somebody typed without choosing."""

from collections.abc import Callable, Sequence
from typing import Any

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from engine.access.roles import rights_of
from engine.errors import FieldError
from engine.fields.choices import pieces
from engine.query.listing import ListRequest, Row
from engine.records.encode import covered
from engine.records.read import choices, page, some, visible_fields
from engine.storage.snapshot import BoundField, Unit
from metadata.conditions import Test
from metadata.model import say
from ui.given import GivenContext, GivenSite
from ui.page import page as answer
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT, SIGNED_IN
from ui.widgets.base import Lookup, Lookups
from ui.widgets.region import deeper

FACTS = 2


@get(
    "/lookup/{object_key:str}/{field_key:str}",
    name="lookup",
    sync_to_thread=True,
    right=BY_OBJECT,
)
def offer_records(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    field_key: FromPath[str],
) -> Response[str]:
    """Offer the records that a link may name, for what is typed in its control."""
    given = {name: str(value) for name, value in request.query_params.items()}
    prefix, typed = "", given.get("q", "")
    row = given.get("_prefix", "")  # the line of a table that is being edited
    for name, value in given.items():
        head, _, tail = name.rpartition(".")
        if tail != "text":
            continue
        if head == field_key or head.endswith(f".{field_key}") or head == f"{row}{field_key}":
            typed, prefix = value, head.removesuffix(field_key)
    values = {name.removeprefix(prefix): value for name, value in given.items() if "." not in name}
    kind = given.get(f"{prefix}{field_key}.object", "")
    with site.read(context) as unit:
        found = choices(
            unit,
            object_key,
            field_key,
            values=values,
            search=typed.strip(),
            target=kind,
        )
        field = unit.snapshot.object(object_key).field(field_key)
        target = field.type.target(field.definition)
        facts = _facts(unit, target or kind, [label.id for label in found])
        before = "" if target else f"{kind}/"
        options = [(f"{before}{one.id}", one.text, facts.get(one.id, "")) for one in found]
        return answer(request, "widgets/_lookup_options.html", options=options)


@get("/lookup/regions", name="lookup.regions", sync_to_thread=True, right=SIGNED_IN)
def offer_regions(
    request: PageRequest, name: FromQuery[str], depth: FromQuery[int], level: FromQuery[int] = 0
) -> Response[str]:
    """Draw the lists below a level of a region control that was chosen anew."""
    codes = [str(code) for code in request.query_params.getall(name, [])]
    code = codes[-1] if codes else ""
    try:
        control = deeper(name, code, depth)
    except ValueError as error:
        raise NotFoundException from error
    if not 0 <= level < depth - 1:
        raise NotFoundException
    return answer(request, "widgets/_region_selects.html", control=control, level=level + 1)


def found_records(
    unit: Unit, field: BoundField, raw: Any, refuse: Callable[[FieldError], Exception]
) -> Any:
    """Put ids in the place of records that were named by text; other input stays as it is."""
    if not isinstance(raw, Lookup | Lookups):
        return raw
    alone = field.type.target(field.definition)
    target = alone or raw.object
    if target not in field.type.objects(field.definition):
        raise refuse(FieldError(field.key, "value_missing"))

    def found(text: str) -> Any:
        number = named(unit, target, text, field.key, refuse)
        return number if alone else f"{target}/{number}"

    if isinstance(raw, Lookup):
        return found(raw.text)
    texts = [raw.text] if _of_name(unit, target, raw.text) else pieces(raw.text)
    return [*raw.chosen, *map(found, texts)]


def kinds_of(unit: Unit, field: BoundField) -> tuple[tuple[str, str], ...]:
    """Give the objects whose records a link to any may name, as far as the actor may read them."""
    if not field.named_late or field.type.target(field.definition):
        return ()
    rights, language = rights_of(unit), unit.context.locale.language
    return tuple(
        (key, say(unit.snapshot.object(key).definition.label, language))
        for key in field.type.objects(field.definition)
        if key in unit.snapshot.objects and rights.allows(key, "read")
    )


def named(
    unit: Unit,
    object_key: str,
    text: str,
    field_key: str,
    refuse: Callable[[FieldError], Exception],
) -> int:
    """Give the one record of this name that the actor may read; raises what ``refuse`` makes."""
    rows = _of_name(unit, object_key, text)
    if not rows:
        raise refuse(FieldError(field_key, "no_such_record", {"value": text}))
    if len(rows) > 1:
        raise refuse(FieldError(field_key, "several_records", {"value": text}))
    return int(rows[0][0])


def _of_name(unit: Unit, object_key: str, text: str) -> Sequence[Row]:
    name = unit.snapshot.object(object_key).definition.name_field
    request = ListRequest(
        object=object_key, columns=(name,), where=Test(name, "eq", text), sort=("id",), limit=2
    )
    return page(unit, request).rows


def _facts(unit: Unit, object_key: str, ids: list[int]) -> dict[int, str]:
    """Give a line for each record that tells namesakes apart: the facts of its page."""
    if not ids:
        return {}
    site, locale = unit.snapshot.site, unit.context.locale
    bound = unit.snapshot.object(object_key)
    facts = [key for key in site.detail_of(object_key).facts if key in bound.fields]
    wanted = [key for key in facts if key in visible_fields(unit, object_key)][:FACTS]
    found = some(unit, object_key, ids, tuple(wanted)) if wanted else None
    if found is None:
        return {}
    rights, lines = rights_of(unit), dict[int, str]()
    shut = frozenset(key for key in wanted if rights.field_mask(object_key, key))
    for row in found.rows:
        texts = [_text(found.slots[key], row, locale, shut) for key in wanted]
        lines[row[found.id_index]] = " · ".join(text for text in texts if text)
    return lines


def _text(slot: Any, row: Any, locale: Any, shut: frozenset[str]) -> str:
    """Give a fact as text; of a covered one its ends."""
    text = str(slot.field.type.text(slot.value(row), slot.field.definition, locale))
    return covered(text, slot.field) if text and slot.field.key in shut else text


ROUTES = [offer_records, offer_regions]
