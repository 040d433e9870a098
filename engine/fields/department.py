"""Parts of the company."""

from typing import ClassVar

from engine.fields.base import Schema
from engine.fields.link import ACYCLIC_SCHEMA, LINK_OPERATORS, ON_DELETE_SCHEMA, LinkField
from engine.fields.named_target import NamedTarget, own_schema


class DepartmentField(NamedTarget, LinkField):
    """A link to a department."""

    key = "department"
    to = "department"
    widget = "department"
    operators = LINK_OPERATORS | {"in_my_department", "in_my_department_tree"}
    schema: ClassVar[Schema] = {**own_schema(ON_DELETE_SCHEMA), "acyclic": ACYCLIC_SCHEMA}
    needs = frozenset()
    smallest = {}
    conversions = {}
