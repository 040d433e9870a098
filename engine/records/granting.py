"""Whose roles may become what, whichever verb writes them: edit, action, undo, import, default."""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.access.granting import ungrantable
from engine.records.shape import Shape
from engine.records.writing import Faults
from engine.storage.snapshot import Unit

ROLE_OPTIONS = "role"
"""The option set of the role documents: a field of it says what a person may do."""


def role_fields(shape: Shape) -> frozenset[str]:
    """Give the fields that hold roles."""
    fields = shape.fields.values()
    return frozenset(f.key for f in fields if f.definition.options_from == ROLE_OPTIONS)


def check_granting(
    unit: Unit,
    fields: Iterable[str],
    new: Mapping[str, Any],
    old: Mapping[str, Any] | None,
    faults: Faults,
) -> None:
    """Refuse roles that come or go by the hand of somebody who holds less than they do.

    Args:
        unit: the transaction.
        fields: those that hold roles, see `role_fields`.
        new: stored values as they would be; what is missing does not change.
        old: the stored values of the record that is changed.
        faults: gets what is wrong.
    """
    for key in fields:
        if key not in new or faults.has(key):
            continue
        before = set((old or {}).get(key) or ())
        refused = ungrantable(unit, sorted(set(new[key] or ()) ^ before))
        if refused:
            faults.add(key, "role_not_held", roles=", ".join(refused))
