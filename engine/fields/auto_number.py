"""Numbers of papers, made by a rule when nobody gives one."""

from typing import Any, ClassVar

from engine.fields.base import SampleWorld, Schema
from engine.fields.text import TextField
from metadata.model import FieldDef


class AutoNumberField(TextField):
    """A number such as ``AB-20261123-0007``.

    Input:   text, where the rule lets people type it; the write gateway fills an empty one by
             `engine.fields.numbering`.
    """

    key = "auto_number"
    widget = "auto_number"
    schema: ClassVar[Schema] = {"rule": {"$ref": "common.schema.json#/$defs/owned_key"}}
    groupable = False
    fillable = False
    conversions = {}
    longest = 64

    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        return None
