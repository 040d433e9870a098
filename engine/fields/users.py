"""Several people of the company."""

from typing import ClassVar

from engine.fields.base import Schema
from engine.fields.link import CONDITION_SCHEMA, INVERSE_SCHEMA
from engine.fields.links import ON_DELETE_SCHEMA, LinksField
from engine.fields.multi_select import MANY_OPERATORS
from engine.fields.user import PERSONAL_OPERATORS
from metadata.model import FieldDef


class UsersField(LinksField):
    """Links to some users. ``is_me`` and the like hold when they do for one of them."""

    key = "users"
    widget = "users"
    operators = MANY_OPERATORS | PERSONAL_OPERATORS
    schema: ClassVar[Schema] = {
        "where": CONDITION_SCHEMA,
        "on_delete": ON_DELETE_SCHEMA,
        "inverse": INVERSE_SCHEMA,
    }
    needs = frozenset()
    smallest = {}
    conversions = {"user": "single_value"}

    def target(self, field: FieldDef) -> str:
        return "user"
