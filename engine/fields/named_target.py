"""Links whose type says which object they lead to: people and departments."""

from typing import ClassVar

from engine.fields.base import Schema
from engine.fields.link import CONDITION_SCHEMA, INVERSE_SCHEMA
from metadata.model import FieldDef


class NamedTarget:
    """What such a type has in common, beside a class of links: nobody says ``to``."""

    to: ClassVar[str]

    def target(self, field: FieldDef) -> str:
        """Give the key of the object that the link leads to."""
        return self.to


def own_schema(on_delete: Schema) -> Schema:
    """Give the own properties of such a type; ``on_delete``: what may be said of deleting."""
    return {"where": CONDITION_SCHEMA, "on_delete": on_delete, "inverse": INVERSE_SCHEMA}
