"""Parts of the company."""

from typing import ClassVar

from engine.fields.base import Schema
from engine.fields.link import CONDITION_SCHEMA, INVERSE_SCHEMA, ON_DELETE_SCHEMA, LinkField
from metadata.model import FieldDef


class DepartmentField(LinkField):
    """A link to a department."""

    key = "department"
    widget = "department"
    schema: ClassVar[Schema] = {
        "where": CONDITION_SCHEMA,
        "on_delete": ON_DELETE_SCHEMA,
        "inverse": INVERSE_SCHEMA,
    }
    needs = frozenset()
    smallest = {}

    def target(self, field: FieldDef) -> str:
        return "department"
