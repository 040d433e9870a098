"""Start the server with something to look at: what `make run` and `make dev` do.

On the first start it makes an administrator and sample records; at every start it prints a
one-time sign-in link as soon as the server answers. With ``--reload`` it starts the server again
whenever a source file changes.
"""

import hashlib
import http.client
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEDDLE = [sys.executable, str(ROOT / "app.py")]
DATA = Path(os.environ.get("HEDDLE_DATA_DIR", ROOT / "var"))
HOST = os.environ.get("HEDDLE_HOST", "127.0.0.1")
PORT = os.environ.get("HEDDLE_PORT", "8000")

DEMO_ADMIN = "13800000000"
DEMO_NAME = "演示管理员"
DEMO_RECORDS = "2000"

SOURCES = ("app.py", "engine", "metadata", "ui", "workflows")
SUFFIXES = {".py", ".html", ".yaml", ".json", ".po", ".js", ".css"}
SECONDS_BETWEEN_LOOKS = 0.5
SECONDS_TO_START = 60


def main() -> int:
    """Prepare once, serve until stopped; gives the server's exit code."""
    prepare()
    if "--reload" in sys.argv[1:]:
        return serve_and_reload()
    server = serve()
    threading.Thread(target=print_link, args=(server,), daemon=True).start()
    return server.wait()


def prepare() -> None:
    """Make the database, the administrator and the samples, unless they are there."""
    database = os.environ.get("HEDDLE_DATABASE_URL", "")
    done = DATA / f".demo-{hashlib.sha256(database.encode()).hexdigest()[:8]}"
    if done.exists() and done.stat().st_mtime >= newest(ROOT / "metadata", ROOT / "engine"):
        return
    if not done.exists():
        admin = ["--admin-mobile", DEMO_ADMIN, "--admin-name", DEMO_NAME, "--password-stdin"]
        heddle("init", *admin, given=secrets.token_urlsafe(24) + "\n")
        heddle("demo", "--records", DEMO_RECORDS)
    else:
        heddle("init")
    DATA.mkdir(parents=True, exist_ok=True)
    done.touch()


def heddle(*arguments: str, given: str | None = None) -> None:
    """Run one command of the product; its failure ends this start."""
    done = subprocess.run([*HEDDLE, *arguments], input=given, text=True, check=False, cwd=ROOT)
    if done.returncode:
        sys.exit(done.returncode)


def serve() -> subprocess.Popen[bytes]:
    """Start the server; the signals that stop this script stop the server."""
    server = subprocess.Popen([*HEDDLE, "serve", "--host", HOST, "--port", PORT], cwd=ROOT)

    def stop(number: int, _frame: object) -> None:
        if server.poll() is None:
            server.send_signal(number)

    signal.signal(signal.SIGTERM, stop)
    # A terminal sends Ctrl-C to both: here it must only not end the wait.
    signal.signal(signal.SIGINT, lambda *_: None)
    return server


def print_link(server: subprocess.Popen[bytes]) -> None:
    """Print a sign-in link once the server is ready, if it ever is."""
    deadline = time.monotonic() + SECONDS_TO_START
    while server.poll() is None and time.monotonic() < deadline:
        if is_ready():
            heddle("sign-in-link", "--user", DEMO_ADMIN)
            return
        time.sleep(0.05)


def is_ready() -> bool:
    """Ask the server whether it can work."""
    host = "127.0.0.1" if HOST in {"0.0.0.0", "::"} else HOST  # noqa: S104 - compared, not bound
    connection = http.client.HTTPConnection(host, int(PORT), timeout=5)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def serve_and_reload() -> int:
    """Serve, and start again after every change of a source, until stopped."""
    while True:
        started = newest(*(ROOT / name for name in SOURCES))
        server = serve()
        threading.Thread(target=print_link, args=(server,), daemon=True).start()
        while newest(*(ROOT / name for name in SOURCES)) == started:
            if server.poll() is not None and server.returncode <= 0:
                return server.returncode
            time.sleep(SECONDS_BETWEEN_LOOKS)
        server.terminate()
        server.wait()
        subprocess.run([sys.executable, str(ROOT / "ui/assets/build.py")], check=False, cwd=ROOT)


def newest(*places: Path) -> float:
    """Give when the youngest source under ``places`` was written; 0 when there is none."""
    return max((path.stat().st_mtime for path in sources(*places)), default=0)


def sources(*places: Path) -> Iterator[Path]:
    """Walk through source files, past what is built or installed."""
    for place in places:
        if place.is_file():
            yield place
            continue
        for folder, inner, files in os.walk(place):
            inner[:] = [name for name in inner if name not in {"node_modules", "static", "data"}]
            yield from (Path(folder, name) for name in files if Path(name).suffix in SUFFIXES)


if __name__ == "__main__":
    sys.exit(main())
