"""The engine's own tokenizer, the same for both databases.

Text is normalised (NFKC, case-folded), then cut into runs. A run of Chinese, Japanese or Korean
characters gives each character and each pair; a run of letters or of digits gives its beginnings
up to 8 characters, and a run of digits its last 4 and last 8 as well. The initials of a name give
their first letter, each pair and each three. So a term of a query is always looked up by whole
tokens: no prefix or phrase queries are needed of the database.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from operator import add

from engine.storage.functions import fold

TOKENIZER = 2
"""Grows with every change here; entries of an older one are rebuilt."""
BEGINNING = 8
TAILS = (4, 8)
LONGEST_TEXT = 2_000
"""Characters of one field that are found."""
LONGEST_QUERY = 100
MOST_GROUPS = 16
OBJECT_MARK = "\ue000"
"""Begins the token that names an object; a private character, so no word begins with it."""
OWNER_MARK = "\ue001"
"""Begins the token that names whose the record is."""
INITIAL_MARK = "\ue002"
"""Begins a piece of initials."""
PIECE = 3
"""Letters of a piece of initials; shorter ones are for those who have typed no more."""
LONGEST_INITIALS = 6
"""Letters of a query that are looked up as initials; the texts tell the rest."""

_CJK = (
    "々〆\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_RUNS = re.compile(f"(?P<cjk>[{_CJK}]+)|(?P<digits>[0-9]+)|(?P<word>[^\\W0-9_{_CJK}]+)")
_PLAIN = re.compile(f"[{_CJK}]+")


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: every term in some text; an entry has a token of every group."""

    terms: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]

    @property
    def is_plain(self) -> bool:
        """Tell whether a text that holds the terms has the tokens: Chinese is cut everywhere."""
        return all(_PLAIN.fullmatch(term) for term in self.terms)

    @property
    def may_be_initials(self) -> bool:
        """Tell whether some of it could be the initials of a name."""
        return any(group[-1].startswith(INITIAL_MARK) for group in self.groups)


def normal(text: str) -> str:
    """Give text as search compares it: NFKC, case-folded, one space between words."""
    return " ".join((fold(text) or "").split())


def object_token(object_id: int) -> str:
    """Give the token that every entry of an object has."""
    return f"{OBJECT_MARK}{object_id}"


def owner_token(user_id: int) -> str:
    """Give the token that every entry of somebody's records has."""
    return f"{OWNER_MARK}{user_id}"


def initial_tokens(forms: str) -> list[str]:
    """Give the tokens of a name's initials (`engine.fields.initials`); some repeat."""
    found: list[str] = []
    for form in forms.split(" "):
        found.append(INITIAL_MARK + form[:1])
        found += [f"{INITIAL_MARK}{a}{b}" for a, b in pairwise(form)]
        found += [INITIAL_MARK + form[at : at + PIECE] for at in range(len(form) - PIECE + 1)]
    return found


def tokens_of(texts: Iterable[str]) -> list[str]:
    """Give the tokens of normalised texts; some repeat."""
    found: list[str] = []
    for text in texts:
        for match in _RUNS.finditer(text):
            run = match.group()
            if match.lastgroup == "cjk":
                found += run
                found += map(add, run, run[1:])
                continue
            found += [run[:length] for length in range(1, min(len(run), BEGINNING) + 1)]
            if match.lastgroup == "digits":
                found += [run[-length:] for length in TAILS if len(run) >= length]
    return found


def query_of(text: str) -> Query:
    """Read what a person typed; without letters, digits or characters it finds nothing."""
    terms = tuple(dict.fromkeys(normal(text[:LONGEST_QUERY]).split(" ")))
    groups: dict[tuple[str, ...], None] = {}
    for term in terms:
        for match in _RUNS.finditer(term):
            groups.update(dict.fromkeys(_groups(match.group(), match.lastgroup or "")))
    return Query(tuple(term for term in terms if term), tuple(groups)[:MOST_GROUPS])


def holds(query: Query, texts: Iterable[str]) -> bool:
    """Tell whether each term stands in one of some normalised texts."""
    known = tuple(texts)
    return all(any(term in text for text in known) for term in query.terms)


def _pieces(letters: str, length: int) -> list[str]:
    ends = range(length, len(letters) + 1)
    return [INITIAL_MARK + letters[end - length : end] for end in ends]


def _groups(run: str, kind: str) -> list[tuple[str, ...]]:
    if kind == "cjk":
        return [(a + b,) for a, b in pairwise(run)] or [(run,)]
    beginning = run[:BEGINNING]
    if run.isascii() and run.isalpha():
        length = min(len(run), PIECE)
        return [(beginning, piece) for piece in _pieces(run[:LONGEST_INITIALS], length)]
    tail = next((length for length in reversed(TAILS) if len(run) > length), 0)
    return [(beginning, run[-tail:])] if kind == "digits" and tail else [(beginning,)]
