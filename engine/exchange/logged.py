"""What the system log tells of an export, and of somebody who takes away unusually much."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from sqlalchemy import select

from engine.audit.deeds import log_deed
from engine.storage.audit_tables import system_log
from engine.storage.snapshot import Unit

EXPORT = "export"
"""The kind of jobs that write files."""
USUAL_A_DAY = 50_000
"""Rows that one person may export in a day before administrators are told."""
MADE = ("export.made", "export.log_made")
UNUSUAL = "export.unusual"


def log_export(
    unit: Unit, about: str, told: Mapping[str, Any], *, deed: str, most_a_day: int
) -> None:
    """Log an export in the transaction that keeps its file; ``unit`` is of who ordered it.

    Args:
        unit: that transaction.
        about: what was exported: the key of an object or of a log.
        told: ``rows`` and whatever describes the export.
        deed: one of `MADE`.
        most_a_day: rows of one person in a day from which on it is unusual; 0: nothing is.
    """
    before = _rows_today(unit)
    log_deed(unit.connection, unit.context, deed, about, told)
    after = before + int(told["rows"])
    if most_a_day and before <= most_a_day < after:
        details = {"rows": after, "most": most_a_day}
        log_deed(unit.connection, unit.context, UNUSUAL, about, details, marked=True)


def _rows_today(unit: Unit) -> int:
    """Add up what the actor has exported since his day began."""
    context = unit.context
    begin = datetime.combine(context.today, time(), context.locale.zone)
    mine = select(system_log.c.details).where(
        system_log.c.by == context.actor.user_id,
        system_log.c.at >= begin,
        system_log.c.deed.in_(MADE),
    )
    return sum(int(details.get("rows", 0)) for details in unit.connection.scalars(mine))
