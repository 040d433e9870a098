"""Writes documents as YAML in one way only: what `read_yaml` reads back is what was written."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from metadata.documents import Document

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "~"})
"""Words that this or another reader of YAML takes for something else than text."""
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_INDENT = "  "
_LAST_SHORT = 0xFFFF


def write_document(document: Document) -> bytes:
    """Write a document as the text of a file; the order of keys is kept.

    Raises:
        ValueError: it holds a value that no document can have.
    """
    return ("\n".join(_lines(document.full(), "")) + "\n").encode()


def _lines(value: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, inner in value.items():
        if isinstance(inner, Mapping) and inner:
            yield f"{indent}{_text(key)}:"
            yield from _lines(inner, indent + _INDENT)
        else:
            yield f"{indent}{_text(key)}: {_flow(inner)}"


def _flow(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    raise ValueError(f"{type(value).__name__} cannot stand in a document")


def _text(text: str) -> str:
    return text if _is_plain(text) else quoted(text)


def _is_plain(text: str) -> bool:
    return bool(_PLAIN.fullmatch(text)) and text.lower() not in _WORDS


def quoted(text: str) -> str:
    """Write a text in double quotes; whatever cannot be seen is written as an escape."""
    return '"' + "".join(_SHORT.get(char) or _char(char) for char in text) + '"'


def _char(char: str) -> str:
    if char == " " or (char.isprintable() and char != "\ufeff"):
        return char
    code = ord(char)
    return f"\\u{code:04X}" if code <= _LAST_SHORT else f"\\U{code:08X}"
