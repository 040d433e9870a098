"""Collects what is wrong with documents, each with the place where it stands."""

from dataclasses import dataclass, field, replace
from typing import Any

from metadata.documents import Document, above
from metadata.errors import Problem

_TYPE_WORDS: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (str, "string"),
    (dict, "object"),
    (list, "array"),
)


@dataclass(slots=True)
class Report:
    """A list of problems that grows."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, document: Document, code: str, path: str = "", **params: Any) -> None:
        """Note a problem with the thing that has this name."""
        self.problems.append(problem_at(document, code, path, **params))

    def add_value(self, document: Document, code: str, path: str, **params: Any) -> None:
        """Note a problem with the value that stands at the path."""
        self.problems.append(problem_at(document, code, path, at_value=True, **params))

    def add_inside(
        self, document: Document, code: str, path: str, offset: int, **params: Any
    ) -> None:
        """Note a problem with a character of the text that stands at the path."""
        found = problem_at(document, code, path, at_value=True, position=offset + 1, **params)
        if found.line and document.source is not None:
            line, column = document.source.locate_inside(path, offset)
            found = replace(found, line=line, column=column)
        self.problems.append(found)

    def __bool__(self) -> bool:
        return bool(self.problems)


def problem_at(
    document: Document, code: str, path: str = "", *, at_value: bool = False, **params: Any
) -> Problem:
    """Make a problem that points at a part of a document: at its name, or at its value.

    A part that an override decided has no place in a file.
    """
    source = document.source
    overridden = any(part in document.touched for part in above(path))
    if source is None or overridden:
        return Problem(code, document=document.id, path=path, params=params)
    line, column = source.locate(path, value=at_value)
    return Problem(
        code,
        document=document.id,
        path=path,
        file=source.file,
        line=line,
        column=column,
        params=params,
    )


def type_word(value: Any) -> str:
    """Give the word that JSON Schema has for the type of a value."""
    return next((word for kind, word in _TYPE_WORDS if isinstance(value, kind)), "null")
