"""What the templates of jobs need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.access.scope import USER
from engine.bulk.order import BULK
from engine.bulk.undo import UNDO as UNDO_BULK
from engine.bulk.undo import can_undo_bulk
from engine.context import Locale
from engine.exchange.jobs import counts_of, seconds_left
from engine.exchange.log_export import LOG
from engine.exchange.logged import EXPORT
from engine.exchange.mapping import targets
from engine.exchange.order import IMPORT
from engine.exchange.preview import HEADERS, ROWS, created_ids
from engine.exchange.undo import can_undo
from engine.publish.deferred import REQUIRED_CHECK, UNIQUE_CHECK
from engine.queue.job import Job, read_errors
from engine.records.labels import labels_of
from engine.storage.snapshot import BoundField, Unit
from engine.worker.visible import can_resume
from metadata.model import say
from ui.i18n import has_text, translate
from ui.job_words import problem_message, row_message
from ui.log_words import log_name
from ui.pages.import_view import Step, steps_until

MINUTE = 60
MOST_SHOWN = 100
MOST_LOOKED_AT = 2_000
TONES = {"created": "green", "updated": "blue", "skipped": "grey", "failed": "red"}
BLOCKING = {UNIQUE_CHECK: "conflicts", REQUIRED_CHECK: "missing"}
"""The count that says that records stand in the way."""
STATES = {"queued": "grey", "running": "blue", "done": "green", "cancelled": "amber"}


@dataclass(frozen=True, slots=True)
class Stat:
    """A count of a job."""

    value: str
    label: str
    tone: str


@dataclass(frozen=True, slots=True)
class CellView:
    """A cell of a row that was tried out."""

    text: str
    before: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class TriedRow:
    """A row that was tried out."""

    number: int
    became: str
    tone: str
    cells: tuple[CellView, ...]
    error: str = ""


@dataclass(frozen=True, slots=True)
class FailedCell:
    """Something wrong with a row; ``column`` may mean the whole row."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """A job on its page, in lists and in notices."""

    id: int
    url: str
    title: str
    state: str
    state_label: str
    state_tone: str
    ended: bool
    running: bool
    percent: int
    done_text: str
    errors_text: str
    left_text: str
    ordered: str
    problem: str
    cancelling: bool
    is_import: bool
    is_trial: bool
    object_key: str
    plural: str
    list_url: str
    stats: tuple[Stat, ...]
    steps: tuple[Step, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    heads: tuple[str, ...] = ()
    tried: tuple[TriedRow, ...] = ()
    failed: tuple[FailedCell, ...] = ()
    failed_more: bool = False
    doable: str = ""
    back_url: str = ""
    file_url: str = ""
    undo_help: str = ""
    undo_label: str = ""
    file_facts: str = ""
    by: str = ""
    retrying: str = ""
    can_resume: bool = False
    blocked: str = ""


def job_view(unit: Unit, job: Job, *, whole: bool = True) -> JobView:
    """Make the view of a job; ``whole``: with what its page shows beside its progress."""
    language = unit.context.locale.language
    object_key = str(job.payload.get("object", ""))
    bound = unit.snapshot.objects.get(object_key)
    plural = say(bound.definition.plural, language) if bound else object_key
    log = str(job.payload.get(LOG, ""))
    if log:
        plural = log_name(log, language)
    more: dict[str, Any] = {}
    if whole and job.ended:
        more = _result(unit, job)
    counts, total = counts_of(job), job.total or 0
    is_trial = bool(job.payload.get("dry_run"))
    name = "job.title_trial" if is_trial else "job.title"
    kind = _kind(unit, job, language)
    subject = " · ".join(text for text in (plural, _field(unit, job, language)) if text)
    failed = counts.get("failed", 0)
    return JobView(
        id=job.id,
        url=f"/jobs/{job.id}",
        title=translate(language, name, kind=kind, object=subject),
        state=job.state,
        state_label=translate(language, f"job.state.{job.state}"),
        state_tone=STATES.get(job.state, "red"),
        ended=job.ended,
        running=job.state == "running",
        percent=100 if job.state == "done" else round(100 * job.done / total) if total else 0,
        done_text=_done(job, language),
        errors_text=translate(language, "job.errors", count=f"{failed:,}") if failed else "",
        left_text=_left(job, unit.context.now, language),
        file_facts=" · ".join(
            text for text in (job.payload.get("name", ""), _rows_text(job, language)) if text
        ),
        ordered=moment(job.created_at, unit.context.locale),
        problem=problem_message(job, language),
        cancelling=job.cancel_asked and not job.ended,
        is_import=job.kind == IMPORT,
        is_trial=is_trial,
        object_key=object_key,
        plural=plural,
        list_url=f"/logs/{log}" if log else f"/o/{object_key}",
        by=_by(unit, job, language),
        retrying=_retrying(job, language),
        can_resume=can_resume(job),
        stats=_stats(job, counts, language, is_trial=is_trial) if job.ended else (),
        steps=steps_until("check" if is_trial else "done", language) if job.kind == IMPORT else (),
        **more,
    )


def moment(instant: datetime, locale: Locale) -> str:
    """Write an instant in the company's time."""
    return instant.astimezone(locale.zone).strftime("%Y-%m-%d %H:%M")


