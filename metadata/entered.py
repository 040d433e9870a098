"""One document as somebody typed it: read, and problems put in their places in the text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from metadata.documents import Source
from metadata.errors import MetadataInvalid, Problem
from metadata.strict_yaml import read_yaml


@dataclass(frozen=True, slots=True)
class Entered:
    """A text that could be read: the document it says, and where its parts stand."""

    body: Mapping[str, Any]
    source: Source


def read_document(text: str, name: str) -> Entered:
    """Read the text of one document.

    Raises:
        MetadataInvalid: it cannot be read, or it is another document; with line and column.
    """
    found, problems = read_yaml(text.encode(), name)
    if problems:
        raise MetadataInvalid([replace(one, document=name) for one in problems])
    if len(found) != 1:
        raise MetadataInvalid([Problem("one_document", document=name, line=1, column=1)])
    data, source = dict(found[0].data), found[0].source
    kind, key = data.pop("kind", ""), data.pop("key", "")
    if f"{kind}/{key}" != name:
        line, column = source.locate("key" if kind == name.partition("/")[0] else "kind")
        problem = Problem("other_document", name, line=line, column=column, params={"id": name})
        raise MetadataInvalid([problem])
    return Entered(data, source)


def located(problems: Sequence[Problem], name: str, source: Source) -> list[Problem]:
    """Give problems of a document the places of the text that was entered."""
    found = []
    for one in problems:
        if one.document == name and not one.line:
            line, column = source.locate(one.path, value=False)
            found.append(replace(one, line=line, column=column))
        else:
            found.append(one)
    return found
