"""The doctor: looks whether the database, the ledger and the served version agree."""

import sqlite3
from dataclasses import dataclass

from engine.context import Context
from engine.publish.drift import Finding, find_drift
from engine.publish.live import LiveSite
from engine.records.orphans import check_full_text, find_orphans
from engine.storage.ledger import read_ledger
from metadata.load import check_layers

WAL_FAULT = ((3, 7, 0), (3, 51, 2))
"""Versions of SQLite, first and last, that can lose the end of a log after a reset."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found. ``notes`` are worth knowing; nothing is wrong with the data."""

    version: int
    objects: int
    findings: tuple[Finding, ...]
    notes: tuple[Finding, ...]


def examine(live: LiveSite, context: Context) -> Diagnosis:
    """Examine the whole site; nothing is changed."""
    with live.read(context) as unit:
        ledger = read_ledger(unit.connection)
        findings = list(find_drift(unit.connection, unit.snapshot, ledger, live.types))
        if not findings:
            findings += find_orphans(unit)
        served, objects = unit.snapshot.number, len(unit.snapshot.objects)
        compiled = live.compiled
    with live.write(context) as unit:
        findings += check_full_text(unit)
    if compiled is not None:
        findings += [
            Finding("metadata", f"{one.document} {one.path}".strip(), {"problem": one.code})
            for one in check_layers(compiled.layers, live.types_of_metadata)
        ]
    return Diagnosis(served, objects, tuple(findings), tuple(_notes(live)))


def _notes(live: LiveSite) -> list[Finding]:
    first, last = WAL_FAULT
    linked = sqlite3.sqlite_version_info
    if live.database.dialect == "sqlite" and first <= linked <= last:
        return [Finding("sqlite_fault", sqlite3.sqlite_version, {})]
    return []
