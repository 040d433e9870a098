"""The tables of the reference, each made from the code that it describes.

Whatever has a text in the product's catalogues uses that text. The rest, what a property of a
document or a route means, stands in ``docs/reference/words/``: a new one without words there
stops the generator.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from litestar import Router
from litestar.routes import HTTPRoute

from engine.fields.base import FieldType
from engine.fields.computed import ComputedType
from engine.fields.registry import COMPUTED_TYPES, FIELD_TYPES
from engine.settings import settings_reference
from metadata.catalog import KINDS, kernel
from metadata.conditions import OPERATORS, PERIODS, WITHOUT_VALUE
from metadata.errors import PlatformError
from metadata.formula.functions import CALLED
from metadata.load import read_shipped
from metadata.schemas import FOLDER
from scripts.reference_commands import commands
from scripts.reference_shapes import properties_of, shape, stored_schema
from ui.errors import HTTP_CODES
from ui.i18n import catalogue, has_text, translate
from ui.server import ROUTES

WORDS = Path(__file__).resolve().parent.parent / "docs" / "reference" / "words"
LANGUAGES = ("en", "zh-CN")
PACKAGES = frozenset({"engine", "metadata", "ui", "workflows"})
LATER = "later"
DESCRIBED = ("/api/", "/health", "/ready", "/metrics")


@cache
def words(name: str) -> dict[str, Any]:
    """Read a file of words."""
    found: dict[str, Any] = yaml.safe_load((WORDS / f"{name}.yaml").read_text("utf-8"))
    return found


def head(key: str, language: str) -> str:
    """Give a word of the tables."""
    return str(words("heads")[key][LANGUAGES.index(language)])


def table(language: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a Markdown table."""
    lines = [_row(head(key, language) for key in heads), _row("---" for _ in heads)]
    return "\n".join([*lines, *(_row(cell.replace("|", "\\|") for cell in row) for row in rows)])


def _row(cells: Any) -> str:
    return f"| {' | '.join(cells)} |"


def code(text: str) -> str:
    """Write a name or value as code."""
    return f"`{text}`" if text else ""


def settings(language: str) -> str:
    """List every setting."""
    rows = [
        (
            code(one.name),
            code(one.variable),
            code(one.default) or head("empty", language),
            translate(language, one.message),
        )
        for one in settings_reference()
    ]
    return table(language, ("setting", "variable", "default", "meaning"), rows)


def command_line(language: str) -> str:
    """List every command with its arguments and options."""
    parts = []
    for one in commands(language):
        usage = " ".join(["heddle", *one["path"], *one["arguments"]])
        parts.append(f"### `{usage}`\n\n{one['help']}")
        rows = [
            (
                code(f"{option['name']} {option['value']}".strip()),
                option["help"],
                head("needed", language) if option["required"] else code(option["default"]),
            )
            for option in one["options"]
        ]
        if rows:
            parts.append(table(language, ("option", "meaning", "default"), rows))
    return "\n\n".join(parts)


def routes(language: str) -> str:
    """List every route of the API with what it needs."""
    rows = [
        (code(call), words("routes")[call][LANGUAGES.index(language)], _needs(right, language))
        for call, right in api_routes()
    ]
    return table(language, ("call", "meaning", "right"), rows)


def api_routes() -> list[tuple[str, str]]:
    """Give every call of the API as ``METHOD /path/{parameter}``, with the right it declares."""
    found = []
    for route in Router("/", route_handlers=ROUTES).routes:
        if not isinstance(route, HTTPRoute) or not route.path.startswith(DESCRIBED):
            continue
        path = "/".join(_part(part) for part in route.path.split("/"))
        for handler in route.route_handlers:
            for method in sorted(handler.http_methods - {"OPTIONS"}):
                found.append((f"{method} {path}", str(handler.opt["right"])))
    order = list(words("routes"))
    return sorted(found, key=lambda one: order.index(one[0]))


def _part(part: str) -> str:
    return f"{{{part[1:].partition(':')[0]}}}" if part.startswith("{") else part


def _needs(right: str, language: str) -> str:
    kind, _, name = right.partition(":")
    return head(kind, language).format(name=name)


def error_codes(language: str) -> str:
    """List every code of an expected error."""
    rows = [(code(key), str(status), _said(key, language)) for key, status in error_statuses()]
    return table(language, ("code", "status", "message"), rows)


def error_statuses() -> list[tuple[str, int]]:
    """Give every code with its status."""
    import_module("app")  # brings in all that can raise one
    found = {"internal": 500}
    for status, key in HTTP_CODES.items():
        found.setdefault(key, status)
    found |= {one.code: one.status for one in _descendants(PlatformError)}
    return sorted(found.items())


def _descendants(kind: type[PlatformError]) -> Iterator[type[PlatformError]]:
    for child in kind.__subclasses__():
        if child.__module__.partition(".")[0] in PACKAGES:  # a test may have its own
            yield child
        yield from _descendants(child)


def _said(key: str, language: str) -> str:
    texts = [f"error.{key}", f"error.{key}.hint"]
    known = catalogue(language)
    return sentences([known[text] for text in texts if has_text(language, text)], language)


def sentences(texts: Sequence[str], language: str) -> str:
    """Put texts behind each other, each with its full stop."""
    stop, gap = ("。", "") if language == "zh-CN" else (".", " ")
    return gap.join(text if text[-1] in ".。!！?？" else text + stop for text in texts)


def value_codes(language: str) -> str:
    """List what can be wrong with a value."""
    return _catalogue_table("invalid.", language)


