"""Cleaning of raw text: what every type that reads text does first."""

import re
import unicodedata
from datetime import date, datetime

from engine.errors import InvalidValue

# Control characters and halves of surrogate pairs: no database stores them all.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROLS_IN_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_INVISIBLE = "\ufeff\u200b"


def line(raw: object) -> str:
    """Give raw input as one trimmed line of text; "" when empty.

    Raises:
        InvalidValue: not text, or text with control characters.
    """
    text = _trimmed(raw)
    if _CONTROLS.search(text):
        raise InvalidValue("control_character")
    return text


def lines(raw: object) -> str:
    r"""Give raw input as trimmed text whose lines end in ``\n``; "" when empty.

    Raises:
        InvalidValue: not text, or text with control characters.
    """
    text = _trimmed(raw).replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROLS_IN_LINES.search(text):
        raise InvalidValue("control_character")
    return text


def _trimmed(raw: object) -> str:
    if raw is None:
        return ""
    if not isinstance(raw, str):
        raise InvalidValue("not_text")
    text = raw
    while (shorter := text.strip().strip(_INVISIBLE)) != text:
        text = shorter
    return text


def within_length(text: str, most: int) -> str:
    """Give ``text`` back.

    Raises:
        InvalidValue: it has more than ``most`` characters.
    """
    if len(text) > most:
        raise InvalidValue("too_long", most=most, length=len(text))
    return text


def narrow(text: str) -> str:
    """Give ``text`` with full-width digits, letters and signs as plain ones (NFKC), trimmed."""
    return unicodedata.normalize("NFKC", text).strip()


def folded(text: str) -> str:
    """Give what two texts have in common that differ in width or case only."""
    return narrow(text).casefold()


def cell_text(cell: object) -> object:
    """Give a typed cell of a sheet as the text that the sheet shows; text stays as it is."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return f"{cell:.15g}"
    if isinstance(cell, int):
        return str(cell) if abs(cell) < 1 << 63 else f"{float(cell):.15g}"
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date):
        return cell.isoformat()
    return cell
