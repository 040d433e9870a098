"""A field that follows another one, in the hand of a person: he overrides it, or lets it follow.

Whoever gives a value that differs from what stands there makes it his own; whoever empties the
field, or gives what the followed field says anyway, lets it follow again. Where the document says
what such a value means for other fields, those are set in the same save.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.derived.fill import fill
from engine.derived.following import Follower, followers
from engine.errors import InvalidValue
from engine.formulas.moment import moment_of
from engine.history.write import FieldChange
from engine.query.paths import expression_of
from engine.query.programs import decoder
from engine.records.shape import Shape
from engine.records.writing import Faults
from engine.storage.snapshot import Unit
from metadata.computed import overridden
from metadata.model import EMPTY


@dataclass(slots=True)
class Hand:
    """Values on their way into a record.

    Attributes:
        new: the whole record as it shall be, in stored form; it is changed.
        old: as it is stored; None for a new one.
        facts: what else is known of it, such as when it was made.
    """

    new: dict[str, Any]
    old: Mapping[str, Any] | None = None
    facts: Mapping[str, Any] = EMPTY

    def differs(self, key: str) -> bool:
        """Tell whether a value was given that does not stand there."""
        return self.new.get(key) != (self.old or EMPTY).get(key)


def take_over(
    unit: Unit, shape: Shape, hand: Hand, faults: Faults, may_set: frozenset[str] | None = None
) -> None:
    """Note which following fields somebody overrides or lets follow, and set what that means.

    Args:
        unit: the transaction.
        shape: the object.
        hand: the values; sums over lines that are saved with them stand in them already.
        faults: gets what is wrong with what a value means for other fields.
        may_set: the fields that the person may set; None: any.
    """
    if not shape.following:
        return
    typed = [one for one in followers(unit.snapshot, shape.bound) if _is_typed(hand, one)]
    if not typed:
        return
    whole = {**hand.facts, **hand.new}
    changed = None
    if hand.old is not None:
        changed = [key for key in hand.new if hand.differs(key)]
    fill(unit, shape.bound, whole, changed)
    for one in typed:
        given = {one.key, one.flag, *_explain(unit, shape, hand, (one, whole), faults, may_set)}
        fill(unit, shape.bound, whole, given)
        if whole[one.source] == whole[one.key]:
            hand.new[one.flag] = whole[one.flag] = False


def to_undo(shape: Shape, keys: Iterable[str], changes: Sequence[FieldChange]) -> dict[str, Any]:
    """Give what brings fields back that a change set: field id -> old value, in API form.

    What followed another field until then shall follow it again; what a value meant for other
    fields goes back with it.
    """
    known = {one.field_id: one for one in changes}
    found: dict[str, Any] = {}
    for key in [key for key in keys if key in shape.fields]:
        follows = shape.fields[key].definition.follows
        for name in (*(follows.sets if follows is not None else ()), key):
            told = known.get(shape.fields[name].id)
            if told is not None:
                found.setdefault(str(told.field_id), told.old)
        flag = known.get(shape.fields[overridden(key)].id) if follows is not None else None
        if flag is not None and not flag.old:
            found[str(shape.fields[key].id)] = None
    return found


def _is_typed(hand: Hand, one: Follower) -> bool:
    """Decide by what was given who has the say, and tell whether it is a person's value."""
    if hand.old is None:
        if hand.new.get(one.flag) is None:
            hand.new[one.flag] = hand.new.get(one.key) is not None
        return bool(hand.new[one.flag])
    if hand.differs(one.flag) or not hand.differs(one.key):
        return False  # a trusted caller said it himself, or nobody gave anything
    hand.new[one.flag] = hand.new[one.key] is not None
    if not hand.new[one.flag]:
        hand.new[one.key] = hand.old.get(one.key)  # until it follows, a moment later
    return bool(hand.new[one.flag])


def _explain(
    unit: Unit,
    shape: Shape,
    hand: Hand,
    place: tuple[Follower, dict[str, Any]],
    faults: Faults,
    may_set: frozenset[str] | None,
) -> list[str]:
    """Set what a value means for other fields; gives those that were set."""
    one, whole = place
    given = []
    for key, made in meant(unit, shape, one.key, whole).items():
        target = shape.fields[key]
        if may_set is not None and key not in may_set:
            faults.add(one.key, "readonly")
            continue
        try:
            target.type.parse(target.type.api(made, target.definition), target.definition)
        except InvalidValue as error:
            faults.add_value(key, error)
            continue
        hand.new[key] = whole[key] = made
        given.append(key)
    return given


def meant(unit: Unit, shape: Shape, key: str, whole: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields that the value of a following one means another value for."""
    follows = shape.fields[key].definition.follows
    found = {}
    for name, expr in (follows.sets if follows is not None else EMPTY).items():
        made = _made(unit, shape, (key, name, expr), whole)
        if made is not None and made != whole.get(name):
            found[name] = made
    return found


def _made(unit: Unit, shape: Shape, place: tuple[str, str, str], whole: Mapping[str, Any]) -> Any:
    """Compute what a value of a field means for another one."""
    key, name, expr = place
    snapshot, target = unit.snapshot, shape.fields[name]
    language = snapshot.site.languages[0]
    program = snapshot.once(
        ("explains", shape.key, key, name),
        lambda: expression_of(snapshot, shape.bound, target, expr),
    )
    row = [
        decoder(shape.bound.fields[path], language)(whole.get(path))
        for path in program.formula.paths
    ]
    return program.compute(row, moment_of(unit.context))
