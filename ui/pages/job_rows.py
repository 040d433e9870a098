"""What became of single records: the outcomes of a bulk action, what a check of records found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.access.roles import rights_of
from engine.bulk.order import BULK
from engine.bulk.rows import RowOutcome, read_outcomes
from engine.bulk.undo import UNDO
from engine.queue.job import Job, read_errors
from engine.records.read import some, visible_fields
from engine.storage.snapshot import Unit
from engine.upkeep.handlers import UPKEEP
from metadata.model import EMPTY, say
from ui.i18n import translate
from ui.job_words import row_reason

A_PAGE = 100
STATES = ("done", "skipped", "failed")
TONES = {"done": "green", "skipped": "grey", "failed": "red", "waiting": "grey"}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows are asked for: of one state, after a record."""

    state: str = ""
    after: int = 0


@dataclass(frozen=True, slots=True)
class RowTab:
    """A choice of rows."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class RowView:
    """One record; without address it cannot be opened by this person."""

    name: str
    url: str
    state: str
    tone: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRows:
    """What the template needs."""

    title: str
    tabs: tuple[RowTab, ...]
    items: tuple[RowView, ...]
    more_url: str


def job_rows(unit: Unit, job: Job, asked: Asked) -> JobRows | None:
    """Give the records that a job tells of; None when it tells of none."""
    if not job.ended:
        return None
    language = unit.context.locale.language
    if job.kind in {BULK, UNDO}:
        states = (asked.state,) if asked.state else ()
        found = read_outcomes(
            unit.connection, job.id, states=states, after=asked.after, limit=A_PAGE + 1
        )
        title, tabs = translate(language, "job.rows_title"), _tabs(job, asked, language)
    elif job.kind in UPKEEP:
        errors = read_errors(unit.connection, job.id, after=asked.after, limit=A_PAGE + 1)
        found = [
            RowOutcome(one.row, "failed", one.code, {**one.params, "at_field": one.column})
            for one in errors
        ]
        title, tabs = translate(language, "job.rows_title_found"), ()
        if not found:
            return None
    else:
        return None
    more = ""
    if len(found) > A_PAGE:  # what a check told is numbered, outcomes go by records
        last = asked.after + A_PAGE if job.kind in UPKEEP else found[A_PAGE - 1].place
        more = f"/jobs/{job.id}?state={asked.state}&after={last}"
    return JobRows(
        title=title, tabs=tabs, items=_views(unit, job, found[:A_PAGE], language), more_url=more
    )


def _tabs(job: Job, asked: Asked, language: str) -> tuple[RowTab, ...]:
    url = f"/jobs/{job.id}"
    everything = RowTab(translate(language, "job.row.all"), url, not asked.state)
    some_of = [
        RowTab(
            f"{translate(language, f'job.row.{state}')} {job.counts[state]:,}",
            f"{url}?state={state}",
            asked.state == state,
        )
        for state in STATES
        if job.counts.get(state)
    ]
    return (everything, *some_of)


def _views(
    unit: Unit, job: Job, found: Sequence[RowOutcome], language: str
) -> tuple[RowView, ...]:
    keys = {bound.id: key for key, bound in unit.snapshot.objects.items()}
    keys[0] = str(job.payload["object"])
    by_object: dict[int, list[int]] = {}
    for one in found:
        by_object.setdefault(one.object_id, []).append(one.record)
    known = {number: _known(unit, keys.get(number, ""), ids) for number, ids in by_object.items()}
    several = len(by_object) > 1 or 0 not in by_object
    return tuple(_view(known[one.object_id], one, language, several=several) for one in found)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is said of the records of one object."""

    key: str = ""
    label: str = ""
    fields: Mapping[str, str] = EMPTY
    names: Mapping[int, str] = field(default_factory=dict)


def _known(unit: Unit, key: str, ids: Sequence[int]) -> _Known:
    bound, language = unit.snapshot.objects.get(key), unit.context.locale.language
    if bound is None:
        return _Known()
    fields = {one.key: say(one.definition.label, language) for one in bound.fields.values()}
    label = say(bound.definition.label, language)
    return _Known(key, label, fields, _names(unit, key, ids))


def _view(known: _Known, one: RowOutcome, language: str, *, several: bool) -> RowView:
    name = known.names.get(one.record, f"#{one.record}")
    return RowView(
        name=f"{known.label} · {name}" if several and known.label else name,
        url=f"/o/{known.key}/{one.record}" if one.record in known.names else "",
        state=translate(language, f"job.row.{one.state}"),
        tone=TONES[one.state],
        reason=row_reason(one.code, one.params, known.fields, language),
    )


def _names(unit: Unit, key: str, ids: Sequence[int]) -> Mapping[int, str]:
    """Give the names of the records that this person may read."""
    name = unit.snapshot.object(key).name
    if not rights_of(unit).allows(key, "read") or name.key not in visible_fields(unit, key):
        return {}
    rows = some(unit, key, ids, (name.key,))
    slot, locale = rows.slots[name.key], unit.context.locale
    return {
        row[rows.id_index]: name.type.text(slot.value(row), name.definition, locale)
        or f"#{row[rows.id_index]}"
        for row in rows.rows
    }
