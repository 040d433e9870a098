"""What the parts of the properties panel are drawn from, and one input of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from metadata.model import ObjectDef, say
from metadata.sealing import refused
from ui.designer.changes import MISSING, field_path, object_document
from ui.designer.workspace import Workspace
from ui.i18n import translate
from ui.widgets.base import Choice, Form, last


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input. ``local``: the published value is not the pack's; ``theirs`` is the pack's."""

    name: str
    label: str
    value: str = ""
    kind: str = "text"
    error: str = ""
    help: str = ""
    locked: bool = False
    choices: tuple[Choice, ...] = ()
    least: str = ""
    most: str = ""
    local: str = ""
    theirs: str = ""

    @property
    def id(self) -> str:
        """Give the id of the element."""
        return "p-" + self.name.replace(".", "-")


@dataclass(frozen=True, slots=True)
class Pen:
    """What the parts of a panel are drawn from."""

    workspace: Workspace
    definition: ObjectDef
    key: str
    raw: Mapping[str, Any]
    form: Form
    typed: bool
    errors: Mapping[str, str]
    is_new: bool

    @property
    def language(self) -> str:
        """Give the language of who works."""
        return self.workspace.language

    @property
    def document(self) -> str:
        """Name the document of the object."""
        return object_document(self.definition.key)

    def locked(self, name: str) -> bool:
        """Tell whether the pack or the system lets nobody change a property."""
        shipped = self.workspace.shipped.documents.get(self.document)
        if shipped is None or self.is_new:
            return False
        path = f"{field_path(self.key)}/{name}"
        return bool(refused(shipped, "set", path, self.workspace.shipped))

    def override(self, name: str) -> tuple[str, str]:
        """Give the path of a published override of a property and the pack's value in words."""
        path = f"{field_path(self.key)}/{name}"
        entry = self.workspace.local(self.document).get(path)
        if entry is None or entry["op"] not in {"set", "remove"}:
            return "", ""
        base = entry.get("base", MISSING)
        if base is MISSING:
            return path, translate(self.language, "designer.nothing")
        if isinstance(base, Mapping):
            return path, say(base, self.language)
        if isinstance(base, bool):
            return path, translate(self.language, "designer.yes" if base else "designer.no")
        return path, str(base)


def typed_flag(pen: Pen, name: str, *, current: bool) -> bool:
    """Tell whether a box is ticked, as it was typed or as things stand."""
    return str(last(pen.form, name)) == "true" if pen.typed else current


def input_for(pen: Pen, name: str, label: str, **more: Any) -> Input:
    """Draw an input with what stands in the form and what is wrong with it."""
    return Input(
        name=name,
        label=label,
        value=str(last(pen.form, name)),
        error=pen.errors.get(name, ""),
        **more,
    )
