"""The plan of a draft: is it valid, what DDL it runs, what it touches. Nothing is changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sqlalchemy import Connection, func, select

from engine.derived.backfill import backfills
from engine.publish import ddl
from engine.publish.binding import bind_site
from engine.publish.conversion import Conversion, conversions
from engine.publish.deferred import complete, sizes_of
from engine.publish.draft import Draft
from engine.publish.live import LiveSite
from engine.publish.membership import lost_roles
from engine.publish.purging import Purge, gone_since, purges, with_purges
from engine.publish.steps import Deferral, Expansion, Step, expand
from engine.publish.store import read_layers, served_version
from engine.publish.widening import widened
from engine.storage.ledger import next_ids, read_ledger
from engine.storage.snapshot import BoundObject, Snapshot, Unit
from engine.storage.tables import bind_object
from metadata.errors import MetadataInvalid, Problem
from metadata.load import (
    Compiled,
    Conflict,
    Difference,
    Kept,
    Layers,
    apply_changes,
    asleep,
    conflicts,
    differences,
    expand_changes,
    kept,
    load_site,
    parse_changes,
    parse_layers,
    pinned,
    upgrade,
)
from metadata.model import Site
from metadata.usage import references_to


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step with its SQL, and how many records the object has now (nullable: none is touched)."""

    step: Step
    sql: str
    records: int


@dataclass(frozen=True, slots=True)
class Impact:
    """A document that refers to something the draft changes or hides."""

    document: str
    path: str
    refers_to: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A conflict between the site and its packs, and for which side the draft settles it."""

    conflict: Conflict
    side: Literal["", "mine", "theirs"]


@dataclass(frozen=True, slots=True)
class Merge:
    """What other packs mean for the local changes.

    ``kept``: what the packs leave out and the site keeps; ``asleep``: the documents of packs that
    go, whose local changes wait for them to come back.
    """

    choices: tuple[Choice, ...] = ()
    kept: tuple[Kept, ...] = ()
    asleep: tuple[str, ...] = ()

    @property
    def open(self) -> tuple[Conflict, ...]:
        """Give the conflicts that nobody has settled; the local value holds meanwhile."""
        return tuple(one.conflict for one in self.choices if not one.side)


@dataclass(frozen=True, slots=True)
class Plan:
    """What publishing would do. With problems, nothing else but the differences is filled."""

    base: int
    served: int
    problems: Sequence[Problem] = ()
    warnings: Sequence[Problem] = ()
    differences: Sequence[Difference] = ()
    steps: Sequence[PlannedStep] = ()
    deferrals: Sequence[Deferral] = ()
    impact: Sequence[Impact] = ()
    merge: Merge = Merge()
    conversions: Sequence[Conversion] = ()
    purges: Sequence[Purge] = ()
    compiled: Compiled | None = field(default=None, repr=False, compare=False)
    expansion: Expansion | None = field(default=None, repr=False, compare=False)

    @property
    def valid(self) -> bool:
        """Tell whether it could be published as it stands."""
        return not self.problems and self.base == self.served

    @property
    def outdated(self) -> bool:
        """Tell whether somebody has published since the draft began."""
        return self.base != self.served


def compile_draft(live: LiveSite, connection: Connection, draft: Draft) -> Compiled:
    """Apply a draft to its base and compile and check the result.

    Raises:
        MetadataInvalid: with every problem found.
    """
    base = _base(live, connection, draft.base)
    if held := _held_back(base, draft):
        raise MetadataInvalid(held)
    site = base.site if base is not None else Site()
    changes = expand_changes(parse_changes(list(draft.changes)), site)
    layers = apply_changes(_merged(base, draft), changes)
    return load_site(layers, live.types_of_metadata, base)


def _held_back(base: Compiled | None, draft: Draft) -> list[Problem]:
    """Name what a draft would merge and nobody has told it to."""
    if base is None or draft.packs is None or draft.merges or not base.layers.local:
        return []
    return list(pinned(base.layers, parse_layers(draft.packs).packs))


def _merged(base: Compiled | None, draft: Draft) -> Layers:
    """Give the layers that the changes of a draft are made on: those with its packs."""
    layers = base.layers if base is not None else Layers()
    return layers if draft.packs is None else upgrade(layers, parse_layers(draft.packs).packs)


def merge_of(base: Compiled | None, compiled: Compiled, merged: Layers) -> Merge:
    """Tell what becomes of the local changes.

    Args:
        base: what is served.
        compiled: what would be.
        merged: the layers with the new packs, before anything was settled.
    """
    waiting = {(one.document, one.path) for one in conflicts(compiled.layers)}
    local = compiled.layers.local
    choices = []
    for one in conflicts(merged):
        side: Literal["", "mine", "theirs"] = ""
        if (one.document, one.path) not in waiting:
            side = "mine" if one.path in local.get(one.document, {}) else "theirs"
        choices.append(Choice(one, side))
    before = base.layers if base is not None else Layers()
    known = {(one.document, one.path) for one in kept(before, compiled.layered)}
    fresh = [one for one in kept(merged, compiled.layered)
             if (one.document, one.path) not in known]  # fmt: skip
    slept = set(asleep(before))
    return Merge(
        tuple(choices), tuple(fresh), tuple(key for key in asleep(merged) if key not in slept)
    )


def plan_draft(live: LiveSite, unit: Unit, draft: Draft) -> Plan:
    """Work out the plan of a draft, on the version it is based on, for the unit's actor."""
    connection = unit.connection
    served = served_version(connection)
    try:
        compiled = compile_draft(live, connection, draft)
    except MetadataInvalid as invalid:
        return Plan(base=draft.base, served=served, problems=invalid.problems)
    base = _base(live, connection, draft.base)
    merge = merge_of(base, compiled, _merged(base, draft))
    return replace(_planned(live, unit, base, compiled, (draft.base, served)), merge=merge)


