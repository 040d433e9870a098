"""Cutting a formula into words. Nothing here knows what they mean."""

import re
from dataclasses import dataclass
from typing import Literal

from metadata.formula.errors import FormulaInvalid

LONGEST = 2_000
"""Characters of one formula."""
MOST_TOKENS = 600
LONGEST_NUMBER = 18
MOST_DECIMALS = 12

Kind = Literal["number", "text", "name", "op", "end"]

_WIDE = str.maketrans(
    "（），＋－×÷＝＜＞／＊。", "(),+-*/=<>/*."
)  # as Chinese keyboards type them
_SPACE = re.compile(r"[ \t\r\n\u00a0\u3000]+")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_OPERATOR = re.compile(r"<=|>=|<>|!=|==|[-+*/(),=<>]|[≠≤≥]")
_SAME = {"!=": "<>", "==": "=", "≠": "<>", "≤": "<=", "≥": ">="}
_QUOTES = "\"'"


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a formula; ``at`` is the place of its first character, from 0."""

    kind: Kind
    text: str
    at: int
    until: int


def tokens_of(text: str) -> list[Token]:
    """Cut a formula into tokens; the last one is the end.

    Raises:
        FormulaInvalid: a character that means nothing, a text without its end, too long.
    """
    if len(text) > LONGEST:
        raise FormulaInvalid("formula_too_long", LONGEST, most=LONGEST)
    found: list[Token] = []
    at = 0
    while at < len(text):
        space = _SPACE.match(text, at)
        if space is not None:
            at = space.end()
            continue
        if len(found) >= MOST_TOKENS:
            raise FormulaInvalid("formula_too_large", at, most=MOST_TOKENS)
        token = _text(text, at) if text[at] in _QUOTES else _word(text, at)
        found.append(token)
        at = token.until
    return [*found, Token("end", "", len(text), len(text))]


def _text(text: str, at: int) -> Token:
    """Read a text; its quote written twice stands for itself."""
    quote, parts, here = text[at], [], at + 1
    while True:
        end = text.find(quote, here)
        if end < 0:
            raise FormulaInvalid("formula_text_open", at, len(text), quote=quote)
        parts.append(text[here:end])
        if text[end + 1 : end + 2] != quote:
            return Token("text", quote.join(parts), at, end + 1)
        here = end + 2


def _word(text: str, at: int) -> Token:
    plain = text.translate(_WIDE)
    number = _NUMBER.match(plain, at)
    if number is not None:
        whole, _, rest = number[0].partition(".")
        if len(whole) > LONGEST_NUMBER or len(rest) > MOST_DECIMALS:
            raise FormulaInvalid("formula_number_too_long", at, number.end(), most=LONGEST_NUMBER)
        return Token("number", number[0], at, number.end())
    name = _NAME.match(plain, at)
    if name is not None:
        return Token("name", name[0], at, name.end())
    operator = _OPERATOR.match(plain, at)
    if operator is not None:
        return Token("op", _SAME.get(operator[0], operator[0]), at, operator.end())
    raise FormulaInvalid("formula_character", at, character=text[at])
