"""A field that follows another one, in a form: who decides its value, and the way back.

Beside the control stands what the followed field says, as one would type it. What is sent and is
just that was not typed: the field follows. So a total that moves on while the form is open never
becomes somebody's own value, and without JavaScript neither.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from engine.derived.following import Follower, followers
from engine.errors import InvalidValue
from engine.records.line_sums import reckoned
from engine.records.overriding import meant
from engine.records.shape import shape_of
from engine.storage.snapshot import BoundField, BoundObject, Unit
from metadata.model import say
from ui.widgets.base import Asked, Form, last
from ui.widgets.registry import widget_of

BASE, OWN = ".follows", ".own"
"""After the name of the field: what the followed one says, and that the record overrides it."""
CHANGED = "_changed"
AGAIN = "_follow"
"""The name of the button that lets a field follow again; its value is the field."""


class Said(Enum):
    """What a form says of a following field: nothing, that it follows, or a value."""

    NOTHING = auto()
    FOLLOWS = auto()
    VALUE = auto()


@dataclass(frozen=True, slots=True)
class FollowView:
    """What stands below the control of a following field.

    Attributes:
        base: what the followed field says, as one would type it.
        own: the value is somebody's.
        stored_own: so it is in the stored record.
        source: the name of the followed field.
        text: what it says, as people read it.
    """

    base: str
    own: bool
    stored_own: bool
    source: str
    text: str


def said(form: Form, key: str) -> Said:
    """Tell what a form says of a following field."""
    raw, base = last(form, key, None), last(form, key + BASE, None)
    if raw is None:
        return Said.NOTHING
    return Said.FOLLOWS if str(raw).strip() in ("", base) else Said.VALUE


def is_untouched(field: BoundField, form: Form) -> bool:
    """Tell whether a form leaves a following field as the record has it: following."""
    if field.definition.follows is None or field.key + BASE not in form:
        return False
    return said(form, field.key) is Said.FOLLOWS and not last(form, field.key + OWN)


def released(field: BoundField, form: Form) -> bool:
    """Tell whether a form lets a field follow again that the record overrides."""
    held = field.definition.follows is not None and bool(last(form, field.key + OWN))
    return held and said(form, field.key) is Said.FOLLOWS


def let_follow(form: Form) -> Form | None:
    """Give the form as the button made it; None when it was sent for something else."""
    key = last(form, AGAIN, None)
    return None if key is None else {**form, str(key): [""]}


def settle_following(
    unit: Unit, bound: BoundObject, values: dict[str, Any], form: Form, held: Mapping[str, Any]
) -> None:
    """Let following fields follow while somebody types, as a save would, and all that reads them.

    Args:
        unit: the call.
        bound: the object of the record.
        values: what the form holds, sums of its lines too; it is changed.
        form: the form.
        held: what the record holds by now.
    """
    changed = str(last(form, CHANGED))
    for one in followers(unit.snapshot, bound):
        values |= reckoned(unit, bound, values, held)
        own = _is_own(unit, bound, (one, values), form)
        if own and one.explained and changed == one.key:
            found = meant(unit, shape_of(unit, bound.key), one.key, values)
            values |= {key: made for key, made in found.items() if _fits(bound.fields[key], made)}
        values[one.flag] = own
        if not own:
            values[one.key] = values.get(one.source)
    values |= reckoned(unit, bound, values, held)


def _fits(field: BoundField, made: Any) -> bool:
    """Tell whether a field takes a value; a save tells why it does not."""
    try:
        field.type.parse(field.type.api(made, field.definition), field.definition)
    except InvalidValue:
        return False
    return True


def _is_own(
    unit: Unit, bound: BoundObject, place: tuple[Follower, Mapping[str, Any]], form: Form
) -> bool:
    one, values = place
    found = said(form, one.key)
    if found is Said.NOTHING:
        return one.is_own(values)
    if found is Said.FOLLOWS or values.get(one.key) is None:
        return False
    if not one.explained or str(last(form, CHANGED)) == one.key:
        return True
    # What was typed stands until the followed value is another one.
    base = entered(unit, bound.fields[one.key], values.get(one.source))
    return base == str(last(form, one.key + BASE))


def entered(unit: Unit, field: BoundField, stored: Any) -> str:
    """Give a value as one would type it."""
    control = widget_of(field.definition).control(
        field.definition, unit.context.locale, Asked(stored=stored)
    )
    return control.inside.value


def follow_view(
    unit: Unit,
    bound: BoundObject,
    key: str,
    values: Mapping[str, Any],
    stored: Mapping[str, Any] | None,
) -> FollowView | None:
    """Draw what stands below a following field; None below others.

    Args:
        unit: the call.
        bound: the object of the record.
        key: the field.
        values: the record as the form shows it.
        stored: the record that is changed; None for a new one.
    """
    for one in followers(unit.snapshot, bound):
        if one.key == key:
            source, locale = bound.fields[one.source], unit.context.locale
            value = values.get(one.source)
            return FollowView(
                base=entered(unit, bound.fields[key], value),
                own=one.is_own(values),
                stored_own=stored is not None and one.is_own(stored),
                source=say(source.definition.label, locale.language),
                text=source.type.text(value, source.definition, locale),
            )
    return None


def live_inputs(
    unit: Unit, bound: BoundObject, values: Mapping[str, Any], form: Form
) -> dict[str, dict[str, Any]]:
    """Give the inputs of a form that follow what was typed: field -> what the script sets."""
    changed = str(last(form, CHANGED))
    found: dict[str, dict[str, Any]] = {}
    for one in followers(unit.snapshot, bound):
        field = bound.fields[one.key]
        view = follow_view(unit, bound, one.key, values, None)
        if view is None or one.key not in form:
            continue
        value = entered(unit, field, values.get(one.key))
        found[one.key] = {"value": value, "base": view.base, "own": view.own, "text": view.text}
        follows = field.definition.follows
        for name in follows.sets if follows is not None and changed == one.key else ():
            found[name] = {"value": entered(unit, bound.fields[name], values.get(name))}
    return found
