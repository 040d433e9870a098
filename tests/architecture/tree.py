"""The project's own files, and what is in them."""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PLATFORM = ("engine", "ui", "workflows")
PRODUCT = ("app.py", "metadata", *PLATFORM)
EVERYTHING = (*PRODUCT, "bench", "docs", "hatch_build.py", "scripts", "tests")

# Fetched or built, never written here.
NOT_OURS = {"__pycache__", "node_modules", "static"}


def files(root: Path, places: tuple[str, ...], *suffixes: str) -> Iterator[Path]:
    """Walk through the files under ``places`` of ``root`` that end in one of ``suffixes``."""
    for place in places:
        start = root / place
        if start.is_file() and start.suffix in suffixes:
            yield start
        for folder, inner, names in os.walk(start):
            inner[:] = sorted(name for name in inner if name not in NOT_OURS and name[0] != ".")
            yield from (Path(folder, name) for name in sorted(names) if name.endswith(suffixes))


def read(path: Path) -> str:
    """Give a file's text."""
    return path.read_text(encoding="utf-8")


def parse(path: Path) -> ast.Module:
    """Give a Python file's syntax tree."""
    return ast.parse(read(path), filename=str(path))


def place(path: Path, root: Path, line: int | None = None) -> str:
    """Name a place the way editors open it: ``engine/x.py:12``."""
    name = path.relative_to(root).as_posix()
    return name if line is None else f"{name}:{line}"
