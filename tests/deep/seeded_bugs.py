"""Plant bugs into the product, one after the other, and tell which check finds each.

``python -m tests.deep.seeded_bugs`` prints ``bug -> check`` and fails when one survives.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from tests.support.oracle.asking import ask
from tests.support.oracle.bugs import BUGS, Bug
from tests.support.oracle.hall import open_hall

WORLDS = 200
"""So many companies a bug may hide from its check."""


def worlds_until_found(bug: Bug, folder: Path) -> int | None:
    """Plant a bug; gives how many companies it took to find it, None when it survives."""
    with pytest.MonkeyPatch.context() as patch:
        bug.plant(patch)
        with open_hall(f"sqlite:///{folder / 'bug.db'}", folder) as hall:
            for number in range(WORLDS):
                try:
                    ask(hall, Random(number), [bug.found_by])  # noqa: S311 - a company
                except AssertionError:
                    return number + 1
    return None


def outcomes() -> Iterator[tuple[Bug, int | None]]:
    """Plant each bug in a site of its own."""
    for bug in BUGS:
        with TemporaryDirectory(prefix="heddle-bug-") as folder:
            yield bug, worlds_until_found(bug, Path(folder))


def main() -> int:
    """Print every bug with the check that finds it."""
    survivors = 0
    for bug, worlds in outcomes():
        told = f"{bug.found_by} (company {worlds})" if worlds else "SURVIVES"
        sys.stdout.write(f"{bug.name} -> {told}\n")
        survivors += worlds is None
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
