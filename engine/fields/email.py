"""E-mail addresses."""

import re
from typing import Any, ClassVar

from engine.errors import InvalidValue
from engine.fields import clean, sample_words
from engine.fields.base import SampleWorld, Schema
from engine.fields.text import TextField
from metadata.model import FieldDef

LONGEST = 254
_LOCAL = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"(?!-)[^\W_](?:[\w-]{0,61}[^\W_])?"
_ADDRESS = re.compile(rf"{_LOCAL}@(?:{_LABEL}\.)+{_LABEL}", re.IGNORECASE)
_LONGEST_LOCAL = 64


class EmailField(TextField):
    """An e-mail address.

    Stored:  as typed, plain width. Two that differ in case only are one address.
    """

    key = "email"
    widget = "email"
    schema: ClassVar[Schema] = {}
    groupable = False
    personal = True
    conversions = {"text": "as_shown"}
    longest = LONGEST

    def parse(self, raw: object, field: FieldDef) -> str | None:
        text = clean.within_length(clean.narrow(clean.line(raw)), LONGEST)
        if not text:
            return None
        if not _ADDRESS.fullmatch(text) or text.index("@") > _LONGEST_LOCAL:
            raise InvalidValue("not_an_email")
        return text

    def unique_key(self, stored: Any, field: FieldDef) -> str | None:
        return clean.folded(stored) if stored else None

    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        return sample_words.email(world)
