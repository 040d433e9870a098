"""Every field type there is. Adding one means one entry here; the contract tests find it."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from engine.errors import InvalidValue
from engine.fields.any_link import AnyLinkField
from engine.fields.auto_number import AutoNumberField
from engine.fields.base import FieldType
from engine.fields.boolean import BooleanField
from engine.fields.computed import ComputedType, computed_types, value_type_of
from engine.fields.date import DateField
from engine.fields.date_range import DateRangeField
from engine.fields.datetime import DateTimeField
from engine.fields.decimal import DecimalField
from engine.fields.department import DepartmentField
from engine.fields.email import EmailField
from engine.fields.file import FileField
from engine.fields.image import ImageField
from engine.fields.integer import IntegerField
from engine.fields.line_items import LineItemsField
from engine.fields.link import LinkField
from engine.fields.links import LinksField
from engine.fields.long_text import LongTextField
from engine.fields.money import MoneyField
from engine.fields.multi_select import MultiSelectField
from engine.fields.percent import PercentField
from engine.fields.phone import PhoneField
from engine.fields.region import RegionField
from engine.fields.rich_text import RichTextField
from engine.fields.select import SelectField
from engine.fields.tags import TagsField
from engine.fields.text import TEXT
from engine.fields.url import UrlField
from engine.fields.user import UserField
from engine.fields.users import UsersField
from metadata.conditions import OPERATORS
from metadata.formula.types import ValueType
from metadata.model import FieldDef

_KEY = re.compile(r"[a-z][a-z0-9_]*")


def registered(kinds: Iterable[FieldType]) -> Mapping[str, FieldType]:
    """Give the types by key.

    Raises:
        ValueError: a type lacks a part, says something that contradicts another part, or has
            the key of another type.
    """
    types: dict[str, FieldType] = {}
    for kind in kinds:
        missing = [name for name in ("key", "widget", "operators") if not hasattr(kind, name)]
        if missing:
            raise ValueError(f"{type(kind).__name__} lacks {', '.join(missing)}")
        _check(kind)
        if kind.key in types:
            raise ValueError(f"two field types are called {kind.key}")
        types[kind.key] = kind
    for kind in types.values():
        if unknown := set(kind.conversions) - set(types):
            raise ValueError(f"{kind.key} converts to unknown types: {sorted(unknown)}")
    return MappingProxyType(types)


def _check(kind: FieldType) -> None:
    problems = {
        "its key is no key": not _KEY.fullmatch(kind.key),
        "its widget is no key": not _KEY.fullmatch(kind.widget),
        "it has no operators, or unknown ones": not kind.operators or kind.operators - OPERATORS,
        "it needs what its schema does not know": kind.needs - set(kind.schema),
        "its smallest definition lacks what it needs": kind.needs - set(kind.smallest),
        "its smallest definition has no options": kind.has_options
        and kind.key != "tags"
        and not kind.smallest.get("options"),
        "one column cannot hold many values": kind.many and (kind.sortable or kind.indexable),
    }
    for problem, found in problems.items():
        if found:
            raise ValueError(f"field type {kind.key}: {problem}")


FIELD_TYPES: Mapping[str, FieldType] = registered(
    (
        TEXT,
        LongTextField(),
        RichTextField(),
        IntegerField(),
        DecimalField(),
        PercentField(),
        MoneyField(),
        BooleanField(),
        DateField(),
        DateTimeField(),
        DateRangeField(),
        SelectField(),
        MultiSelectField(),
        TagsField(),
        PhoneField(),
        EmailField(),
        UrlField(),
        RegionField(),
        UserField(),
        UsersField(),
        DepartmentField(),
        LinkField(),
        LinksField(),
        AnyLinkField(),
        AutoNumberField(),
        FileField(),
        LineItemsField(),
        ImageField(),
    )
)


COMPUTED_TYPES: Mapping[str, ComputedType] = MappingProxyType(
    {one.key: one for one in computed_types(tuple(FIELD_TYPES))}
)
"""Types of fields that the engine fills; their values are of one of `FIELD_TYPES`."""


class RegisteredTypes:
    """What the metadata asks about field types (its protocol ``FieldTypes``)."""

    def __init__(
        self,
        types: Mapping[str, FieldType],
        computed: Mapping[str, ComputedType] = COMPUTED_TYPES,
    ) -> None:
        self._types = types
        self._computed = computed

    def names(self) -> frozenset[str]:
        """Give the key of every type that a document may name."""
        return frozenset({*self._types, *self._computed})

    def schema(self, type: str) -> Mapping[str, Any]:
        """Give ``properties`` and ``required`` of the type's own part of a definition."""
        kind = self._computed.get(type) or self._types[type]
        return {"properties": dict(kind.schema), "required": sorted(kind.needs)}

    def value_type(self, definition: Mapping[str, Any]) -> ValueType:
        """Give what a formula sees in a field of this definition."""
        return value_type_of(self._types[definition["type"]], definition)

    def operators(self, type: str) -> frozenset[str]:
        """Give the operators that conditions on such a field may use."""
        return self._types[type].operators

    def takes(self, field: FieldDef, value: Any) -> bool:
        """Tell whether a value of a document is one of a field; ids of records never are."""
        kind = self._types[field.type]
        try:
            return not kind.labelled and kind.parse(value, field) is not None
        except InvalidValue:
            return False

    def can(self, type: str, trait: str) -> bool:
        """Tell whether a field of the type may be unique, sortable, search, required, options.

        Raises:
            ValueError: there is no such trait.
        """
        computed = self._computed.get(type)
        if computed is not None:
            return trait in computed.traits
        kind = self._types[type]
        traits = {
            "unique": kind.uniqueable,
            "sortable": kind.sortable,
            "search": kind.searchable,
            "required": kind.fillable,
            "options": kind.has_options,
        }
        if trait not in traits:
            raise ValueError(f"no trait of field types is called {trait}")
        return traits[trait]


TYPES = RegisteredTypes(FIELD_TYPES)
