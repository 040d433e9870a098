"""Which processes serve which version: their heartbeats."""

from sqlalchemy import Connection, delete, insert, update

from engine.publish.live import LiveSite
from engine.storage.kernel_tables import worker


def beat(connection: Connection, worker_id: str, live: LiveSite) -> None:
    """Write that ``worker_id`` is alive and which version it serves."""
    values = {
        "version": live.snapshot.number,
        "seen_at": live.clock(),
        "problem": live.problem,
    }
    done = connection.execute(update(worker).where(worker.c.id == worker_id).values(**values))
    if done.rowcount == 0:
        connection.execute(insert(worker).values(id=worker_id, **values))


def leave(connection: Connection, worker_id: str) -> None:
    """Forget a worker that ends in good order."""
    connection.execute(delete(worker).where(worker.c.id == worker_id))
