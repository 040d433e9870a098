"""Pictures are read and written anew by a child process, so that what we show is ours.

A hostile or huge picture meets the limits of the child's memory and time, not the server's.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore

from engine.files.content import ContentStore, Incoming
from engine.files.errors import FileRefused

AT_ONCE = BoundedSemaphore(2)
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, written anew, and its small one."""

    type: str
    content: Incoming
    thumb: Incoming


def write_anew(store: ContentStore, incoming: Incoming, name: str) -> Picture:
    """Write a picture anew; the one that came in is removed.

    Raises:
        FileRefused: ``not_a_picture``: it cannot be read, or is beyond the limits.
    """
    target, thumb = store.new_path(), store.new_path()
    try:
        media_type = _run(incoming.path, target, thumb)
        if media_type is None:
            raise FileRefused(reason="not_a_picture", name=name)
        return Picture(media_type, store.arrived(target), store.arrived(thumb))
    except BaseException:
        target.unlink(missing_ok=True)
        thumb.unlink(missing_ok=True)
        raise
    finally:
        incoming.path.unlink(missing_ok=True)


def _run(*paths: Path) -> str | None:
    command = [sys.executable, "-m", "engine.files.picture_child"]
    command += [str(path.resolve()) for path in paths]
    root = Path(__file__).resolve().parent.parent.parent
    with AT_ONCE:
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter, module and paths
                command, cwd=root, capture_output=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return None
    if done.returncode != 0:
        return None
    said: str = json.loads(done.stdout)["type"]
    return said
