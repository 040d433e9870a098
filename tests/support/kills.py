"""Killing a worker of jobs again and again until its job is done all the same."""

import signal
from random import Random

from engine.publish.live import LiveSite
from engine.queue.job import Job, read_job
from engine.queue.lease import LEASE
from tests.support.nursery import run_apart


def kill_until_done(
    live: LiveSite,
    number: int,
    *,
    seed: int,
    kills: int,
    longest: int,
    folder: str = "/nonexistent",
) -> tuple[Job, int]:
    """Run a job in processes that are killed at random statements, then let one end it.

    Args:
        live: the site.
        number: the job.
        seed: of the moments.
        kills: how many processes die.
        longest: the latest statement at which one dies.
        folder: where files are, for jobs that need them.

    Returns:
        The job after the last process, and how many of them were killed.
    """
    random = Random(seed)  # noqa: S311 - moments
    url = live.database.url.render_as_string(hide_password=False)
    died = 0
    for turn in range(kills + 1):
        with live.database.read() as connection:
            if read_job(connection, number).ended:
                break
        at = random.randint(1, longest) if turn < kills else 0
        ahead = (LEASE.total_seconds() + 1) * turn
        ended = run_apart("tests.support.dying_worker", url, str(ahead), str(at), folder)
        if ended.returncode == -signal.SIGKILL:
            died += 1
        elif ended.returncode:
            raise RuntimeError(ended.stderr)
    with live.database.read() as connection:
        return read_job(connection, number), died
