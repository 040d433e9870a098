"""Removing what nobody needs: uploads that no record took, files let go of, lost contents."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select

from engine.context import SYSTEM, Context
from engine.files.content import ContentStore
from engine.files.upkeep import plan_sweep
from engine.files.upload import hold_contents
from engine.publish.live import LiveSite
from engine.queue.job import Job
from engine.queue.lease import finish
from engine.storage.kernel_tables import attachment, content
from engine.storage.snapshot import Unit
from engine.worker.runner import Handler

MOST = 200
ABANDONED = timedelta(days=1)


def sweep_handler(store: ContentStore) -> Handler:
    """Give what runs the job: sweep, see that another one follows, finish."""

    def run(live: LiveSite, job: Job) -> None:
        counts = sweep(live, store)
        now = live.clock()
        with live.write(Context(actor=SYSTEM, now=now)) as unit:
            plan_sweep(unit)
            finish(unit.connection, job, now, result=dict(counts))

    return run


def sweep(live: LiveSite, store: ContentStore) -> dict[str, int]:
    """Remove files whose time is over, then contents that no file has; tells how many."""
    now = live.clock()
    context = Context(actor=SYSTEM, now=now)
    files = contents = 0
    while True:
        with live.write(context) as unit:
            gone = _remove_files(unit)
        files += gone
        if gone < MOST:
            break
    while True:
        with live.write(context) as unit:
            gone = _remove_contents(unit, store)
        contents += gone
        if gone < MOST:
            break
    strays = _remove_strays(live, store, now, context)
    return {"files": files, "contents": contents, "strays": strays}


def _remove_files(unit: Unit) -> int:
    over = attachment.c.kept_until < unit.context.now
    ids = list(unit.connection.scalars(select(attachment.c.id).where(over).limit(MOST)))
    unit.connection.execute(delete(attachment).where(attachment.c.id.in_(ids), over))
    return len(ids)


def _remove_contents(unit: Unit, store: ContentStore) -> int:
    """Remove contents without a file; nobody can add one of the same bytes meanwhile."""
    hold_contents(unit)
    digests = list(unit.connection.scalars(_unused().limit(MOST)))
    unit.connection.execute(delete(content).where(content.c.digest.in_(digests)))
    for digest in digests:
        store.remove(digest)
    return len(digests)


def _unused() -> Any:
    has = or_(attachment.c.digest == content.c.digest, attachment.c.thumb == content.c.digest)
    return select(content.c.digest).where(~select(attachment.c.id).where(has).exists())


def _remove_strays(live: LiveSite, store: ContentStore, now: datetime, context: Context) -> int:
    """Remove what dead processes left on the disk: half written, or never noted."""
    count = 0
    for path in store.strays((now - ABANDONED).timestamp()):
        with live.read(context) as unit:
            known = unit.connection.scalar(
                select(content.c.digest).where(content.c.digest == path.name)
            )
        if known is not None:
            continue
        with live.write(context) as unit:
            hold_contents(unit)
            again = select(content.c.digest).where(content.c.digest == path.name)
            if unit.connection.scalar(again) is None:
                path.unlink(missing_ok=True)
                count += 1
    return count
