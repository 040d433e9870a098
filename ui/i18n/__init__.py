"""Texts for people: gettext catalogues, one dictionary of a language for all areas.

``ui/i18n/<language>/<area>.po``: the msgid is a dotted key, the msgstr the text with its
parameters in braces. Texts are data: a parameter is put in as text, never looked into.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

FOLDER = Path(__file__).resolve().parent
LANGUAGES = ("zh-CN", "en")
PARAMETER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")

log = logging.getLogger("heddle.texts")


@dataclass(slots=True)
class Strictness:
    """What a missing text is: an error (as in tests) or its key on the screen (as served)."""

    on: bool = True


STRICT = Strictness()


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Give all texts of a language: key -> text. Read once.

    Raises:
        RuntimeError: a key stands in two areas, or a message has no text.
    """
    found: dict[str, str] = {}
    for path in sorted((FOLDER / language).glob("*.po")):
        with path.open("rb") as file:
            messages = read_po(file, locale=language.replace("-", "_"), abort_invalid=True)
        for message in messages:
            if not message.id:
                continue
            key, text = str(message.id), message.string
            if key in found or not isinstance(text, str) or not text:
                raise RuntimeError(f"{path}: {key} is empty or stands twice")
            found[key] = text
    return found


def has_text(language: str, key: str) -> bool:
    """Tell whether there is a text for ``key``; for texts that are optional, such as hints."""
    return key in catalogue(language)


def translate(language: str, key: str, /, **params: Any) -> str:
    """Give the text of ``key`` with its parameters filled in.

    Raises:
        RuntimeError: there is no such text, or a parameter is missing, while `STRICT`.
    """
    text = catalogue(language).get(key)
    if text is None:
        return _missing(f"{language}: no text for {key}", key)
    return fill(text, params) if "{" in text else text


def fill(text: str, params: Mapping[str, Any]) -> str:
    """Replace ``{name}`` by the parameter of that name; nothing else of the text is special."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in params:
            return _missing(f"no parameter {match[1]} for {text!r}", match[0])
        return str(params[match[1]])

    return PARAMETER.sub(value, text)


def language_of(wanted: str, fallback: str) -> str:
    """Choose a language by an ``Accept-Language`` header; ``fallback`` where none fits."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(wanted.split(",")[:20]):
        tag, _, weight = part.strip().partition(";q=")
        language = _known(tag.strip().lower())
        if language:
            ranked.append((-_weight(weight), place, language))
    ranked.sort()
    return ranked[0][2] if ranked and ranked[0][0] < 0 else fallback


def _known(tag: str) -> str:
    primary = tag.split("-", 1)[0]
    return next((known for known in LANGUAGES if known.split("-", 1)[0] == primary), "")


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def _missing(problem: str, shown: str) -> str:
    if STRICT.on:
        raise RuntimeError(problem)
    log.error(problem)
    return shown
