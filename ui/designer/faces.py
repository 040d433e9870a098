"""How field types appear to somebody who builds: icon, and what a new field starts as."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.fields.registry import COMPUTED_TYPES, FIELD_TYPES

NO_ICON = "square"


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """A type in the palette. ``start``: own properties of a new field; ``options``: how many."""

    icon: str
    start: Mapping[str, Any] = field(default_factory=dict)
    options: int = 0


FACES: Mapping[str, Face] = {
    "text": Face(icon="type", start={"max_length": 100}),
    "long_text": Face(icon="text-align-start", start={"max_length": 2000}),
    "rich_text": Face(icon="letter-text"),
    "integer": Face(icon="hash"),
    "decimal": Face(icon="decimals-arrow-right", start={"scale": 2}),
    "percent": Face(icon="percent", start={"scale": 2}),
    "money": Face(icon="banknote", start={"scale": 2, "currency": "CNY"}),
    "boolean": Face(icon="toggle-right"),
    "date": Face(icon="calendar"),
    "datetime": Face(icon="calendar-clock"),
    "date_range": Face(icon="calendar-range"),
    "select": Face(icon="circle-dot", options=2),
    "multi_select": Face(icon="list-checks", options=2),
    "tags": Face(icon="tags", start={"allow_new": True}),
    "phone": Face(icon="phone", start={"country": "CN"}),
    "email": Face(icon="mail"),
    "url": Face(icon="globe"),
    "region": Face(icon="map-pin", start={"depth": 3}),
    "user": Face(icon="user-round"),
    "users": Face(icon="users-round"),
    "department": Face(icon="network"),
    "link": Face(icon="link", start={"on_delete": "clear"}),
    "links": Face(icon="waypoints"),
    "any_link": Face(icon="workflow"),
    "line_items": Face(icon="table"),
    "file": Face(icon="paperclip", start={"many": True}),
    "image": Face(icon="image"),
    "auto_number": Face(icon="list-ordered"),
    "formula": Face(icon="square-function", start={"returns": "text"}),
    "roll_up": Face(icon="sigma", start={"agg": "count"}),
}


def icon_of(field_type: str) -> str:
    """Give the name of a type's icon."""
    face = FACES.get(field_type)
    return face.icon if face is not None else NO_ICON


def palette() -> tuple[str, ...]:
    """Give the types that one can add, in the order of the palette."""
    known = [key for key in FACES if key in FIELD_TYPES or key in COMPUTED_TYPES]
    return tuple(known)
