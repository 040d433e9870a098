"""Options that a pack removed: their records get the option that the manifest names instead.

Runs after the publish, a few records in each transaction; what a crash leaves is done next time.
"""

from collections.abc import Iterator

from sqlalchemy import select

from engine.context import SYSTEM, Context
from engine.publish.live import LiveSite
from engine.records.change import change
from engine.records.writing import Writing
from engine.storage.snapshot import BoundField, Unit

A_TURN = 200
"""Records of one transaction: people are not kept waiting."""
TRUSTED = Writing(system_fields=True, unversioned=True, check_links=False)


def remap_options(live: LiveSite) -> int:
    """Give records another option for each that the served packs removed; tells how many."""
    context = Context(actor=SYSTEM, now=live.clock())
    count = 0
    while True:
        with live.write(context) as unit:
            done = sum(_turn(unit, *one) for one in _removed(unit))
        count += done
        if not done:
            return count


def _removed(unit: Unit) -> Iterator[tuple[str, BoundField, str, str]]:
    """Walk the fields with a removed option: object, field, old option, new option."""
    for pack in unit.snapshot.site.packs.values():
        for name, rule in (pack.removed.get("options") or {}).items():
            owner, _, key = name.partition(".")
            for bound in unit.snapshot.objects.values():
                for field in bound.fields.values():
                    if field.definition.options_from == owner:
                        yield bound.key, field, key, rule["remap"]


def _turn(unit: Unit, object_key: str, field: BoundField, old: str, new: str) -> int:
    table = unit.snapshot.object(object_key).table
    living = table.c.deleted_at.is_(None)
    if field.side is None:
        found = select(table.c.id, field.column).where(field.column == old, living)
    else:
        side = field.side
        holders = select(side.c.record_id).where(side.c.value == old)
        found = select(table.c.id, field.column).where(table.c.id.in_(holders), living)
    rows = unit.connection.execute(found.order_by(table.c.id).limit(A_TURN)).all()
    for record_id, value in rows:
        many = field.side is not None
        wanted = [new if one == old else one for one in value] if many else new
        given = {field.key: list(dict.fromkeys(wanted)) if many else wanted}
        change(unit, object_key, record_id, given, version=None, writing=TRUSTED)
    return len(rows)
