"""What the documents demand of single fields: shown, needed, fixed, which options; in one place.

Forms ask it for what they show while somebody types, the write gateway for what it lets through.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.records.evaluate import Check, Ground, compose_check, fields_of, seen_through
from engine.records.shape import Shape
from engine.records.writing import Faults
from engine.storage.snapshot import Unit
from metadata.conditions import Node
from metadata.model import EMPTY, say


@dataclass(frozen=True, slots=True)
class When:
    """A condition on the record, with the fields it reads."""

    check: Check
    reads: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The conditions of an object's fields, composed once per version.

    ``options``: field -> option -> when it is offered; options without an entry always are.
    """

    shown: Mapping[str, When]
    needed: Mapping[str, When]
    fixed: Mapping[str, When]
    options: Mapping[str, Mapping[str, When]]

    @property
    def reads(self) -> frozenset[str]:
        """Give the fields that decide about others."""
        groups = [self.shown.values(), self.needed.values(), self.fixed.values()]
        groups += [found.values() for found in self.options.values()]
        return frozenset(key for group in groups for when in group for key in when.reads)


@dataclass(frozen=True, slots=True)
class FieldState:
    """What the rules make of a field on a record; ``closed``: options not offered now."""

    shown: bool = True
    needed: bool = False
    fixed: bool = False
    closed: frozenset[str] = frozenset()


PLAIN = FieldState()


def rulebook_of(unit: Unit, shape: Shape) -> Rulebook:
    """Give the rulebook of an object."""
    return unit.snapshot.once(("rulebook", shape.key), lambda: _compose(unit, shape))


def states_of(unit: Unit, shape: Shape, values: Mapping[str, Any]) -> dict[str, FieldState]:
    """Tell what the rules make of each field of a record; fields without rules are left out."""
    book, ground = rulebook_of(unit, shape), Ground(unit, values)
    keys = {*book.shown, *book.needed, *book.fixed, *book.options}
    return {
        key: FieldState(
            shown=_holds(book.shown, key, ground, usual=True),
            needed=_holds(book.needed, key, ground, usual=False),
            fixed=_holds(book.fixed, key, ground, usual=False),
            closed=closed_options(book, key, ground),
        )
        for key in keys
    }


def state_of(unit: Unit, shape: Shape, key: str, values: Mapping[str, Any]) -> FieldState:
    """Tell what the rules make of one field."""
    return states_of(unit, shape, values).get(key, PLAIN)


def closed_options(book: Rulebook, key: str, ground: Ground) -> frozenset[str]:
    """Give the options of a field that are not offered for a record."""
    conditions = book.options.get(key, {})
    return frozenset(option for option, when in conditions.items() if not when.check(ground))


def settle(
    unit: Unit,
    shape: Shape,
    new: dict[str, Any],
    old: Mapping[str, Any],
    facts: Mapping[str, Any] = EMPTY,
) -> None:
    """Give fields that the rules hide on the new record the value they had before.

    Taking one back may hide others, so it goes on until nothing changes; a field that went back
    stays back, which ends it. ``facts``: what else is known of the record, such as its id.
    """
    shown = rulebook_of(unit, shape).shown
    for _ in range(len(shown)):
        ground = Ground(unit, {**facts, **new})
        back = [
            key
            for key, when in shown.items()
            if new.get(key) != old.get(key) and not when.check(ground)
        ]
        if not back:
            return
        for key in back:
            new[key] = old.get(key)


def check_states(
    unit: Unit,
    shape: Shape,
    new: Mapping[str, Any],
    old: Mapping[str, Any],
    faults: Faults,
    free: frozenset[str] = frozenset(),
) -> None:
    """Refuse values of fields that the rules keep as they are, and options not offered.

    Args:
        unit: the transaction.
        shape: the object.
        new: the whole record as it would be stored.
        old: as it is stored, or as a new one begins; what it holds stays allowed.
        faults: gets what is wrong.
        free: fields that may change although a rule fixes them.
    """
    book = rulebook_of(unit, shape)
    if not book.fixed and not book.options:
        return
    ground = Ground(unit, new)
    for key, when in book.fixed.items():
        if key in free:
            continue
        if new.get(key) != old.get(key) and not faults.has(key) and when.check(ground):
            faults.add(key, "readonly")
    for key in book.options:
        if new.get(key) == old.get(key) or faults.has(key):
            continue
        closed = closed_options(book, key, ground)
        for option in sorted(_chosen(new.get(key)) & closed - _chosen(old.get(key))):
            known = shape.fields[key].definition.options.get(option)
            language = unit.context.locale.language
            label = say(known.label, language) if known else option
            faults.add(key, "option_not_offered", option=label)
            break


def _chosen(value: Any) -> frozenset[str]:
    if value is None:
        return frozenset()
    return frozenset(value) if isinstance(value, tuple) else frozenset({value})


def _holds(book: Mapping[str, When], key: str, ground: Ground, *, usual: bool) -> bool:
    when = book.get(key)
    return usual if when is None else when.check(ground)


def _compose(unit: Unit, shape: Shape) -> Rulebook:
    fields = [field.definition for field in shape.fields.values()]

    def gather(nodes: Mapping[str, Node | None]) -> dict[str, When]:
        return {
            key: When(
                compose_check(unit.snapshot, shape.bound, node),
                seen_through(unit.snapshot, shape.bound, fields_of(node)),
            )
            for key, node in nodes.items()
            if node is not None
        }

    return Rulebook(
        shown=gather({one.key: one.visible_if for one in fields}),
        needed=gather({one.key: one.required_if for one in fields}),
        fixed=gather({one.key: one.readonly_if for one in fields}),
        options={one.key: gather(one.options_if) for one in fields if one.options_if},
    )
