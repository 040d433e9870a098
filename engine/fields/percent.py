"""Shares of a hundred."""

from typing import Any, ClassVar

from engine.context import Locale
from engine.fields import numbers
from engine.fields.base import SampleWorld, Schema
from engine.fields.clean import line, narrow
from engine.fields.decimal import DecimalField
from metadata.model import FieldDef

SIGN = "%"
_STEP = 5


class PercentField(DecimalField):
    """A share of a hundred: ``"12.5"`` means 12.5 %.

    Input:   text or number, ``"12.5"`` or ``"12.5%"``, at most ``scale`` decimals.
    Stored:  ``int``, scaled by ``scale``.
    Shown:   ``"12.50%"``; a cell of an export is the plain number, so that sheets can compute.
    """

    key = "percent"
    widget = "percent"
    schema: ClassVar[Schema] = DecimalField.schema
    conversions = {
        "decimal": "rescale",
        "money": "rescale",
        "percent": "rescale",
        "integer": "drop_decimals",
        "text": "as_shown",
    }

    def _read(self, raw: object, field: FieldDef) -> int | None:
        if isinstance(raw, str):
            raw = narrow(line(raw))
            if raw != SIGN:  # a sign alone is no number
                raw = raw.removesuffix(SIGN).rstrip()
        return super()._read(raw, field)

    def text(self, stored: Any, field: FieldDef, locale: Locale) -> str:
        return "" if stored is None else numbers.grouped(stored, self.scale(field)) + SIGN

    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        if field.sample is not None or field.props.keys() & {"min", "max"}:
            return super().sample(world, field)
        return str(world.random.randrange(0, 100 + _STEP, _STEP))
