"""What one can choose from where a property of a field names something."""

from collections.abc import Mapping
from typing import Any

from engine.fields.registry import TYPES
from metadata.model import say
from metadata.refs import World
from ui.designer.canvas import type_label
from ui.designer.definitions import OWN, Spec
from ui.designer.workspace import Workspace
from ui.i18n import has_text, translate
from ui.widgets.base import Choice, Form, last

_COUNT = "count"
_ADDED = frozenset({"sum", "avg"})
_TAKEN = frozenset({"number", "date", "datetime"})


def choices_of(
    workspace: Workspace, object_key: str, spec: Spec, form: Form
) -> tuple[Choice, ...]:
    """Give the choices of an own property; none where one types."""
    language = workspace.language
    match spec.kind:
        case "object" | "objects":
            objects = workspace.site.objects.items()
            chosen = set(form.get(OWN + spec.name, ()))
            return tuple(Choice(k, say(one.label, language), k in chosen) for k, one in objects)
        case "delete":
            words = {key: translate(language, f"designer.on_delete.{key}") for key in spec.choices}
            return tuple(Choice(key, text) for key, text in words.items())
        case "choice":
            return tuple(Choice(key, _called(spec.name, key, language)) for key in spec.choices)
        case "list":
            related = workspace.site.related.get(object_key, {})
            return tuple(Choice(key, say(one.label, language)) for key, one in related.items())
        case "child":
            return _summable(workspace, object_key, form)
        case _:
            return ()


def _called(name: str, key: str, language: str) -> str:
    own = f"designer.{name}.{key}"
    return translate(language, own) if has_text(language, own) else type_label(key, language)


def _summable(workspace: Workspace, object_key: str, form: Form) -> tuple[Choice, ...]:
    """Give the fields of a list's records that its roll-up may take."""
    related = workspace.site.related.get(object_key, {})
    inverse = related.get(str(last(form, f"{OWN}list")))
    agg = str(last(form, f"{OWN}agg"))
    none = Choice("", translate(workspace.language, "designer.nothing"))
    if inverse is None or agg == _COUNT:
        return (none,)
    kinds = {"number"} if agg in _ADDED else _TAKEN
    fields: Mapping[str, Any] = World(workspace.compiled.layered.documents).fields(inverse.object)
    shown = workspace.site.objects[inverse.object].fields
    found = [
        Choice(key, say(shown[key].label, workspace.language))
        for key, definition in fields.items()
        if key in shown
        and TYPES.value_type(definition).kind in kinds
        and not shown[key].is_virtual
        and not shown[key].system
    ]
    return (none, *found)
