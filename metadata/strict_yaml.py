"""The one reader of YAML: a strict, small, safe part of YAML 1.2, with the place of every node.

Values are built straight from the parser's events. Limits are therefore checked before anything
is nested, and no recursive composer ever sees hostile input.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from metadata.documents import Source
from metadata.errors import Problem
from metadata.written import Written

LARGEST_FILE = 1024 * 1024  # bytes
FORMULA_KEY = "expr"
"""The key whose text is a language of its own: its problems point inside the text."""
DEEPEST = 32
MOST_NODES = 50_000
LONGEST_NUMBER = 18  # digits: always fits 63 bits

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


@dataclass(frozen=True, slots=True)
class Raw:
    """One document of a file as data, with the places of its parts."""

    data: dict[str, Any]
    source: Source


class _Refused(Exception):
    """Reading stops: the problem is not one that can be stepped over."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet."""

    path: str
    value: dict[str, Any] | list[Any]
    key: str | None = None  # of a mapping: the key whose value comes next


@dataclass(slots=True)
class _Reader:
    file: str
    problems: list[Problem] = field(default_factory=list)
    documents: list[Raw] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    values: dict[str, tuple[int, int]] = field(default_factory=dict)
    texts: dict[str, Written] = field(default_factory=dict)
    text: str = ""
    root: Any = None
    nodes: int = 0

    def problem(self, code: str, event: Event, path: str | None = None, **params: Any) -> Problem:
        line, column = _start(event)
        place = self.path() if path is None else path
        return Problem(code, "", place, self.file, line, column, params)

    def note(self, code: str, event: Event, path: str | None = None, **params: Any) -> None:
        self.problems.append(self.problem(code, event, path, **params))

    def path(self) -> str:
        """Give the path of the value that comes next."""
        if not self.stack:
            return ""
        top = self.stack[-1]
        name = str(len(top.value)) if isinstance(top.value, list) else top.key
        return "/".join(part for part in (top.path, name) if part)

    def read(self, events: Iterator[Event]) -> None:
        for event in events:
            if isinstance(event, NodeEvent):
                self.node(event)
            elif isinstance(event, CollectionEndEvent):
                self.stack.pop()
                self.step()
            elif isinstance(event, DocumentStartEvent):
                if event.version or event.tags:
                    raise _Refused(self.problem("directive_not_allowed", event))
                self.keys, self.values, self.texts, self.root = {}, {}, {}, None
            elif isinstance(event, DocumentEndEvent):
                self.finish(event)

    def finish(self, event: Event) -> None:
        if not isinstance(self.root, dict):
            line, column = self.values.get("", _start(event))
            self.problems.append(
                Problem("not_a_document", file=self.file, line=line, column=column)
            )
            return
        self.documents.append(
            Raw(self.root, Source(self.file, self.keys, self.values, self.texts))
        )

    def node(self, event: Any) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise _Refused(self.problem("too_many_nodes", event, most=MOST_NODES))
        if isinstance(event, AliasEvent) or event.anchor is not None:
            raise _Refused(self.problem("alias_not_allowed", event, name=event.anchor))
        if event.tag is not None:
            self.note("tag_not_allowed", event, tag=event.tag)
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self.start_entry(top, event)
        elif isinstance(event, ScalarEvent):
            if top is not None and top.key == FORMULA_KEY:
                self.texts[self.path()] = written_by(event, self.text)
            self.place(event, self.scalar(event))
            self.step()
        else:
            self.start_collection(event)

    def printable(self, event: ScalarEvent) -> None:
        """Refuse what cannot stand in a file and came as an escape all the same."""
        bad = UNPRINTABLE.search(event.value) if event.style == '"' else None
        if bad is not None:
            self.note("character_not_allowed", event, character=f"U+{ord(bad.group()):04X}")

    def start_entry(self, top: _Open, event: Any) -> None:
        """Take a node as the key of an entry."""
        if not isinstance(event, ScalarEvent):
            raise _Refused(self.problem("key_not_text", event, top.path))
        name = event.value
        self.printable(event)
        path = f"{top.path}/{name}" if top.path else name
        if not event.style and name in _NULLS:
            self.note("null_not_allowed", event, path)
        elif not event.style and name == "<<":
            self.note("merge_not_allowed", event, path)
        elif name in top.value:
            first = self.keys[path][0]
            self.note("duplicate_key", event, path, name=name, first_line=first)
        else:
            self.keys[path] = _start(event)
        top.key = name

    def start_collection(self, event: CollectionStartEvent) -> None:
        if len(self.stack) >= DEEPEST:
            raise _Refused(self.problem("too_deep", event, most=DEEPEST))
        path = self.path()
        value: dict[str, Any] | list[Any] = {} if isinstance(event, MappingStartEvent) else []
        self.place(event, value)
        self.stack.append(_Open(path, value))

    def place(self, event: Event, value: Any) -> None:
        """Put a value where it belongs; `step` moves on once it is whole."""
        path, place = self.path(), _start(event)
        self.values.setdefault(path, place)
        if not self.stack:
            self.root = value
            self.keys[""] = place
            return
        top = self.stack[-1]
        if isinstance(top.value, dict):
            top.value.setdefault(top.key or "", value)
        else:
            self.keys[path] = place
            top.value.append(value)

    def step(self) -> None:
        """Move on after a whole value: a mapping waits for its next key."""
        if self.stack:
            self.stack[-1].key = None

    def scalar(self, event: ScalarEvent) -> Any:
        text: str = event.value
        self.printable(event)
        if event.style or event.tag is not None:
            return text
        if text in {"true", "false"}:
            return text == "true"
        if text in _NULLS:
            self.note("null_not_allowed", event)
            return ""
        if _INTEGER.fullmatch(text):
            if len(text.lstrip("-")) > LONGEST_NUMBER:
                self.note("number_too_large", event)
                return 0
            return int(text)
        if _FLOAT.fullmatch(text.lower()) and not text.lstrip("+-").isdigit():
            self.note("float_not_allowed", event, value=text[:40])
        return text


