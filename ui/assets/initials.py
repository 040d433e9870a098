"""Build the table of the initials of Chinese characters; `ui/assets/build.py` runs this.

It writes ``engine/fields/data/initials.txt``. The first line has one letter for each character
from U+3400 to U+9FFF, ``.`` where none is known: the first letter of its pinyin. The second has
the characters that are read with one of several letters: the character, then its letters, the
usual one first: ``重zc 行xh``.

How often a character is read in which way is counted in the phrases of the package ``pypinyin``;
a reading that is rare in them counts only where it is a family name's.
"""

import unicodedata
from collections import Counter
from pathlib import Path

from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

ROOT = Path(__file__).resolve().parent.parent.parent
FILE = ROOT / "engine" / "fields" / "data" / "initials.txt"
FIRST, LAST = 0x3400, 0x9FFF
UNKNOWN = "."

OFTEN = 0.1
"""The share of phrases from which on a second reading is one that people have in mind."""
FEWEST_PHRASES = 4
SURNAMES = "乐y 仇q 区o 单s 召s 尉y 折s 曾z 朴p 查z 種c 纪j 缪m 翟z 葛g 覃q 解x 贾j 逄p 黑h"
"""Letters of characters as family names, whatever they are read like elsewhere."""
PLACES = "厦x 泌b 渑m 漯l 筠j 蚌b"
"""Likewise as places."""
FEWEST = 20_000
FEWEST_DOUBLE = 50


class InitialsError(RuntimeError):
    """The table came out too small: the source is not what it was."""


def write_initials() -> None:
    """Write the table (its shape: see the module).

    Raises:
        InitialsError: the source lacks most of what it had.
    """
    read = _phrases()
    named: dict[str, str] = {}
    for one in f"{SURNAMES} {PLACES}".split():
        named.setdefault(one[0], one[1])
    letters: list[str] = []
    doubles: list[str] = []
    for code in range(FIRST, LAST + 1):
        options = _options(chr(code), read.get(chr(code), Counter()), named)
        letters.append(options[0] if options else UNKNOWN)
        if len(options) > 1:
            doubles.append(chr(code) + options)
    known = len(letters) - letters.count(UNKNOWN)
    if known < FEWEST or len(doubles) < FEWEST_DOUBLE:
        raise InitialsError(f"initials of {known} characters, {len(doubles)} with several")
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(f"{''.join(letters)}\n{' '.join(doubles)}\n", encoding="utf-8")


def _phrases() -> dict[str, Counter[str]]:
    """Count with which letter each character is read in phrases."""
    read: dict[str, Counter[str]] = {}
    for phrase, syllables in PHRASES_DICT.items():
        for character, (syllable, *_) in zip(phrase, syllables, strict=False):
            if letter := _letter(syllable):
                read.setdefault(character, Counter())[letter] += 1
    return read


def _options(character: str, read: Counter[str], named: dict[str, str]) -> str:
    """Give the one or two letters of a character, the usual one first; "" where unknown."""
    readings = PINYIN_DICT.get(ord(character), "").split(",")
    usual = next((letter for one in readings if (letter := _letter(one))), "")
    counted = read.most_common(2)
    found = [
        letter
        for letter, count in counted
        if count >= FEWEST_PHRASES and count >= OFTEN * sum(read.values())
    ] or [usual]
    if character in named and named[character] not in found:
        found = [found[0], named[character]]
    return "".join(found)


def _letter(syllable: str) -> str:
    """Give the first letter of a syllable, without its tone."""
    first = unicodedata.normalize("NFD", syllable.strip())[:1].lower()
    return first if "a" <= first <= "z" else ""


if __name__ == "__main__":
    write_initials()
