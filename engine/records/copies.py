"""Values that come along when a link is chosen: the link's ``copies``, target key to source path.

They come once, in the moment of choosing, and only what the acting person may read comes.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from engine.errors import Forbidden, InvalidValue, UnknownField
from engine.fields.base import unlabelled
from engine.query.listing import Page
from engine.records.read import some
from engine.records.shape import Shape
from engine.storage.snapshot import BoundField, Unit

TEXTS = frozenset({"text", "long_text"})


def copied(
    unit: Unit, shape: Shape, given: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Give the values that the links chosen now bring.

    Args:
        unit: the call.
        shape: the object.
        given: stored values that are being saved; what is among them is never overwritten.
        before: the record as it is stored; None for a new one. A field that people may set and
            that holds something keeps it.

    Returns:
        Field key -> stored value.
    """
    found: dict[str, Any] = {}
    for key, copies in _plans(unit, shape).items():
        chosen = given.get(key)
        if chosen is None or (before is not None and before.get(key) == chosen):
            continue
        wanted = {
            here: there
            for here, there in copies.items()
            if here not in given and _is_free(shape.fields[here], before)
        }
        found.update(_read(unit, shape, key, chosen, wanted))
    return found


def copied_into(unit: Unit, shape: Shape) -> frozenset[str]:
    """Give the links that bring values along."""
    return frozenset(_plans(unit, shape))


def _is_free(field: BoundField, before: Mapping[str, Any] | None) -> bool:
    return before is None or field.definition.readonly or before.get(field.key) is None


def _read(
    unit: Unit, shape: Shape, link: str, stored: Any, wanted: Mapping[str, str]
) -> dict[str, Any]:
    ((target, record_id),) = shape.named(link, stored)
    found: dict[str, Any] = {}
    for page in _pages(unit, target, record_id, tuple(dict.fromkeys(wanted.values()))):
        for row, (here, there) in product(page.rows, wanted.items()):
            if there in page.slots:
                slot = page.slots[there]
                found[here] = _fitting(unit, slot.field, slot.value(row), shape.fields[here])
    return found


def _pages(unit: Unit, target: str, record_id: int, paths: Sequence[str]) -> Iterator[Page]:
    """Read what may be read: all at once, else one by one."""
    if not paths:
        return
    try:
        yield some(unit, target, [record_id], paths)
    except (Forbidden, UnknownField):
        for path in paths if len(paths) > 1 else ():
            yield from _pages(unit, target, record_id, (path,))


def _fitting(unit: Unit, source: BoundField, value: Any, field: BoundField) -> Any:
    """Give a value as another field stores it; None where it cannot hold it.

    A text takes what people see of the other value: the label of an option, the name of a record.
    """
    plain = unlabelled(value)
    if plain is None:
        return None
    raw = source.type.kept(plain, source.definition)
    if field.type.key in TEXTS:
        raw = source.type.text(value, source.definition, unit.context.locale)
    try:
        return field.type.parse(raw, field.definition)
    except InvalidValue:
        return None


def _plans(unit: Unit, shape: Shape) -> Mapping[str, Mapping[str, str]]:
    return unit.snapshot.once(
        ("copies", shape.key),
        lambda: {
            key: {
                here: str(there)
                for here, there in (shape.fields[key].definition.props.get("copies") or {}).items()
                if here in shape.fields
            }
            for key in shape.links
            if shape.fields[key].definition.props.get("copies")
        },
    )
