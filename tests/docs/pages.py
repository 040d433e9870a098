"""The pages of the documentation, and the fenced examples in them."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"
WRITTEN = ("README.md", "README.zh.md", "CHANGELOG.md", "CONTRIBUTING.md")
FENCE = re.compile(
    r"^(?P<indent> *)```(?P<info>[^\n]*)\n(?P<body>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Example:
    """A fenced block: its language, the file that it is to be saved as, its text."""

    page: Path
    line: int
    language: str
    file: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    """Give every page that people read."""
    return [*(ROOT / name for name in WRITTEN), *sorted(DOCS.rglob("*.md"))]


def name_of(page: Path) -> str:
    """Give the path of a page, for the name of a test."""
    return page.relative_to(ROOT).as_posix()


def examples(page: Path) -> Iterator[Example]:
    """Give the fenced blocks of a page, in order."""
    text = page.read_text("utf-8")
    for match in FENCE.finditer(text):
        language, _, file = match["info"].strip().partition(" ")
        yield Example(
            page=page,
            line=text.count("\n", 0, match.start()) + 1,
            language=language,
            file=file.strip(),
            text=textwrap.dedent(match["body"]),
        )


def prose(page: Path) -> str:
    """Give a page without its fenced blocks."""
    return FENCE.sub("", page.read_text("utf-8"))
