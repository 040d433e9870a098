"""The platform knows no noun of the CRM: the CRM is a pack, and so is any other trade."""

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import PLATFORM, files, place, read

# Never, not even in a comment.
PROSE = ("customer", "customers", "opportunity", "opportunities", "payment", "payments")
CHINESE = ("客户", "线索", "合同", "商机", "回款")

# English has other uses for these, so they are refused only where they name something.
NAMES = frozenset({*PROSE, "lead", "leads", "contract", "contracts", "instalment", "receivable"})

# `payment=()` is a feature of browsers that a Permissions-Policy header switches off.
IN_PROSE = re.compile(rf"\b(?:{'|'.join(PROSE)})\b(?!=\()|{'|'.join(CHINESE)}", re.IGNORECASE)
QUOTED_NAME = re.compile(r"""["'](?:lead|contract|instalment|receivable)s?["']""")
IN_MESSAGES = re.compile(rf"\b(?:{'|'.join(sorted(NAMES))})\b|{'|'.join(CHINESE)}", re.IGNORECASE)

PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
NAME_LIKE = re.compile(r"[\w./:-]+")


def trade_words(root: Path) -> Iterator[str]:
    """Find words of the trade in the platform: in file names, code, templates and messages."""
    for path in files(root, PLATFORM, ".py"):
        for line, word in words_of_python(read(path)):
            yield f"{place(path, root, line)}: {word}"
    for path in files(root, PLATFORM, ".html", ".js", ".css", ".yaml", ".svg", ".txt"):
        yield from by_line(path, root, IN_PROSE)
        yield from by_line(path, root, QUOTED_NAME)
    for path in files(root, PLATFORM, ".po"):
        yield from by_line(path, root, IN_MESSAGES)
    for path in files(root, PLATFORM, ""):
        if named := trade_name(path.relative_to(root).as_posix()):
            yield f"{place(path, root)}: its name says {named}"


def by_line(path: Path, root: Path, pattern: re.Pattern[str]) -> Iterator[str]:
    """Find a pattern in a text file."""
    for number, line in enumerate(read(path).splitlines(), start=1):
        if found := pattern.search(line):
            yield f"{place(path, root, number)}: {found[0]}"


def words_of_python(source: str) -> Iterator[tuple[int, str]]:
    """Give line and word for each word of the trade in identifiers, strings and comments."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        bare = token.string.lstrip("rbfuRBFU").strip("\"'")
        is_name = token.type == tokenize.NAME
        if is_name or (token.type == tokenize.STRING and NAME_LIKE.fullmatch(bare)):
            word = trade_name(token.string if is_name else bare)
        else:
            found = IN_PROSE.search(token.string)
            word = found[0] if found else None
        if word:
            yield token.start[0], word


def trade_name(name: str) -> str | None:
    """Give the part of an identifier, key or path that is a word of the trade."""
    for text in CHINESE:
        if text in name:
            return text
    return next((part for part in PART.findall(name) if part.lower() in NAMES), None)


RULES = (trade_words,)
"""Each takes the root of a tree and gives one line for every place that breaks the rule."""
