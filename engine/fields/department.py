"""Parts of the company."""

from typing import ClassVar

from engine.fields.base import Schema
from engine.fields.link import (
    CONDITION_SCHEMA,
    INVERSE_SCHEMA,
    LINK_OPERATORS,
    ON_DELETE_SCHEMA,
    LinkField,
)
from metadata.model import FieldDef


class DepartmentField(LinkField):
    """A link to a department."""

    key = "department"
    widget = "department"
    operators = LINK_OPERATORS | {"in_my_department", "in_my_department_tree"}
    schema: ClassVar[Schema] = {
        "where": CONDITION_SCHEMA,
        "on_delete": ON_DELETE_SCHEMA,
        "inverse": INVERSE_SCHEMA,
    }
    needs = frozenset()
    smallest = {}
    conversions = {}

    def target(self, field: FieldDef) -> str:
        return "department"
