"""The job that computes fields of many records again, some hundred in each transaction."""

from engine.context import SYSTEM, Context, Locale
from engine.derived.affected import MOST_NOW
from engine.derived.follow import follow_computed
from engine.derived.later import JOB, Reach, count_of, done, next_ids
from engine.publish.live import LiveSite
from engine.queue.job import Job
from engine.queue.lease import finish, save_progress
from engine.storage.snapshot import Unit
from engine.worker.runner import Handler

AFTER = "after"
"""Where the result of the job says how far it came."""


def recompute_handlers(locale: Locale) -> dict[str, Handler]:
    """Give the handler by its kind; ``locale``: of the company, for the days of formulas."""

    def run(live: LiveSite, held: Job) -> None:
        after = int((held.result or {}).get(AFTER, 0))
        dealt_with = held.done
        while True:
            context = Context(actor=SYSTEM, now=live.clock(), locale=locale)
            with live.write(context) as unit:
                ids = _step(unit, held, after)
                if not ids:
                    done(unit, held.id)
                    finish(unit.connection, held, live.clock())
                    return
                after = ids[-1]
                dealt_with += len(ids)
                total = None if held.done else dealt_with + _rest(unit, held, after)
                save_progress(
                    unit.connection,
                    held,
                    done=dealt_with,
                    total=total,
                    counts={},
                    result={AFTER: after},
                )

    return {JOB: run}


def _step(unit: Unit, held: Job, after: int) -> list[int]:
    """Compute the next records; gives their ids, none when there are no more."""
    object_key = str(held.payload["object"])
    bound = unit.snapshot.objects.get(object_key)
    if bound is None:  # hidden since
        return []
    reach = Reach.of(held.payload["reach"])
    ids = next_ids(unit, object_key, reach, after, MOST_NOW)
    if ids:
        follow_computed(unit, object_key, held.payload["fields"], ids)
    return ids


def _rest(unit: Unit, held: Job, after: int) -> int:
    reach = Reach.of(held.payload["reach"])
    return count_of(unit, str(held.payload["object"]), reach, after)
