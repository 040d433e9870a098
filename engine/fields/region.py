"""Provinces, cities and districts."""

from typing import Any, ClassVar

from engine.context import Locale
from engine.fields import region_names
from engine.fields.base import FieldType, SampleWorld, Schema
from engine.fields.clean import cell_text, line, narrow
from metadata.model import FieldDef


class RegionField(FieldType):
    """A region, as deep as was chosen.

    Input:   a code of two, four or six digits, or names: ``浙江省杭州市西湖区``, ``浙江/杭州``,
             ``深圳``.
    Stored:  the code of the deepest level chosen, without padding.

    Conditions mean "this region or one in it": a stored code begins with those above it.
    """

    key = "region"
    widget = "region"
    formula_kind = "region"
    operators = frozenset({"eq", "ne", "in", "not_in", "empty", "not_empty"})
    schema: ClassVar[Schema] = {
        "depth": {"type": "integer", "minimum": 1, "maximum": 3},
        "default": {"type": "string", "pattern": "^([0-9]{2}){1,3}$"},
    }
    within = True
    groupable = True
    searchable = True
    conversions = {"text": "as_shown"}

    @staticmethod
    def depth(field: FieldDef) -> int:
        """Give the number of levels to choose: 1 province, 2 city, 3 district."""
        return int(field.props.get("depth", 3))

    def parse(self, raw: object, field: FieldDef) -> str | None:
        return self._read(raw, self.depth(field))

    @staticmethod
    def _read(raw: object, depth: int) -> str | None:
        text = line(raw)
        if not text:
            return None
        plain = narrow(text)
        if plain.isascii() and plain.isdigit():
            return region_names.canonical(plain, depth)
        return region_names.find(text, depth)

    def text(self, stored: Any, field: FieldDef, locale: Locale) -> str:
        return region_names.shown(stored) if stored else ""

    def from_text(self, text: object, field: FieldDef, locale: Locale) -> Any:
        return self.parse(cell_text(text), field)

    def search_text(self, stored: Any, field: FieldDef) -> str:
        return region_names.shown(stored) if stored else ""

    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        code = ""
        depth = self.depth(field)
        for _ in range(depth):
            below = region_names.children(code, depth)
            if not below:
                break
            code = world.random.choice(below).code
        return code


def prefix_end(code: str) -> str:
    """Give the least text after everything that begins with ``code``: the end of a range.

    Sorting of codes is that of their digits, so ``code <= stored < prefix_end(code)``.
    """
    return code[:-1] + chr(ord(code[-1]) + 1)
