"""People of the company."""

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

PERSONAL_OPERATORS = frozenset(
    {"is_me", "is_my_report", "in_my_department", "in_my_department_tree"}
)


class UserField(LinkField):
    """A link to a user."""

    key = "user"
    widget = "user"
    operators = LINK_OPERATORS | PERSONAL_OPERATORS
    schema: ClassVar[Schema] = {
        "where": CONDITION_SCHEMA,
        "on_delete": ON_DELETE_SCHEMA,
        "inverse": INVERSE_SCHEMA,
    }
    needs = frozenset()
    smallest = {}
    conversions = {"users": "one_of_several"}

    def target(self, field: FieldDef) -> str:
        return "user"
