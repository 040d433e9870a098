"""Write the generated parts of the reference: ``.venv/bin/python scripts/reference.py``.

A page of ``docs/`` holds prose, and between ``<!-- generated: NAME -->`` and
``<!-- /generated -->`` what `scripts.reference_tables` makes of the code. A page ``x.zh.md`` is
Chinese, ``x.md`` English. `tests/docs` fails when a page is stale.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.reference_tables import TABLES

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
BLOCK = re.compile(r"(<!-- generated: ([a-z_]+) -->\n).*?(<!-- /generated -->)", re.DOTALL)


def main() -> int:
    """Rewrite every page that is stale; tells which."""
    for path, text in pages():
        if path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    return 0


def pages() -> Iterator[tuple[Path, str]]:
    """Give every page with generated parts, and its text as it should be."""
    for path in sorted(DOCS.rglob("*.md")):
        text = path.read_text("utf-8")
        if BLOCK.search(text):
            yield path, filled(text, language_of(path))


def filled(text: str, language: str) -> str:
    """Put the tables into a page.

    Raises:
        KeyError: a block names a table that there is not.
    """
    return BLOCK.sub(lambda match: f"{match[1]}{TABLES[match[2]](language)}\n{match[3]}", text)


def language_of(path: Path) -> str:
    """Give the language of a page."""
    return "zh-CN" if path.name.endswith(".zh.md") else "en"


if __name__ == "__main__":
    sys.exit(main())
