"""The logs in OpenAPI: those that the caller may read."""

from collections.abc import Mapping

from engine.access.roles import Rights
from engine.logs.asked import NUMBERS, WORDS
from engine.logs.wanted import DATA, SHAPES
from ui.api.openapi_shapes import (
    ANY_MAPPING,
    FLAG,
    INSTANT,
    NUMBER,
    TEXT,
    Part,
    listed,
    many,
    mapping,
    maybe,
    named,
    operation,
    parameter,
)

_LIMIT: Part = {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}
_KINDS: Mapping[str, Part] = {**dict.fromkeys(NUMBERS, NUMBER), "marked": FLAG}


def paths_of_logs(rights: Rights) -> Part:
    """Give the calls that read logs, by their address under ``/api/v1``."""
    return {
        f"/logs/{log}": {
            "get": operation(
                f"log_{log.replace('-', '_')}",
                f"the log: {log}",
                {200: listed(_line(log), reached=maybe(INSTANT))},
                parameters=[
                    *(parameter(word, _KINDS.get(word, TEXT)) for word in WORDS[log]),
                    parameter("cursor", TEXT),
                    parameter("limit", _LIMIT),
                ],
            )
        }
        for log, shape in SHAPES.items()
        if rights.admin(shape.right)
    }


def _line(log: str) -> Part:
    told: Part = {
        "id": NUMBER,
        "at": INSTANT,
        "by": maybe(named("Link")),
        "action": TEXT,
        "address": TEXT,
        "request_id": TEXT,
    }
    if log != DATA:
        return mapping({**told, "about": TEXT, "details": ANY_MAPPING, "marked": FLAG})
    change = mapping({"field": TEXT, "label": TEXT, "old": TEXT, "new": TEXT})
    record: Part = {"object": TEXT, "record": NUMBER}
    return mapping({**told, **record, "changes": many(change), "hidden": NUMBER})
