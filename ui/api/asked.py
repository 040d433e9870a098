"""A list as it is asked for in an address: scene, condition, sort, columns."""

from collections.abc import Collection, Mapping

from engine.errors import FieldError, InvalidInput
from engine.query.listing import ListRequest
from engine.storage.snapshot import Unit
from metadata.conditions import AllOf, Node, parse_condition
from metadata.errors import PlatformError
from ui.api.answers import json_parameter


class UnknownScene(PlatformError):
    """The object has no such scene."""

    code = "unknown_scene"
    status = 422


LIST_WORDS = frozenset({"scene", "where", "q", "sort", "fields", "cursor", "limit", "count"})
MOST_ROWS = 200
DEFAULT_ROWS = 50


def list_request(unit: Unit, object_key: str, asked: Mapping[str, str]) -> ListRequest:
    """Read the query parameters of a list (`LIST_WORDS`).

    Raises:
        UnknownObject: there is no such object.
        UnknownScene: the object has no such scene.
        ConditionInvalid: ``where`` is no condition tree.
        InvalidInput: an unknown parameter, a ``where`` that is no JSON, a limit out of range.
    """
    refuse_unknown(asked, LIST_WORDS)
    unit.snapshot.object(object_key)
    nodes = []
    if asked.get("scene"):
        nodes.append(_scene(unit, object_key, asked["scene"]))
    if asked.get("where"):
        nodes.append(parse_condition(json_parameter("where", asked["where"])))
    return ListRequest(
        object=object_key,
        columns=words(asked.get("fields", "")),
        where=_both(tuple(node for node in nodes if node is not None)),
        sort=words(asked.get("sort", "")) or unit.snapshot.site.list_of(object_key).sort,
        limit=limit_of(asked),
        cursor=asked.get("cursor") or None,
        search=asked.get("q", ""),
    )


def limit_of(asked: Mapping[str, str], *, most: int = MOST_ROWS) -> int:
    """Read ``limit``.

    Raises:
        InvalidInput: no whole number, or not from 1 to ``most``.
    """
    limit = whole_number("limit", asked.get("limit") or str(DEFAULT_ROWS))
    if not 1 <= limit <= most:
        raise InvalidInput([FieldError("limit", "out_of_range", {"least": 1, "most": most})])
    return limit


def refuse_unknown(asked: Mapping[str, str], known: Collection[str]) -> None:
    """Refuse query parameters that nobody reads: a misspelt filter must not list everything.

    Raises:
        InvalidInput: names them.
    """
    unknown = sorted(set(asked) - set(known))
    if unknown:
        raise InvalidInput([FieldError(name, "unknown_parameter") for name in unknown])


def whole_number(name: str, text: str) -> int:
    """Read a whole number of a header or parameter.

    Raises:
        InvalidInput: it is none.
    """
    plain = text.strip().removeprefix("W/").strip('"')
    if not plain.isascii() or not plain.isdigit() or len(plain) > 18:  # noqa: PLR2004 - 63 bits
        raise InvalidInput([FieldError(name, "not_a_number")])
    return int(plain)


def _scene(unit: Unit, object_key: str, key: str) -> Node | None:
    full = key if "." in key else f"{object_key}.{key}"
    scene = unit.snapshot.site.scenes.get(full)
    if scene is None or scene.object != object_key:
        raise UnknownScene(object=object_key, scene=key)
    return scene.where


def _both(nodes: tuple[Node, ...]) -> Node | None:
    if not nodes:
        return None
    return nodes[0] if len(nodes) == 1 else AllOf(nodes)


def words(text: str) -> tuple[str, ...]:
    """Split a list of words at its commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())
