"""Scenes of one's own: a saved filter under a name, shown beside those of the packs."""

import re
from collections.abc import Mapping
from typing import Any

from engine.errors import FieldError, InvalidInput
from engine.personal.store import Body, change_personal, list_personal
from engine.storage.snapshot import Unit
from metadata.conditions import Node, dump_condition, parse_condition
from metadata.errors import PlatformError
from metadata.model import SceneDef

KIND = "scene"
LONGEST_LABEL = 40
MOST_SCENES = 50
NUMBER = re.compile(r"\.my_(\d+)$")


def my_scenes(unit: Unit, object_key: str) -> tuple[SceneDef, ...]:
    """Give the actor's scenes of an object, oldest first."""
    found = list_personal(unit, KIND)
    keys = [key for key, body in found.items() if body.get("object") == object_key]
    return tuple(_scene(key, found[key]) for key in sorted(keys, key=_number))


def save_scene(
    unit: Unit, object_key: str, label: str, where: Node | None, sort: tuple[str, ...] = ()
) -> str:
    """Keep a filter as a scene of the actor; gives its key.

    Raises:
        InvalidInput: the label is empty, too long or taken, or there are too many.
    """
    text = label.strip()
    mine = my_scenes(unit, object_key)
    if not text:
        raise InvalidInput([FieldError("label", "required")])
    if len(text) > LONGEST_LABEL:
        told = {"most": LONGEST_LABEL, "length": len(text)}
        raise InvalidInput([FieldError("label", "too_long", told)])
    if any(scene.label[""] == text for scene in mine):
        raise InvalidInput([FieldError("label", "taken", {"value": text})])
    if len(mine) >= MOST_SCENES:
        raise InvalidInput([FieldError("", "too_many_scenes", {"most": MOST_SCENES})])
    number = max((_number(scene.key) for scene in mine), default=0) + 1
    key = f"{object_key}.my_{number}"
    body = {
        "object": object_key,
        "label": text,
        "where": dump_condition(where),
        "sort": list(sort),
    }
    change_personal(unit, KIND, key, lambda _: body)
    return key


def remove_scene(unit: Unit, object_key: str, key: str) -> bool:
    """Remove one of the actor's scenes; False when he has none of that key."""
    known = any(scene.key == key for scene in my_scenes(unit, object_key))
    if known:
        change_personal(unit, KIND, key, lambda _: {})
    return known


def _number(key: str) -> int:
    found = NUMBER.search(key)
    return int(found[1]) if found else 0


def _scene(key: str, body: Body) -> SceneDef:
    return SceneDef(
        key=key,
        object=str(body["object"]),
        label={"": str(body["label"])},
        where=_condition(body.get("where")),
        sort=tuple(body.get("sort", ())),
    )


def _condition(raw: Mapping[str, Any] | None) -> Node | None:
    """Read a stored condition; one that an older version of the platform wrote keeps all."""
    try:
        return parse_condition(raw)
    except PlatformError:
        return None
