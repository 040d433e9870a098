"""When files that nobody needs are removed: by a job after each day that let some go."""

from datetime import timedelta

from engine.queue.enqueue import enqueue
from engine.storage.snapshot import Unit

KIND = "sweep_files"


def plan_sweep(unit: Unit) -> None:
    """Make sure that a sweep runs after the coming midnight (UTC), once."""
    now = unit.context.now
    day = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    enqueue(unit, KIND, {}, key=f"{KIND}@{day.date().isoformat()}", ready_at=day)
