"""Running bulk actions and their undoing: some records in each transaction, each with an outcome.

The records are written down once. A chunk deals with the next waiting ones and notes what became
of each in the same transaction, so a job that is cut off goes on with the first one that waits.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, func, select, update

from engine.access.actors import read_actor
from engine.bulk.order import BULK, WAITING, BulkOrder, choose
from engine.bulk.undo import UNDO
from engine.bulk.verb import SKIPS, Done, Task
from engine.bulk.verbs import verb_of
from engine.context import Locale
from engine.errors import Forbidden, InvalidInput
from engine.publish.live import LiveSite
from engine.queue.job import Job
from engine.records.read import page
from engine.storage.kernel_tables import job_row
from engine.storage.snapshot import Unit
from engine.worker.runner import Handler
from engine.worker.steps import Cancelled, Steps
from metadata.errors import PlatformError

ROWS = 100
"""Records of one transaction: each costs about a millisecond, and others wait for it."""
PAGE = 2_000
DONE, SKIPPED, FAILED = "done", "skipped", "failed"

Deal = Callable[[Unit, str, int, Done], Done]
"""Deals with one record of an object; the last argument is what is known of it from before."""


def bulk_handlers(locale: Locale) -> dict[str, Handler]:
    """Give what runs these jobs; ``locale`` is the company's, but for the language."""
    return {BULK: _handler(_bulk, locale), UNDO: _handler(_undo, locale)}


def _handler(work: Callable[[Steps], None], locale: Locale) -> Handler:
    def handle(live: LiveSite, job: Job) -> None:
        told = replace(locale, language=job.payload["language"])
        try:
            work(Steps(live, job, told))
        except Cancelled:
            return

    return handle


def _bulk(steps: Steps) -> None:
    order = BulkOrder.of(steps.job.payload)
    if order.ids is None and not steps.mark.get("chosen"):
        _choose(steps, order)
    task = Task(order.object, order.verb, order.values, f"b{steps.job.id}")
    verb = verb_of(order.verb)
    _each(steps, lambda unit, of, at, _known: verb.do(unit, replace(task, object=of), at))


def _undo(steps: Steps) -> None:
    payload = steps.job.payload
    task = Task(payload["object"], payload["verb"], {}, f"b{payload['of']}")
    undo = verb_of(payload["verb"]).undo
    if undo is None:
        raise ValueError(f"{payload['verb']} cannot be undone")
    _each(steps, lambda unit, of, at, known: undo(unit, replace(task, object=of), at, known))


def _choose(steps: Steps, order: BulkOrder) -> None:
    """Write down the records that the order means, a page in each step."""
    request = replace(order.request(), limit=PAGE, cursor=steps.mark.get("cursor"))
    while not steps.mark.get("chosen"):
        with steps.step() as system:
            found = page(_acting(steps, system), request)
            choose(system, steps.job.id, [int(row[found.id_index]) for row in found.rows])
            steps.mark = {"cursor": found.next_cursor, "chosen": found.next_cursor is None}
            request = replace(request, cursor=found.next_cursor)


def _each(steps: Steps, deal: Deal) -> None:
    if steps.total is None:
        with steps.step() as unit:
            mine = select(func.count()).where(job_row.c.job_id == steps.job.id)
            steps.total = unit.connection.execute(mine).scalar_one()
    waiting = (
        select(
            job_row.c.place,
            job_row.c.object_id,
            job_row.c.record_id,
            job_row.c.version,
            job_row.c.before,
        )
        .where(job_row.c.job_id == steps.job.id, job_row.c.state == WAITING)
        .order_by(job_row.c.place)
        .limit(ROWS)
    )
    more = True
    while more:
        with steps.step() as system:
            rows = system.connection.execute(waiting).all()
            acting = _acting(steps, system)
            known = {bound.id: key for key, bound in system.snapshot.objects.items()}
            known[0] = str(steps.job.payload["object"])
            outcomes = [_outcome(acting, deal, row, known.get(row.object_id, "")) for row in rows]
            _note(system, steps.job.id, outcomes)
            for one in outcomes:
                steps.counts[one["to"]] += 1
            steps.done += len(rows)
            more = len(rows) == ROWS
    steps.finish()


def _outcome(unit: Unit, deal: Deal, row: Any, object_key: str) -> dict[str, Any]:
    """Deal with one record in a savepoint: what is refused undoes this record and no other."""
    told: dict[str, Any] = {
        "at": row.place, "to": DONE, "why": "", "with": None, "now": None, "old": None,
    }  # fmt: skip
    try:
        with unit.connection.begin_nested():
            done = deal(unit, object_key, row.record_id, Done(row.version, row.before))
    except PlatformError as error:
        code, params = _reason(error)
        state = SKIPPED if isinstance(error, SKIPS) else FAILED
        return {**told, "to": state, "why": code, "with": params}
    return {**told, "now": done.version, "old": done.before}


def _reason(error: PlatformError) -> tuple[str, dict[str, Any]]:
    """Give the code and the parameters of what is told of a record."""
    if isinstance(error, InvalidInput) and error.errors:
        first = error.errors[0]
        return first.code, {**_plain(first.params), "at_field": first.field}
    return error.code, _plain(error.params)


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in params.items() if isinstance(value, str | int)}


def _note(unit: Unit, number: int, outcomes: Sequence[Mapping[str, Any]]) -> None:
    if not outcomes:
        return
    statement = (
        update(job_row)
        .where(job_row.c.job_id == number, job_row.c.place == bindparam("at"))
        .values(
            state=bindparam("to"),
            code=bindparam("why"),
            params=bindparam("with"),
            version=bindparam("now"),
            before=bindparam("old"),
        )
    )
    unit.connection.execute(statement, list(outcomes))


def _acting(steps: Steps, unit: Unit) -> Unit:
    """Give the unit with the person who ordered the job, as he is now.

    Raises:
        Forbidden: he may not sign in any more.
    """
    by = steps.job.by
    if by is None:
        return unit
    actor = read_actor(unit.connection, unit.snapshot, by)
    if actor is None:
        raise Forbidden(object=steps.job.payload["object"], action=BULK)
    return replace(unit, context=replace(unit.context, actor=actor))