def written_by(event: ScalarEvent, text: str) -> Written:
    """Keep how a text is written, so that its characters can be found in the file."""
    start, end = event.start_mark, event.end_mark
    if start is None or end is None:
        return Written(event.value, "", "", 1, 1)
    lines = text.split("\n")[start.line : end.line + 1]
    raw = "\n".join(lines)
    last = len(raw) - len(lines[-1]) + end.column
    style = event.style or ""
    return Written(event.value, raw[start.column : last], style, start.line + 1, start.column + 1)


def _start(event: Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def read_yaml(data: bytes, file: str) -> tuple[list[Raw], list[Problem]]:
    """Read every document of a file.

    Args:
        data: the file as it is; UTF-8, at most 1 MiB.
        file: its name, for the problems.

    Returns:
        The documents that could be read, and what is wrong. A document with problems is still
        given when it could be read to its end: callers use none of it when there are problems.
    """
    text, refused = _decode(data, file)
    if refused is not None:
        return [], [refused]
    reader = _Reader(file, text=text)
    try:
        reader.read(yaml.parse(text, Loader=_LOADER))
    except _Refused as stop:
        return [], [*reader.problems, stop.problem]
    except yaml.YAMLError as error:
        return [], [*reader.problems, _syntax(error, text, file)]
    return reader.documents, reader.problems


def _decode(data: bytes, file: str) -> tuple[str, Problem | None]:
    if len(data) > LARGEST_FILE:
        return "", Problem("file_too_large", file=file, params={"most": LARGEST_FILE})
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8-sig", "replace")) + 1
        return "", Problem("not_utf8", file=file, line=before.count(b"\n") + 1, column=column)
    bad = UNPRINTABLE.search(text)
    if bad is not None:
        line, column = _place(text, bad.start())
        params = {"character": f"U+{ord(bad.group()):04X}"}
        return "", Problem(
            "character_not_allowed", file=file, line=line, column=column, params=params
        )
    return text, None


def _place(text: str, position: int) -> tuple[int, int]:
    line = text.count("\n", 0, position)
    return line + 1, position - (text.rfind("\n", 0, position) + 1) + 1


def _syntax(error: yaml.YAMLError, text: str, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    lines = text.split("\n")
    here = lines[line - 1] if line <= len(lines) else ""
    if "\t" in here[: len(here) - len(here.lstrip())] or here[column - 1 : column] == "\t":
        tab = here.index("\t")
        return Problem("tab_not_allowed", file=file, line=line, column=tab + 1)
    detail = getattr(error, "problem", None) or ""
    return Problem("yaml_invalid", file=file, line=line, column=column, params={"detail": detail})
