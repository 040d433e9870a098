"""Action rights of a role: a row per object, the common actions as columns, the rest behind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.access.roles import NEVER, WITHOUT_RECORD
from engine.access.scope import ALL, OWN, REACHES
from metadata.catalog import SCOPES
from metadata.model import ActionDef, ObjectDef, Site, say
from ui.i18n import translate
from ui.roles.desk import Body
from ui.widgets.base import Form, last

COMMON = ("create", "read", "update", "delete", "import", "export", "transfer")
NONE = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One action of one object. ``choices``: pairs of scope and word; two of them: a box."""

    name: str
    label: str
    value: str
    choices: tuple[tuple[str, str], ...]
    error: str = ""

    @property
    def is_box(self) -> bool:
        """Tell whether it is granted wholly or not at all."""
        return len(self.choices) == len((NONE, ALL))

    @property
    def word(self) -> str:
        """Give the word for what is granted."""
        return dict(self.choices)[self.value]


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """An object. ``cells``: of `COMMON`, None where it has no such action; ``more``: the rest."""

    key: str
    label: str
    cells: tuple[Cell | None, ...]
    more: tuple[Cell, ...]

    @property
    def granted(self) -> int:
        """Count the granted ones of the others."""
        return sum(bool(one.value) for one in self.more)

    @property
    def wrong(self) -> bool:
        """Tell whether one of the others is refused."""
        return any(one.error for one in self.more)


def matrix_of(
    site: Site, body: Mapping[str, Any], language: str, errors: Mapping[str, str]
) -> list[MatrixRow]:
    """Draw the action rights that a document grants; ``errors``: path -> sentence."""
    rows = []
    for key, definition in shown_objects(site, body).items():
        actions = asked(definition)
        cells = {
            name: _cell(definition, action, body, language, errors)
            for name, action in actions.items()
        }
        rows.append(
            MatrixRow(
                key,
                say(definition.label, language),
                tuple(cells.get(name) for name in COMMON),
                tuple(cell for name, cell in cells.items() if name not in COMMON),
            )
        )
    return rows


def common_labels(site: Site, language: str) -> list[str]:
    """Give the words of the columns."""
    found: dict[str, str] = {}
    for definition in site.objects.values():
        for name, action in definition.actions.items():
            found.setdefault(name, say(action.label, language))
    return [found.get(name, name) for name in COMMON]


def shown_objects(site: Site, body: Mapping[str, Any]) -> dict[str, ObjectDef]:
    """Give the objects with rights of their own: lines follow their record unless it is said."""
    lines = {
        str(field.props.get("of"))
        for one in site.objects.values()
        for field in one.fields.values()
        if field.type == "line_items"
    }
    said = body.get("objects", {})
    return {key: one for key, one in site.objects.items() if key not in lines or key in said}


def asked(definition: ObjectDef) -> dict[str, ActionDef]:
    """Give the actions of an object that are rights of their own."""
    return {
        name: action
        for name, action in definition.actions.items()
        if action.right and (definition.key, name) not in NEVER
    }


def matrix_body(site: Site, body: Body, form: Form) -> Body:
    """Give the body with the actions as they stand in a form; what is not shown stays."""
    objects = body.setdefault("objects", {})
    for key, definition in shown_objects(site, body).items():
        grant = objects.get(key, {})
        for name in asked(definition):
            value = str(last(form, f"a.{key}.{name}"))
            if value == scope_in(grant, name):
                continue
            if value in scopes_of(definition, name, NONE):
                grant[name] = value if value != ALL or name not in WITHOUT_RECORD else True
            else:
                grant.pop(name, None)
        if set(grant) - {"fields"}:
            objects[key] = grant
        else:
            objects.pop(key, None)
    return body


def scope_in(grant: Mapping[str, Any], name: str) -> str:
    """Give the scope that a grant says of an action; "" when it grants none."""
    said = grant.get(name, False)
    if said is False:
        return NONE
    return ALL if said is True else str(said)


def scopes_of(definition: ObjectDef, name: str, current: str) -> tuple[str, ...]:
    """Give the scopes to choose from, the one that is chosen among them."""
    if name in WITHOUT_RECORD or not definition.has("owner"):
        usual: tuple[str, ...] = (ALL,)
    else:
        usual = tuple(one for one in SCOPES if one in {OWN, ALL, *REACHES})
    return usual if current in (NONE, *usual) else (*usual, current)


def _cell(
    definition: ObjectDef,
    action: ActionDef,
    body: Mapping[str, Any],
    language: str,
    errors: Mapping[str, str],
) -> Cell:
    grant = body.get("objects", {}).get(definition.key, {})
    value = scope_in(grant, action.key)
    words = ((one, scope_word(one, language)) for one in scopes_of(definition, action.key, value))
    return Cell(
        name=f"a.{definition.key}.{action.key}",
        label=say(action.label, language),
        value=value,
        choices=((NONE, translate(language, "roles.scope.none")), *words),
        error=errors.get(f"objects/{definition.key}/{action.key}", ""),
    )


def scope_word(scope: str, language: str) -> str:
    """Give the short word of a scope."""
    return translate(language, f"roles.scope.{scope}")
