"""The contract of a widget: how one kind of value looks in a list and in a form.

A widget is stateless like a field type. Cells are composed once per metadata version and then
called per row: they must not look anything up that is known beforehand.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

from markupsafe import Markup

from engine.context import Locale
from engine.fields.registry import FIELD_TYPES
from metadata.model import FieldDef, say
from ui.widgets.escaping import escaped

Cell = Callable[[Sequence[Any]], str]
"""Takes a row of the database, gives escaped HTML: what stands inside the table's cell."""

Form = Mapping[str, Sequence[str]]
"""A submitted form: every name with all its values."""

FilterKind = Literal[
    "text", "number", "date", "range", "options", "region", "record", "records", "boolean"
]


class Absent:
    """What `Widget.read` gives when the control was not on the form."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()


@dataclass(frozen=True, slots=True)
class Lookup:
    """A record named by text instead of chosen: somebody types without JavaScript.

    ``object``: of which object, where the field takes several.
    """

    text: str
    object: str = ""


@dataclass(frozen=True, slots=True)
class Lookups:
    """Several records: ids that were chosen, and names in a text with commas between them."""

    chosen: tuple[str, ...]
    text: str
    object: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose from in a control."""

    value: str
    label: str
    chosen: bool = False
    color: str = ""


@dataclass(frozen=True, slots=True)
class FileItem:
    """A file in a control: ``value`` is what the form sends under the name ``field``."""

    field: str
    value: str
    name: str
    size: str
    url: str
    thumb: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a form wants a control for. ``form`` wins over ``stored``: nothing typed is lost.

    ``required`` and ``readonly`` are the field's own unless given. ``object`` is the object's
    key, for look-ups. ``prefix`` goes before the name of every input. ``kinds``: of a link that
    takes records of several objects, the key and the name of each that may be chosen.
    """

    stored: Any = None
    form: Form | None = None
    error: str = ""
    required: bool | None = None
    readonly: bool | None = None
    object: str = ""
    prefix: str = ""
    kinds: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """What differs between the controls of widgets; each template reads what it needs."""

    value: str = ""
    shown: str = ""  # of a link: the label that belongs to ``value``
    typed: str = ""  # of a link or region: what stands in the text input
    type: str = "text"
    inputmode: str = ""
    sign: str = ""
    unit: str = ""  # stands after the input
    html: Markup | None = None  # of a text with markup, cleaned
    least: str = ""
    most: str = ""
    choices: tuple[Choice, ...] = ()
    levels: tuple[tuple[Choice, ...], ...] = ()
    source: str = ""
    dependent: bool = False
    files: tuple[FileItem, ...] = ()
    accept: str = ""
    camera: bool = False  # pictures: a phone offers to take one
    table: Any = None  # of lines: what `ui.pages.lines` draws
    kinds: tuple[Choice, ...] = ()  # of a link to any: the objects to choose from


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One control of a form, ready for the template that it names."""

    template: str
    id: str
    name: str
    label: str
    help: str
    error: str
    required: bool
    readonly: bool
    inside: Inside

    @property
    def described_by(self) -> str:
        """Give the ids of the texts that belong to the control."""
        parts = (("help", self.help), ("err", self.error))
        return " ".join(f"{self.id}-{part}" for part, text in parts if text)


class Widget(ABC):
    """How one kind of value is drawn."""

    template: ClassVar[str]
    """Name of the control's template in ``ui/templates/widgets``, without ``.html``."""
    filter: ClassVar[FilterKind] = "text"
    """What a condition on the field asks for."""
    align: ClassVar[Literal["start", "end"]] = "start"

    @abstractmethod
    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        """Compose the function that draws the field's cell of a row.

        Args:
            field: the definition.
            locale: of the reader.
            index: where the stored value stands in the row.
            label_index: where the label of a linked record stands.
        """

    def whole(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        """Compose the function that draws the value where there is room for all of it."""
        return self.cell(field, locale, index=index, label_index=label_index)

    @abstractmethod
    def inside(self, field: FieldDef, locale: Locale, name: str, asked: Asked) -> Inside:
        """Give what the control's template needs beside label, help and error."""

    def control(self, field: FieldDef, locale: Locale, asked: Asked) -> Control:
        """Give the control of a form."""
        name = asked.prefix + field.key
        return Control(
            template=f"widgets/{self.template}.html",
            id=f"f-{name}",
            name=name,
            label=say(field.label, locale.language),
            help=say(field.help, locale.language) if field.help else "",
            error=asked.error,
            required=field.required if asked.required is None else asked.required,
            readonly=field.readonly if asked.readonly is None else asked.readonly,
            inside=self.inside(field, locale, name, asked),
        )

    def read(self, form: Form, name: str) -> Any:
        """Give what a form sent: raw input for the write gateway, a `Lookup`, or ABSENT."""
        return last(form, name, ABSENT)


def last(form: Form, name: str, otherwise: Any = "") -> Any:
    """Give the last value of a name: a hidden input may stand before a box that was ticked."""
    values = form.get(name)
    return values[-1] if values else otherwise


def typed_or(asked: Asked, name: str, shown: Callable[[], str]) -> str:
    """Give what was typed, else what the stored value is shown as."""
    if asked.form is None:
        return "" if asked.stored is None else shown()
    return str(last(asked.form, name))


class PlainTextWidget(Widget):
    """Text in one input, text in the cell: the ground of most widgets."""

    template = "text"
    type: ClassVar[str] = "text"
    inputmode: ClassVar[str] = ""

    def cell(
        self, field: FieldDef, locale: Locale, *, index: int, label_index: int | None = None
    ) -> Cell:
        def show(row: Sequence[Any]) -> str:
            value = row[index]
            return escaped(value) if value else ""

        return show

    def entered(self, field: FieldDef, locale: Locale, stored: Any) -> str:
        """Give a stored value as one would type it."""
        return FIELD_TYPES[field.type].text(stored, field, locale)

    def inside(self, field: FieldDef, locale: Locale, name: str, asked: Asked) -> Inside:
        return Inside(
            value=typed_or(asked, name, lambda: self.entered(field, locale, asked.stored)),
            type=self.type,
            inputmode=self.inputmode,
        )
