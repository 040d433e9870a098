"""The doctor: looks whether the database, the ledger and the served version agree."""

import sqlite3
from dataclasses import dataclass
from datetime import timedelta

from engine.audit.sealing import unsealed
from engine.context import Context
from engine.publish.drift import Finding, find_drift
from engine.publish.live import LiveSite
from engine.records.orphans import check_full_text, find_orphans
from engine.storage.ledger import read_ledger
from metadata.load import check_layers

SEALING_LAG = timedelta(hours=1)
"""How old the oldest line of a log may be that is under no seal yet."""
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
    return Diagnosis(served, objects, tuple(findings), tuple(_notes(live, context)))


def _notes(live: LiveSite, context: Context) -> list[Finding]:
    notes = _unsealed(live, context)
    first, last = WAL_FAULT
    linked = sqlite3.sqlite_version_info
    if live.database.dialect == "sqlite" and first <= linked <= last:
        notes.append(Finding("sqlite_fault", sqlite3.sqlite_version, {}))
    return notes


def _unsealed(live: LiveSite, context: Context) -> list[Finding]:
    """Tell of logs whose sealing lags behind: until then a line could go without a trace."""
    with live.read(context) as unit:
        found = list(unsealed(unit.connection))
    return [
        Finding("unsealed", one.log, {"count": one.rows, "since": f"{one.since:%Y-%m-%d %H:%M}"})
        for one in found
        if one.since is not None and context.now - one.since > SEALING_LAG
    ]
