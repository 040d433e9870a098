"""SQLite serves one server process: a lock file beside the database refuses a second one."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.storage.database import Database
from ui.cli.words import refusal

SUFFIX = ".server"


@contextmanager
def only_server(database: Database) -> Iterator[None]:
    """Hold the lock while serving. The lock ends with the process, however it ends.

    Raises:
        ClickException: another server holds it.
    """
    if database.dialect != "sqlite" or not database.url.database:
        yield
        return
    path = Path(f"{database.url.database}{SUFFIX}")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise refusal("cli.second_server", file=database.url.database) from None
        yield
