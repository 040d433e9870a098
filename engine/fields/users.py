"""Several people of the company."""

from typing import ClassVar

from engine.fields.base import Schema
from engine.fields.links import ON_DELETE_SCHEMA, LinksField
from engine.fields.multi_select import MANY_OPERATORS
from engine.fields.named_target import NamedTarget, own_schema
from engine.fields.user import PERSONAL_OPERATORS


class UsersField(NamedTarget, LinksField):
    """Links to some users. ``is_me`` and the like hold when they do for one of them."""

    key = "users"
    to = "user"
    widget = "users"
    operators = MANY_OPERATORS | PERSONAL_OPERATORS
    schema: ClassVar[Schema] = own_schema(ON_DELETE_SCHEMA)
    needs = frozenset()
    smallest = {}
    conversions = {"user": "single_value"}