def plan_rollback(live: LiveSite, unit: Unit, number: int) -> Plan:
    """Work out what publishing an earlier version once more would do.

    Raises:
        UnknownVersion: there is none of that number.
    """
    connection = unit.connection
    served = served_version(connection)
    layers = parse_layers(read_layers(connection, number))
    base = _base(live, connection, served)
    try:
        compiled = load_site(layers, live.types_of_metadata, base)
    except MetadataInvalid as invalid:
        return Plan(base=served, served=served, problems=invalid.problems)
    if problems := gone_since(connection, compiled.site, number):
        return Plan(base=served, served=served, problems=problems)
    return _planned(live, unit, base, compiled, (served, served))


def _planned(
    live: LiveSite,
    unit: Unit,
    base: Compiled | None,
    compiled: Compiled,
    versions: tuple[int, int],
) -> Plan:
    connection = unit.connection
    expansion = expand_for(live, connection, base.site if base else Site(), compiled.site)
    changed = differences(base.layered, compiled.layered) if base is not None else []
    problems = [
        *expansion.problems,
        *widened(unit.context.actor, base, compiled, read_ledger(connection)),
    ]
    return Plan(
        base=versions[0],
        served=versions[1],
        problems=problems,
        warnings=(
            *_new_warnings(base, compiled),
            *_backfills(live, connection, compiled, expansion),
            *lost_roles(connection, live.snapshot, compiled.site),
        ),
        differences=changed,
        steps=() if problems else _with_sql(live, connection, compiled, expansion),
        deferrals=expansion.deferrals,
        impact=_impact(base.site if base else Site(), changed),
        conversions=tuple(conversions(connection, live.snapshot, compiled.site)),
        purges=tuple(purges(connection, expansion.deferrals)),
        compiled=compiled,
        expansion=expansion,
    )


def _new_warnings(base: Compiled | None, compiled: Compiled) -> tuple[Problem, ...]:
    known = base.layered.warnings if base is not None else ()
    return tuple(one for one in compiled.layered.warnings if one not in known)


def _backfills(
    live: LiveSite, connection: Connection, compiled: Compiled, expansion: Expansion
) -> Iterator[Problem]:
    """Tell which computed fields will be filled, and where a job does it after the publish."""
    if expansion.problems:
        return
    old = live.snapshot
    new = bind_site(old.number, compiled.site, expansion.ledger, live.types, old)
    for one in backfills(connection, old, new):
        code = "computed_later" if one.later else "computed_now"
        if one.records:
            yield Problem(
                code,
                document=f"object/{one.object}",
                path=f"fields/{one.fields[0]}",
                params={"fields": ", ".join(one.fields), "records": one.records},
            )


def expand_for(live: LiveSite, connection: Connection, old: Site, new: Site) -> Expansion:
    """Work out ledger and DDL from ``old`` to ``new`` against the database as it stands."""
    ledger = read_ledger(connection)
    sizes = sizes_of(connection, live.snapshot, old, new)
    expansion = expand(old, new, ledger, live.types, next_ids(connection), sizes)
    return with_purges(complete(expansion, old, new, ledger, live.types, sizes), new)


def fresh_binder(live: LiveSite, compiled: Compiled, expansion: Expansion) -> ddl.Bind:
    """Give the function that makes a bound object anew, for DDL."""

    def bind(key: str) -> BoundObject:
        return bind_object(compiled.site.objects[key], expansion.ledger[key], live.types)

    return bind


def _base(live: LiveSite, connection: Connection, number: int) -> Compiled | None:
    """Give the compiled base of a draft: the served one, or an older one read back."""
    if number == 0:
        return None
    if live.snapshot.number == number and live.compiled is not None:
        return live.compiled
    layers = parse_layers(read_layers(connection, number))
    return load_site(layers, live.types_of_metadata, live.compiled, check=False)


def _with_sql(
    live: LiveSite, connection: Connection, compiled: Compiled, expansion: Expansion
) -> list[PlannedStep]:
    bind = fresh_binder(live, compiled, expansion)
    texts = ddl.preview(connection.dialect, expansion.steps, bind)
    rows = _row_counts(live.snapshot, connection, expansion.steps)
    return [
        PlannedStep(step=step, sql=text, records=rows.get(step.object, 0))
        for step, text in zip(expansion.steps, texts, strict=True)
    ]


def _row_counts(
    snapshot: Snapshot, connection: Connection, steps: Sequence[Step]
) -> Mapping[str, int]:
    touched = {step.object for step in steps} & set(snapshot.objects)
    return {
        key: connection.execute(
            select(func.count()).select_from(snapshot.objects[key].table)
        ).scalar_one()
        for key in touched
    }


def _impact(site: Site, changed: Sequence[Difference]) -> list[Impact]:
    """List what refers to a field, object or option that the draft changes or takes away."""
    found: list[Impact] = []
    for one in changed:
        if one.op == "added":
            continue
        references = references_to(site, one.document, one.path)
        found.extend(
            Impact(document=ref.document, path=ref.path, refers_to=f"{one.document}#{one.path}")
            for ref in references
        )
    return found


def describe(changed: Sequence[Difference]) -> list[dict[str, Any]]:
    """Give differences as the version row keeps them."""
    return [
        {
            "document": one.document,
            "path": one.path,
            "op": one.op,
            "label": dict(one.label) if one.label else None,
        }
        for one in changed
    ]
