"""Lines of records that were read, for the API, the screens and exports: one query for a page."""

from collections.abc import Mapping, Sequence

from engine.access.roles import rights_of
from engine.fields.line_items import MOST_LINES
from engine.query.listing import ListRequest, Page, read_page
from engine.query.rows import Row
from engine.records.line_plans import LinePlan
from engine.records.read import visible_fields
from engine.storage.snapshot import Unit
from metadata.conditions import Test

UNSAID = frozenset({"created_at", "created_by", "updated_at", "updated_by"})
"""What the record itself tells of all its lines."""


def line_columns(unit: Unit, plan: LinePlan) -> tuple[str, ...]:
    """Give the fields of a line that the actor may read, in display order."""
    return tuple(
        key
        for key in visible_fields(unit, plan.child)
        if key not in UNSAID and key not in (plan.link, plan.order)
    )


def lines_of(
    unit: Unit, plan: LinePlan, record_ids: Sequence[int]
) -> tuple[Page, Mapping[int, list[Row]]]:
    """Read the lines of records which the actor was let read, each in its order.

    Returns:
        The page, whose slots say what stands where, and the rows by record.
    """
    request = ListRequest(
        object=plan.child,
        columns=(*line_columns(unit, plan), plan.link),
        where=Test(plan.link, "in", list(record_ids)),
        sort=(plan.order,) if plan.order else ("id",),
        limit=max(1, len(record_ids)) * MOST_LINES,
    )
    page = read_page(unit, rights_of(unit).within_parent(plan.child), request)
    slot = page.slots[plan.link]
    found: dict[int, list[Row]] = {}
    for row in page.rows:
        found.setdefault(row[slot.index], []).append(row)
    return page, found
