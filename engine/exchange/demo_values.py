"""Sample values of one record: by the types' own samples, made to agree with each other."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Any

from engine.context import Locale
from engine.errors import InvalidValue
from engine.fields import region_names
from engine.fields.base import SampleWorld
from engine.storage.snapshot import BoundField, BoundObject
from metadata.model import FieldDef

FILLED = 0.75
APPOINTED = 0.3
"""How often a field without a hint, and an appointment to come, is filled."""
RECENT_DAYS = 5
"""A record is made within days of what it tells of."""
HINTLESS = frozenset(
    {
        "text", "long_text", "rich_text", "integer", "decimal", "percent", "date", "datetime",
        "date_range",
    }
)  # fmt: skip
"""Types that without a hint only make noise: filled where a document demands it."""
COMPANY = "company_name"
CITY = 2
"""The names of sample companies begin with a city of so many characters."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a sample record came to be, and what draws its values."""

    random: Random
    locale: Locale
    now: datetime
    made: datetime
    row: int


def sample_values(bound: BoundObject, moment: Moment) -> dict[str, Any]:
    """Make raw values for the fields that people fill, links aside."""
    values: dict[str, Any] = {}
    said: dict[str, Any] = {}
    for field in bound.fields.values():
        if not _is_filled(field, moment.random):
            continue
        hint = field.definition.sample
        if isinstance(hint, str) and hint in said and not field.definition.unique:
            values[field.key] = said[hint]
            continue
        value = _sample(field, moment)
        if value is None:
            continue
        values[field.key] = value
        if isinstance(hint, str) and field.type.key == "phone":
            said[hint] = value
    _order_dates(bound, values)
    _place(bound, values, moment.random)
    return values


def stands_alone(bound: BoundObject) -> bool:
    """Tell whether the names of an object's samples mean something without what they belong to."""
    return bool(bound.name.definition.sample != "title")


def _is_filled(field: BoundField, random: Random) -> bool:
    definition, kind = field.definition, field.type.key
    if definition.readonly or not field.type.fillable or field.type.labelled:
        return False
    if definition.follows is not None and definition.sample is None:
        return False
    if definition.required or definition.required_if is not None:
        return True
    if definition.sample is not None:
        often = APPOINTED if kind == "datetime" else (1 + FILLED) / 2
        return random.random() < often
    silent = kind in HINTLESS or definition.system or definition.default is not None
    return not silent and random.random() < FILLED


def _sample(field: BoundField, moment: Moment) -> Any:
    definition = field.definition
    world = SampleWorld(moment.random, moment.locale, moment.now, moment.row)
    if field.type.columns(definition)[0].kind == "date":
        world = replace(world, now=moment.made)
        definition = _near(definition)
    return field.type.sample(world, definition)


def _near(definition: FieldDef) -> FieldDef:
    """Give a date in the past that is near the record's own: its span is that of the records."""
    hint = definition.sample if isinstance(definition.sample, Mapping) else {}
    if "days_ahead" in hint:
        return definition
    days = min(int(hint.get("days_ago", RECENT_DAYS)), RECENT_DAYS)
    return replace(definition, sample={"days_ago": days})


def _order_dates(bound: BoundObject, values: dict[str, Any]) -> None:
    """Let the days of a record follow each other as its fields do."""
    for ahead in (False, True):
        keys = [
            key
            for key in values
            if bound.fields[key].type.key == "date"
            and ("days_ahead" in (bound.fields[key].definition.sample or {})) == ahead
        ]
        for key, day in zip(keys, sorted(values[key] for key in keys), strict=True):
            values[key] = day


def _place(bound: BoundObject, values: dict[str, Any], random: Random) -> None:
    """Let the region of a record be where its company's name says."""
    name = next(
        (values[key] for key in values if bound.fields[key].definition.sample == COMPANY), None
    )
    if not isinstance(name, str):
        return
    for key in values:
        field = bound.fields[key]
        if not field.type.within:
            continue
        for length in (CITY, CITY + 1):
            try:
                code = field.type.parse(name[:length], field.definition)
            except InvalidValue:
                continue
            depth = int(field.definition.props.get("depth", len(region_names.LEVELS)))
            values[key] = _deeper(code, depth, random)
            break


def _deeper(code: str, depth: int, random: Random) -> str:
    while len(code) < region_names.LEVELS[depth - 1]:
        below = region_names.children(code, depth)
        if not below:
            break
        code = random.choice(below).code
    return code
