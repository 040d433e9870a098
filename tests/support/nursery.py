"""Short processes of our own: forked from one that has imported everything, not started anew.

To start Python and import the product costs a second of work, a fork some milliseconds. What runs
is a process all the same, with its own arguments, environment and streams; it may be killed.
``python -m tests.support.nursery`` is the process that forks: an order is one line of JSON on its
standard input, the answer one on its standard output.
"""

import atexit
import importlib
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS = 300


def run_apart(
    module: str, *arguments: str, given: str = "", environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Let a process call the function ``main`` of a module; what it wrote is in the outcome.

    Args:
        module: where ``main`` is.
        arguments: ``sys.argv`` of the process, after its name.
        given: on its standard input.
        environment: instead of ours.
    """
    with TemporaryDirectory(prefix="heddle-apart-") as folder:
        Path(folder, "in").write_text(given, "utf-8")
        order = {
            "module": module,
            "arguments": [module, *arguments],
            "folder": folder,
            "environment": dict(os.environ if environment is None else environment),
        }
        code = int(_ask(json.dumps(order)))
        out, err = (Path(folder, name).read_text("utf-8") for name in ("out", "err"))
    return subprocess.CompletedProcess([module, *arguments], code, out, err)


def _ask(order: str) -> str:
    process = _nursery()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(order + "\n")
    process.stdin.flush()
    return process.stdout.readline()


@cache
def _nursery() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.nursery"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    atexit.register(process.communicate)
    return process


def main() -> None:
    """Fork a process for each order, until nobody can order any more."""
    for line in sys.stdin:
        order = json.loads(line)
        module = importlib.import_module(order["module"])  # the first time; its children have it
        child = os.fork()
        if child == 0:
            _work(module, order)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _work(module: Any, order: Mapping[str, Any]) -> NoReturn:
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = order["arguments"]
    signal.alarm(SECONDS)
    for stream, name, flags in (
        (0, "in", os.O_RDONLY),
        (1, "out", os.O_WRONLY | os.O_CREAT),
        (2, "err", os.O_WRONLY | os.O_CREAT),
    ):
        os.dup2(os.open(Path(order["folder"], name), flags, 0o600), stream)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - what we had read ahead
    code = _outcome(module)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _outcome(module: Any) -> int:
    try:
        module.main()
    except SystemExit as ended:
        if isinstance(ended.code, str):
            sys.stderr.write(ended.code + "\n")
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - whatever ends a process is told on its standard error
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    main()
