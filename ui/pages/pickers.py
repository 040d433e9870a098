"""A control that picks people or departments outside of any record's form."""

from dataclasses import dataclass, replace
from typing import Any

from engine.access.scope import USER
from engine.errors import FieldError
from engine.fields.base import Label
from engine.fields.registry import FIELD_TYPES
from engine.storage.snapshot import BoundField, Unit
from ui.errors import field_message
from ui.pages.forms_read import InputRefused, raw_value
from ui.widgets.base import ABSENT, Asked, Control, Form
from ui.widgets.registry import widget_of

MANAGER, USERS = "manager", "users"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picker:
    """Which control: its names begin with ``name``; ``field`` says what may be picked.

    ``object``: whose field it is, whose look-up offers the records.
    """

    name: str
    label: str
    object: str
    field: BoundField
    required: bool = True

    @property
    def full_name(self) -> str:
        """Give the name of what the form sends."""
        return f"{self.name}.{self.field.key}"

    def draw(
        self,
        unit: Unit,
        *,
        sent: Form | None = None,
        stored: Label | None = None,
        error: FieldError | None = None,
    ) -> Control:
        """Give the control; what was sent wins over what is ``stored``."""
        locale = unit.context.locale
        definition = replace(self.field.definition, label={"": self.label}, help=None)
        asked = Asked(
            stored=stored,
            form=sent,
            error=field_message(error, locale.language) if error else "",
            required=self.required,
            readonly=False,
            object=self.object,
            prefix=f"{self.name}.",
        )
        return widget_of(definition).control(definition, locale, asked)

    def read(self, unit: Unit, sent: Form) -> tuple[int, ...]:
        """Give the ids that were picked; none when nothing was.

        Raises:
            InputRefused: somebody was named by text, and not exactly one has that name.
        """
        try:
            raw: Any = raw_value(unit, self.field, sent, self.full_name)
        except InputRefused as refused:
            raise InputRefused(replace(refused.error, field=self.name)) from refused
        found = raw if isinstance(raw, list | tuple) else [raw]
        return tuple(int(str(one)) for one in found if one is not ABSENT and str(one).isdigit())


def one_person(unit: Unit, name: str, label: str, *, required: bool = False) -> Picker:
    """Pick somebody."""
    field = unit.snapshot.object(USER).field(MANAGER)
    return Picker(name=name, label=label, object=USER, field=field, required=required)


def some_people(unit: Unit, name: str, label: str) -> Picker:
    """Pick several people."""
    one = unit.snapshot.object(USER).field(MANAGER)
    definition = replace(one.definition, type=USERS)
    field = replace(one, definition=definition, type=FIELD_TYPES[USERS])
    return Picker(name=name, label=label, object=USER, field=field)


def one_record(unit: Unit, name: str, label: str, object_key: str, field_key: str) -> Picker:
    """Pick a record that a field of an object may name."""
    field = unit.snapshot.object(object_key).field(field_key)
    return Picker(name=name, label=label, object=object_key, field=field)