def _done(job: Job, language: str) -> str:
    if job.total:
        return translate(language, "job.rows_of", done=f"{job.done:,}", total=f"{job.total:,}")
    return translate(language, "job.rows", done=f"{job.done:,}")


def _rows_text(job: Job, language: str) -> str:
    if job.kind != IMPORT or not job.total:
        return ""
    return translate(language, "job.rows", done=f"{job.total:,}")


def _left(job: Job, now: datetime, language: str) -> str:
    left = seconds_left(job, now)
    if left is None:
        return ""
    if left >= MINUTE:
        return translate(language, "job.minutes_left", count=round(left / MINUTE))
    return translate(language, "job.seconds_left", count=left)


def _kind(unit: Unit, job: Job, language: str) -> str:
    """Say what a job does: of a bulk action its verb, or the action that the object declares."""
    if job.kind != BULK:
        known = f"job.kind.{job.kind}"
        return translate(language, known if has_text(language, known) else "job.kind.other")
    known = f"job.kind.{BULK}.{job.payload['verb']}"
    if has_text(language, known):
        return translate(language, known)
    bound = unit.snapshot.objects.get(job.payload["object"])
    action = bound.definition.actions.get(job.payload["verb"]) if bound is not None else None
    return say(action.label, language) if action else translate(language, "job.kind.other")


def _field(unit: Unit, job: Job, language: str) -> str:
    """Give the label of the field that a job is about; "" when it is about none."""
    key, bound = job.payload.get("field"), unit.snapshot.objects.get(job.payload.get("object", ""))
    if not key or bound is None:
        return ""
    return _label(bound.fields.get(key), key, language)


def _by(unit: Unit, job: Job, language: str) -> str:
    if job.by is None:
        return translate(language, "job.system")
    return labels_of(unit, [(USER, job.by)]).get((USER, job.by), "")


def _retrying(job: Job, language: str) -> str:
    if job.state != "queued" or not job.problem:
        return ""
    reason = translate(language, f"error.{job.problem['code']}", **job.problem["params"])
    return translate(language, "job.retrying", reason=reason)


def _stats(
    job: Job, counts: Mapping[str, int], language: str, *, is_trial: bool
) -> tuple[Stat, ...]:
    found = []
    in_bulk = job.kind in {BULK, UNDO_BULK}
    for name, value in counts.items():
        key = "will_fail" if is_trial and name == "failed" else name
        if in_bulk and name in {"failed", "skipped"}:
            key = f"bulk_{name}"
        tone = TONES.get(name, "grey") if value else "grey"
        found.append(Stat(f"{value:,}", translate(language, f"job.count.{key}"), tone))
    return tuple(found)