def document_codes(language: str) -> str:
    """List what can be wrong with a document."""
    return _catalogue_table("problem.", language)


def _catalogue_table(prefix: str, language: str) -> str:
    texts = catalogue(language)
    keys = sorted(key for key in texts if key.startswith(prefix) and not key.endswith(".hint"))
    rows = []
    for key in keys:
        hint = [texts[f"{key}.hint"]] if f"{key}.hint" in texts else []
        rows.append((code(key.removeprefix(prefix)), sentences([texts[key], *hint], language)))
    return table(language, ("code", "message"), rows)


def field_types(language: str) -> str:
    """List the field types."""
    rows = [
        (
            code(key),
            translate(language, f"field_type.{key}"),
            ", ".join(head(trait, language) for trait in _traits(kind)) or head("none", language),
            _own(kind, language),
        )
        for key, kind in FIELD_TYPES.items()
    ]
    rows += [
        (
            code(key),
            translate(language, f"field_type.{key}"),
            ", ".join(head(trait, language) for trait in sorted(kind.traits)),
            _own(kind, language),
        )
        for key, kind in COMPUTED_TYPES.items()
    ]
    return table(language, ("type", "name", "can_be", "own"), rows)


def functions(language: str) -> str:
    """List the functions of formulas, by group."""
    rows = [
        (
            code(one.name),
            translate(language, f"formula.group.{one.group}"),
            translate(language, f"formula.function.{one.name}"),
            code(one.example),
        )
        for one in CALLED.values()
    ]
    return table(language, ("function", "group", "meaning", "example"), rows)


def _traits(kind: FieldType) -> Iterator[str]:
    can = {
        "required": kind.fillable,
        "unique": kind.uniqueable,
        "sortable": kind.sortable,
        "search": kind.searchable,
        "options": kind.has_options,
    }
    return (trait for trait, able in can.items() if able)


def _own(kind: FieldType | ComputedType, language: str) -> str:
    parts = []
    for name, schema in kind.schema.items():
        needed = f", {head('needed', language)}" if name in kind.needs else ""
        parts.append(f"{code(name)} ({shape(schema, said(language))}{needed})")
    return "; ".join(parts) or head("none", language)


def common_properties(language: str) -> str:
    """List what every field may say."""
    return _properties("field", language)


def operators(language: str) -> str:
    """List the operators with the types that know them."""
    rows = []
    for name in sorted(OPERATORS):
        types = [code(key) for key, kind in FIELD_TYPES.items() if name in kind.operators]
        if name in {"is_starred", "is_team_member"}:
            types = [code("id")]
        shown = f"{code(name)} ({head('no_value', language)})"
        rows.append((shown if name in WITHOUT_VALUE else code(name), ", ".join(types)))
    return table(language, ("operator", "types"), rows)


def periods(_language: str) -> str:
    """List the relative periods."""
    return " ".join(code(name) for name in sorted(PERIODS))


def documents(language: str) -> str:
    """Describe every kind of document."""
    parts = []
    for kind in KINDS:
        parts.append(f"### {kind}\n\n{_properties(kind, language)}")
    return "\n\n".join(parts)


def _properties(kind: str, language: str) -> str:
    schema = stored_schema(FOLDER, kind)
    required = set(schema.get("required", ()))
    rows = []
    for path, part in properties_of(schema, FOLDER):
        if path.startswith(("abilities.", "admin.")) and path.count(".") == 1:
            continue  # abilities have a table of their own; rights of a role are names
        needed = f" ({head('needed', language)})" if path in required else ""
        rows.append(
            (code(path) + needed, shape(part, said(language)), meaning(kind, path, language))
        )
    return table(language, ("property", "value", "meaning"), rows)


def said(language: str) -> Callable[[str], str]:
    """Give the words of shapes in a language."""
    return lambda key: head(key, language)


def meaning(kind: str, path: str, language: str) -> str:
    """Say what a property means.

    Raises:
        KeyError: nobody has written it down.
    """
    known: Mapping[str, Any] = words("documents")
    own, shared = known[kind], known["shared"]
    entry = own.get(path) or shared.get(path) or shared[path.rsplit(".", 1)[-1]]
    text = str(entry[LANGUAGES.index(language)])
    return sentences([text, head("idle", language)], language) if LATER in entry else text


def abilities(language: str) -> str:
    """List the abilities with what they bring."""
    rows = [
        (
            code(key),
            one.label[language],
            ", ".join(code(name) for name in one.fields),
            ", ".join(code(name) for name in one.actions),
        )
        for key, one in kernel().abilities.items()
    ]
    return table(language, ("ability", "name", "fields", "rights"), rows)


def shipped_packs(language: str) -> str:
    """List the packs that come with the platform."""
    rows = []
    for pack in read_shipped().packs:
        objects = [code(one.key) for one in pack.documents if one.kind == "object"]
        label = pack.manifest.body["label"][language]
        rows.append(
            (code(pack.key), label, pack.version, str(len(pack.documents)), ", ".join(objects))
        )
    return table(language, ("pack", "name", "version", "documents", "objects"), rows)


TABLES: Mapping[str, Callable[[str], str]] = {
    "abilities": abilities,
    "command_line": command_line,
    "common_properties": common_properties,
    "document_codes": document_codes,
    "documents": documents,
    "error_codes": error_codes,
    "field_types": field_types,
    "functions": functions,
    "operators": operators,
    "periods": periods,
    "routes": routes,
    "settings": settings,
    "shipped_packs": shipped_packs,
    "value_codes": value_codes,
}
"""Name of a block in a page -> what fills it."""
