"""People of the company."""

from typing import ClassVar

from engine.fields.base import Schema
from engine.fields.link import ACYCLIC_SCHEMA, LINK_OPERATORS, ON_DELETE_SCHEMA, LinkField
from engine.fields.named_target import NamedTarget, own_schema

PERSONAL_OPERATORS = frozenset(
    {"is_me", "is_my_report", "in_my_department", "in_my_department_tree"}
)


class UserField(NamedTarget, LinkField):
    """A link to a user."""

    key = "user"
    to = "user"
    widget = "user"
    operators = LINK_OPERATORS | PERSONAL_OPERATORS
    schema: ClassVar[Schema] = {**own_schema(ON_DELETE_SCHEMA), "acyclic": ACYCLIC_SCHEMA}
    needs = frozenset()
    smallest = {}
    conversions = {"users": "one_of_several"}
