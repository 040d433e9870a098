"""What an import's result keeps beside its counts: rows to show, and ids to take back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.exchange.chunk import Result
from engine.exchange.order import Order
from engine.exchange.sheet import Cell
from engine.fields.clean import cell_text
from engine.records.labels import labels_of
from engine.storage.snapshot import BoundField, Unit

MOST_SHOWN = {"created": 8, "updated": 8, "skipped": 4, "failed": 12}
MOST_LINES_SHOWN = 5
LONGEST_TEXT = 80
ROWS, HEADERS, CREATED = "rows", "headers", "created"


def note(
    unit: Unit,
    result: dict[str, Any],
    order: Order,
    header: Sequence[str],
    results: Sequence[Result],
) -> None:
    """Add one chunk to the result of an import: to look at when tried, to undo when done."""
    if order.dry_run:
        result[HEADERS] = [header[at] for at, key in enumerate(order.columns) if key]
        _show(unit, result.setdefault(ROWS, []), order, results)
    else:
        ids = sorted(found.record for found in results if found.became == "created")
        result[CREATED] = add_ranges(result.get(CREATED, []), ids)


def created_ids(result: Mapping[str, Any]) -> list[int]:
    """Give the ids of the records that an import made."""
    return numbers_in(result.get(CREATED, []))


def _show(unit: Unit, rows: list[dict[str, Any]], order: Order, results: Iterable[Result]) -> None:
    shown = {became: sum(row["became"] == became for row in rows) for became in MOST_SHOWN}
    for result in results:
        if shown[result.became] >= MOST_SHOWN[result.became]:
            continue
        line, before = result.line, _before(unit, order, result)
        for number, given in [(line.number, line.cells), *line.rest[:MOST_LINES_SHOWN]]:
            rows.append(
                {
                    "row": number,
                    "became": result.became,
                    "cells": _texts(given, order),
                    "before": before if number == line.number else {},
                }
            )
        shown[result.became] += 1 + len(line.rest[:MOST_LINES_SHOWN])


def _texts(given: Sequence[Cell], order: Order) -> list[str]:
    cells = [*given, *[None] * len(order.columns)]
    return [
        str(cell_text(cells[at]) if cells[at] is not None else "")[:LONGEST_TEXT]
        for at, key in enumerate(order.columns)
        if key
    ]


def _before(unit: Unit, order: Order, result: Result) -> dict[str, str]:
    if result.became != "updated":
        return {}
    fields = unit.snapshot.object(order.object).fields
    return {
        key: _text(unit, fields[key], stored)[:LONGEST_TEXT]
        for key, stored in result.before.items()
        if stored is not None
    }


def _text(unit: Unit, field: BoundField, stored: Any) -> str:
    if field.type.labelled:
        named = field.type.named(stored, field.definition)
        stored = field.type.with_names(stored, field.definition, labels_of(unit, named))
    return field.type.text(stored, field.definition, unit.context.locale)


def add_ranges(ranges: Iterable[Sequence[int]], ids: Iterable[int]) -> list[list[int]]:
    """Give ranges (first, last) with ids added at their end."""
    found = [list(pair) for pair in ranges]
    for number in ids:
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


def numbers_in(ranges: Iterable[Sequence[int]]) -> list[int]:
    """Give every id in some ranges."""
    return [number for first, last in ranges for number in range(first, last + 1)]
