"""Write the generated parts of the reference: ``.venv/bin/python scripts/reference.py``.

A page of ``docs/`` holds prose, and between ``<!-- generated: NAME -->`` and
``<!-- /generated -->`` what `scripts.reference_tables` makes of the code. A page ``x.zh.md`` is
Chinese, ``x.md`` English. `tests/docs` fails when a page is stale.
"""

import re
import sys
from pathlib import Path

from scripts.reference_tables import TABLES

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
BLOCK = re.compile(r"(<!-- generated: ([a-z_]+) -->\n).*?(<!-- /generated -->)", re.DOTALL)


def main() -> int:
    """Rewrite every page that is stale; tells which."""
    for path in pages():
        text = path.read_text("utf-8")
        wanted = filled(text, language_of(path))
        if text != wanted:
            path.write_text(wanted, "utf-8")
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    return 0


def pages() -> list[Path]:
    """Give every page with generated parts."""
    return [path for path in sorted(DOCS.rglob("*.md")) if BLOCK.search(path.read_text("utf-8"))]


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
