"""A real server of the product in a process of its own, as a person would run it."""

import contextlib
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.nursery import ROOT, run_apart

ADMIN_MOBILE = "13900000001"
ADMIN_NAME = "测试管理员"
ADMIN_PASSWORD = "journey-only-4711-Kranich"
SECONDS_TO_START = 60
SECONDS_TO_STOP = 15


_first: list[TemporaryDirectory[str]] = []


class SiteFailed(RuntimeError):
    """A command or the server ended with an error; the message is what it printed."""


class Site:
    """One installation: a data folder, a database, and a server that can be stopped.

    Attributes:
        url: where the server answers, without a slash at the end.
        environment: added to the environment of every command and of the server.
    """

    def __init__(
        self,
        folder: Path,
        *,
        database_url: str | None = None,
        host: str = "127.0.0.1",
        entering: Sequence[str] = (),
    ) -> None:
        """Prepare; ``entering`` are the words that bring a command to the machine of ``host``."""
        self.port = free_port()
        self.folder = folder
        self.host = host
        self.entering = entering
        self.url = f"http://{host}:{self.port}"
        self.environment = {
            "HEDDLE_DATA_DIR": str(folder / "var"),
            "HEDDLE_HOST": host,
            "HEDDLE_PORT": str(self.port),
        }
        if database_url:
            self.environment["HEDDLE_DATABASE_URL"] = database_url
        self.log = folder / "server.log"
        self.process: subprocess.Popen[bytes] | None = None

    def heddle(self, *arguments: str, given: str = "") -> str:
        """Run one command of the product; gives what it printed.

        Raises:
            SiteFailed: it exited with an error.
        """
        environment = os.environ | self.environment
        done = run_apart("app", *arguments, given=given, environment=environment)
        if done.returncode:
            raise SiteFailed(f"heddle {' '.join(arguments)}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def init(self) -> None:
        """Make the database with the shipped packs and one administrator.

        In a file, it is a copy of the first that this process made.
        """
        if "HEDDLE_DATABASE_URL" in self.environment:
            self._init()
            return
        if not _first:
            _first.append(TemporaryDirectory(prefix="heddle-site-"))
            Site(Path(_first[0].name))._init()
        shutil.copytree(Path(_first[0].name, "var"), self.folder / "var")

    def _init(self) -> None:
        admin = ["--admin-mobile", ADMIN_MOBILE, "--admin-name", ADMIN_NAME, "--password-stdin"]
        self.heddle("init", *admin, given=ADMIN_PASSWORD + "\n")

    def sign_in_link(self, mobile: str = ADMIN_MOBILE) -> str:
        """Make a one-time link that signs this person in."""
        printed = self.heddle("sign-in-link", "--user", mobile)
        link = re.search(r"https?://\S+", printed)
        if link is None:
            raise SiteFailed(f"no link in: {printed!r}")
        return link[0]

    def start(self) -> None:
        """Start the server and return when it is ready.

        Raises:
            SiteFailed: it ended, or was not ready within `SECONDS_TO_START`.
        """
        process = self.start_command("serve")
        deadline = time.monotonic() + SECONDS_TO_START
        while not self.is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise SiteFailed(f"the server did not start:\n{self.log.read_text()}")
            time.sleep(0.05)

    def start_command(self, command: str) -> subprocess.Popen[bytes]:
        """Start a command that runs until it is stopped, without waiting for anything."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.entering, sys.executable, str(ROOT / "app.py"), command],
                cwd=ROOT,
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self.process

    def is_ready(self) -> bool:
        """Ask the server whether it can work."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=5)
        try:
            connection.request("GET", "/ready")
            return connection.getresponse().status == HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        """Stop the server the way a service manager does; harmless when it is not running."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self.kill()
            raise SiteFailed(f"the server did not stop:\n{self.log.read_text()}") from None
        self.process = None

    def kill(self) -> None:
        """End the server and its workers at once, as a power cut would."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None


def free_port() -> int:
    """Give a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
