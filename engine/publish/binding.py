"""From a compiled site and the ledger to a snapshot that requests can read."""

from collections.abc import Mapping

from engine.fields.base import FieldType
from engine.storage.ledger import Ledger
from engine.storage.snapshot import BoundObject, Snapshot
from engine.storage.tables import bind_object
from metadata.model import Site


def bind_site(
    number: int,
    site: Site,
    ledger: Ledger,
    types: Mapping[str, FieldType],
    previous: Snapshot | None = None,
) -> Snapshot:
    """Bind every object of ``site`` to its table.

    An object that is the same in ``previous`` (by identity) keeps its table, so that a publish
    costs what it changes. A field's place in the ledger never changes while its definition
    stands, but uniqueness may: that is part of the definition.
    """
    objects: dict[str, BoundObject] = {}
    for key, definition in site.objects.items():
        old = previous.objects.get(key) if previous is not None else None
        if old is not None and old.definition is definition and not _building(old):
            objects[key] = old
        else:
            objects[key] = bind_object(definition, ledger[key], types)
    return Snapshot(number=number, site=site, objects=objects)


def _building(bound: BoundObject) -> bool:
    """Tell whether a job was to prove something: the ledger may say by now that it has."""
    return any(field.unproven for field in bound.fields.values())
