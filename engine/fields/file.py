"""Files that belong to a record. Their content lies in the store; a value says which they are."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from engine.context import Locale
from engine.errors import InvalidValue
from engine.fields.base import TEXT_WIDTH, ColumnSpec, FieldType, SampleWorld, Schema
from metadata.model import FieldDef

ADDRESS = "/files/"
MOST_FILES = 20
"""In one field that holds several, unless its definition says otherwise."""
_ID = re.compile(r"[0-9a-f]{32}")
_IN_TEXT = re.compile(rf"(?:{ADDRESS}|(?<![0-9A-Za-z]))([0-9a-f]{{32}})(?![0-9A-Za-z])")
_PARTS = 4
_DIGITS = 15


class FileRef(NamedTuple):
    """One file of a value.

    What it is called and how large it is stand here too, so that a row of a list shows its files
    without looking anything up. A file never changes.
    """

    id: str
    name: str = ""
    type: str = ""
    size: int = 0

    @property
    def line(self) -> str:
        """Give it as one text, which `FileField.parse` reads back."""
        return f"{self.id} {self.type} {self.size} {self.name}"


Files = tuple[FileRef, ...]


class FileField(FieldType):
    """One file, or several with ``many``.

    Input:   ids of files that were uploaded before, alone or as ``{"id": …}``. What else is said
             of a file counts for nothing: the write gateway looks it up, and asks for rights.
    Stored:  a tuple of `FileRef`; the row of each file says which record it belongs to.
    """

    key = "file"
    widget = "file"
    operators = frozenset({"empty", "not_empty"})
    schema: ClassVar[Schema] = {
        "many": {"type": "boolean"},
        "max_count": {"type": "integer", "minimum": 1, "maximum": 100},
        "max_size": {"type": "integer", "minimum": 1, "maximum": 2048},
        "types": {
            "type": "array",
            "minItems": 1,
            "maxItems": 40,
            "uniqueItems": True,
            "items": {"type": "string", "pattern": "^[a-z0-9]{1,8}$"},
        },
    }
    sortable = False
    indexable = False
    files = True

    def columns(self, field: FieldDef) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("files", width=TEXT_WIDTH),)

    def parse(self, raw: object, field: FieldDef) -> Files | None:
        if isinstance(raw, str):
            raw = raw.strip()
        if raw is None or raw == "":
            return None
        given = raw if isinstance(raw, list | tuple) else (raw,)
        if len(given) > most_files(field) + 1:  # a form sends an empty one before the others
            raise InvalidValue("too_many_files", most=most_files(field))
        found = {one.id: one for one in map(_ref, given) if one is not None}
        if len(found) > most_files(field):
            raise InvalidValue("too_many_files", most=most_files(field))
        return tuple(found.values()) or None

    def api(self, stored: Any, field: FieldDef) -> Any:
        told = [one._asdict() for one in stored or ()]
        if field.props.get("many"):
            return told
        return told[0] if told else None

    def text(self, stored: Any, field: FieldDef, locale: Locale) -> str:
        return "; ".join(one.name for one in stored or ())

    def export(self, stored: Any, field: FieldDef, locale: Locale) -> Any:
        if not stored:
            return None
        return "\n".join(f"{one.name} {ADDRESS}{one.id}" for one in stored)

    def from_text(self, text: object, field: FieldDef, locale: Locale) -> Files | None:
        """Read ids, or addresses that hold them; a name alone brings no file along."""
        if isinstance(text, str) and text.strip():
            ids = _IN_TEXT.findall(text)
            if not ids or len(ids) < len(text.split("\n")):
                raise InvalidValue("file_names_only")
            return self.parse(ids, field)
        return self.parse(text, field)

    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        return None


def most_files(field: FieldDef) -> int:
    """Tell how many files a field takes."""
    return int(field.props.get("max_count", MOST_FILES)) if field.props.get("many") else 1


def _ref(raw: object) -> FileRef | None:
    if isinstance(raw, FileRef):
        return raw
    if isinstance(raw, Mapping):
        size = raw.get("size")
        return FileRef(
            _id(raw.get("id")),
            str(raw.get("name") or ""),
            str(raw.get("type") or ""),
            size if isinstance(size, int) and not isinstance(size, bool) else 0,
        )
    if not isinstance(raw, str):
        raise InvalidValue("not_a_file")
    if not raw.strip():
        return None
    parts = raw.strip().split(" ", _PARTS - 1)
    if len(parts) < _PARTS:
        return FileRef(_id(raw.strip()))
    size = parts[2]
    if not (size.isascii() and size.isdigit() and len(size) <= _DIGITS):
        raise InvalidValue("not_a_file")
    return FileRef(_id(parts[0]), parts[3], parts[1], int(size))


def _id(raw: object) -> str:
    if not isinstance(raw, str) or not _ID.fullmatch(raw):
        raise InvalidValue("not_a_file")
    return raw