def _result(unit: Unit, job: Job) -> dict[str, Any]:
    """Give what the page of a job that ended shows."""
    language = unit.context.locale.language
    more: dict[str, Any] = {}
    if job.kind == EXPORT and job.state == "done":
        more["file_url"] = f"/jobs/{job.id}/file"
    if can_undo_bulk(job, unit.context.now) and job.by == unit.context.actor.user_id:
        done = f"{job.counts['done']:,}"
        more["undo_label"] = translate(language, "job.undo_bulk")
        more["undo_help"] = translate(language, "job.undo_bulk_help", count=done)
    if job.kind in BLOCKING and job.counts.get(BLOCKING[job.kind], 0):
        more["blocked"] = translate(language, f"job.blocked.{job.kind.partition('_')[0]}")
    if job.kind != IMPORT:
        return more
    errors = read_errors(unit.connection, job.id, limit=MOST_SHOWN + 1)
    more["failed_more"] = len(errors) > MOST_SHOWN
    more["failed"] = tuple(
        FailedCell(
            error.row,
            error.column or translate(language, "job.whole_row"),
            row_message(error.code, error.params, language),
        )
        for error in errors[:MOST_SHOWN]
    )
    more["back_url"] = f"/o/{job.payload['object']}/import/{job.payload['file']}"
    if job.payload["dry_run"]:
        return {**more, **_trial(unit, job)}
    if can_undo(job, unit.context):
        count = len(created_ids(job.result or {}))
        more["undo_label"] = translate(language, "job.undo")
        more["undo_help"] = translate(language, "job.undo_help", count=f"{count:,}")
    return more


def _trial(unit: Unit, job: Job) -> dict[str, Any]:
    language = unit.context.locale.language
    bound = unit.snapshot.objects.get(job.payload["object"])
    if bound is None:
        return {}
    labels = {path: one.label(language) for path, one in targets(unit, bound).items()}
    keys = [key for key in job.payload["columns"] if key]
    counts = counts_of(job)
    doable = counts["created"] + counts["updated"]
    return {
        "facts": _facts(unit, job, labels),
        "heads": tuple(
            _heading(header, labels.get(key, key))
            for header, key in zip((job.result or {}).get(HEADERS, keys), keys, strict=True)
        ),
        "tried": _rows(unit, job, keys),
        "doable": f"{doable:,}" if doable and job.state == "done" else "",
    }


def _facts(unit: Unit, job: Job, labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    language, payload = unit.context.locale.language, job.payload
    found = []
    if payload["match"]:
        label = labels.get(payload["match"], payload["match"])
        found.append((translate(language, "import.fact.match"), label))
    mode = translate(language, f"import.mode.{payload['mode']}")
    found.append((translate(language, "import.fact.mode"), mode))
    if payload["owner"] is not None:
        place = ("user", payload["owner"])
        name = labels_of(unit, [place]).get(place, "")
        found.append((translate(language, "import.fact.owner"), name))
    return tuple(found)


def _rows(unit: Unit, job: Job, keys: Sequence[str]) -> tuple[TriedRow, ...]:
    language = unit.context.locale.language
    errors: dict[int, dict[str, str]] = {}
    for error in read_errors(unit.connection, job.id, limit=MOST_LOOKED_AT):
        text = row_message(error.code, error.params, language)
        errors.setdefault(error.row, {}).setdefault(error.column, text)
    headers = (job.result or {}).get(HEADERS, keys)
    rows = []
    for row in sorted((job.result or {}).get(ROWS, []), key=lambda row: row["row"]):
        wrong = errors.get(row["row"], {})
        cells = tuple(
            CellView(text, row["before"].get(key, ""), wrong.pop(header, ""))
            for key, header, text in zip(keys, headers, row["cells"], strict=True)
        )
        rows.append(
            TriedRow(
                row["row"],
                translate(language, f"import.became.{row['became']}"),
                TONES[row["became"]],
                cells,
                "; ".join(_said(column, text) for column, text in wrong.items()),
            )
        )
    return tuple(rows)


def _heading(header: str, label: str) -> str:
    return label if header.rstrip(" *") == label else f"{header} → {label}"


def _said(column: str, text: str) -> str:
    return f"{column}: {text}" if column else text


def _label(field: BoundField | None, key: str, language: str) -> str:
    return say(field.definition.label, language) if field else key
