"""A list as it is asked for in an address: scene, condition, sort, columns."""

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


def list_request(  # noqa: PLR0913 - the parameters of the contract
    unit: Unit,
    object_key: str,
    *,
    scene: str = "",
    where: str = "",
    q: str = "",
    sort: str = "",
    fields: str = "",
    limit: int = 50,
    cursor: str = "",
) -> ListRequest:
    """Read the query parameters of a list.

    Raises:
        UnknownObject: there is no such object.
        UnknownScene: the object has no such scene.
        ConditionInvalid: ``where`` is no condition tree.
        InvalidInput: ``where`` is no JSON.
    """
    unit.snapshot.object(object_key)
    nodes = [_scene(unit, object_key, scene)] if scene else []
    if where:
        nodes.append(parse_condition(json_parameter("where", where)))
    kept = tuple(node for node in nodes if node is not None)
    return ListRequest(
        object=object_key,
        columns=_words(fields),
        where=_both(kept),
        sort=_words(sort) or unit.snapshot.site.list_of(object_key).sort,
        limit=limit,
        cursor=cursor or None,
        search=q,
    )


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


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
