"""The initials of Chinese names: the first letters of their pinyin, as people type them.

The table is a file of the package, ``data/initials.txt``, made when the front end is built (its
shape: ``ui/assets/initials.py``); it is read when the first name is written or looked up. A
character that is read in two ways gives two forms of its name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "initials.txt"
FIRST = 0x3400
UNKNOWN = "."
ASCII = 128
LONGEST = 40
"""Characters of a name that have initials."""
MOST_FORMS = 8
_CHINESE = re.compile("[\u3400-\u9fff]")


class Letters(dict[int, str]):
    """What each character becomes, for `str.translate`; a dictionary of those seen so far."""

    def __init__(self, known: str) -> None:
        """Take the letters of the characters from `FIRST` on."""
        self._known = known

    def __missing__(self, code: int) -> str:
        place = code - FIRST
        if 0 <= place < len(self._known):
            letter = self._known[place].strip(UNKNOWN)
        else:
            letter = chr(code) if code < ASCII and chr(code).isalnum() else ""
        self[code] = letter
        return letter


@dataclass(frozen=True, slots=True)
class InitialTable:
    """Letters of characters, and the characters that have one of several."""

    letters: Letters
    doubles: Mapping[str, str]


@cache
def table() -> InitialTable:
    """Read the table, once."""
    letters, doubles = FILE.read_text(encoding="utf-8").splitlines()
    return InitialTable(Letters(letters), {one[0]: one[1:] for one in doubles.split(" ")})


def initials_of(name: str) -> str:
    """Give the initials of a normalised name, its forms separated by spaces.

    Letters and digits stand for themselves, everything else is passed over: ``tcl科技`` gives
    ``tclkj``. A name without Chinese characters has none.
    """
    if name.isascii() or not _CHINESE.search(name, 0, LONGEST):
        return ""
    known = table()
    name = name[:LONGEST]
    if known.doubles.keys().isdisjoint(name):
        return name.translate(known.letters)
    forms = [""]
    for character in name:
        both = known.doubles.get(character, "")
        if both and len(forms) < MOST_FORMS:
            forms = [form + one for form in forms for one in both]
        else:
            letter = character.translate(known.letters)
            forms = [form + letter for form in forms]
    return " ".join(dict.fromkeys(forms))
