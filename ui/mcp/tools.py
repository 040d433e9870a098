"""What an AI client may call: records and their actions, reading, drafting and planning metadata.

There is no tool that publishes, and the calls act under limits that leave publishing out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from litestar.serialization import encode_json

from engine.access.roles import rights_of
from engine.context import Actor, Context, Limits
from engine.errors import FieldError, InvalidInput
from engine.publish.documents import Layer
from engine.publish.draft import create_draft, read_draft
from engine.publish.live import LiveSite
from engine.publish.plan import plan_draft
from engine.records import read
from engine.records.encode import record_json
from ui.api.actions import do_action
from ui.api.aggregate import aggregate_json
from ui.api.metadata import LARGEST, documents_json
from ui.api.objects import object_json, objects_json
from ui.api.plans import plan_json
from ui.api.records import list_json
from ui.api.related import history_of
from ui.api.search import search_json
from ui.i18n import translate

TEXT = {"type": "string"}
NUMBER = {"type": "integer", "minimum": 1}
CONDITION = {"type": "object", "description": "a condition tree, as in the API"}
Schema = Mapping[str, Any]
Asked = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: ``writes`` is true where it leaves something behind, ``acts`` where in a record."""

    name: str
    properties: Mapping[str, Schema]
    required: tuple[str, ...]
    run: Callable[[LiveSite, Context, Asked], Any]
    writes: bool = False
    acts: bool = False

    def described(self, language: str) -> dict[str, Any]:
        """Describe it as the protocol does."""
        return {
            "name": self.name,
            "description": translate(language, f"mcp.{self.name}"),
            "inputSchema": {
                "type": "object",
                "properties": dict(self.properties),
                "required": list(self.required),
                "additionalProperties": False,
            },
            "annotations": {"readOnlyHint": not self.writes, "destructiveHint": self.acts},
        }

    def call(self, site: LiveSite, context: Context, asked: Asked) -> Any:
        """Run it under limits that leave publishing out.

        Raises:
            PlatformError: as the API does.
        """
        errors = [
            FieldError(key, "unknown_field") for key in sorted(asked.keys() - self.properties)
        ]
        errors += [FieldError(key, "required") for key in self.required if key not in asked]
        for key in asked.keys() & self.properties.keys():
            if not _fits(asked[key], str(self.properties[key].get("type", ""))):
                errors.append(FieldError(key, "wrong_type"))
        if errors:
            raise InvalidInput(errors)
        return self.run(
            site, replace(context, actor=limited(context.actor, acts=self.acts)), asked
        )


def limited(actor: Actor, *, acts: bool = False) -> Actor:
    """Take publishing and administration from an actor; writing records too, unless he acts."""
    held = actor.limits or Limits(reads=True, writes=True, metadata=True)
    limits = replace(
        held,
        reads=held.reads or held.writes,
        writes=held.writes and acts,
        publishes=False,
        admin=False,
    )
    return replace(actor, limits=limits)


def _fits(value: Any, kind: str) -> bool:
    kinds: Mapping[str, type] = {"string": str, "integer": int, "object": dict, "array": list}
    fits = isinstance(value, kinds[kind]) and not isinstance(value, bool)
    return fits and (kind != "integer" or 1 <= value <= LARGEST)


def _words(asked: Asked, *names: str) -> dict[str, str]:
    """Write arguments as the query parameters of the API."""
    found = {}
    for name in names:
        value = asked.get(name)
        if value is not None:
            found[name] = encode_json(value).decode() if isinstance(value, dict) else str(value)
    return found


def _objects(site: LiveSite, context: Context, _asked: Asked) -> Any:
    with site.read(context) as unit:
        return objects_json(unit)


def _object(site: LiveSite, context: Context, asked: Asked) -> Any:
    with site.read(context) as unit:
        return object_json(unit, asked["object"])


def _list(site: LiveSite, context: Context, asked: Asked) -> Any:
    with site.read(context) as unit:
        return list_json(unit, asked["object"], _words(asked, *(LIST.keys() - {"object"})))


def _record(site: LiveSite, context: Context, asked: Asked) -> Any:
    with site.read(context) as unit:
        key = asked["object"]
        return record_json(unit, key, read.get(unit, key, asked["id"]))


def _history(site: LiveSite, context: Context, asked: Asked) -> Any:
    with site.read(context) as unit:
        words = _words(asked, "cursor", "limit")
        cursor, items = history_of(unit, words, asked["object"], asked["id"])
    return {"items": items, "next_cursor": cursor}


def _search(site: LiveSite, context: Context, asked: Asked) -> Any:
    with site.read(context) as unit:
        return search_json(unit, _words(asked, "q", "limit"))


def _aggregate(site: LiveSite, context: Context, asked: Asked) -> Any:
    words = _words(asked, "where", "group_by", "measures")
    with site.read(context) as unit:
        return aggregate_json(unit, asked["object"], words)


def _documents(site: LiveSite, context: Context, asked: Asked) -> Any:
    layer = asked.get("layer", "effective")
    if layer not in get_args(Layer):
        raise InvalidInput([FieldError("layer", "unknown_option", {"value": layer})])
    with site.read(context) as unit:
        rights_of(unit).require_admin("metadata")
        kind, key = asked.get("kind", ""), asked.get("key", "")
        return documents_json(site, unit, kind=kind, key=key, layer=layer)


def _draft(site: LiveSite, context: Context, asked: Asked) -> Any:
    with site.write(context) as unit:
        rights_of(unit).require_admin("metadata")
        draft = create_draft(unit, asked["changes"], note=asked.get("note", ""))
    return {"draft": draft.id, "base": draft.base}


def _plan(site: LiveSite, context: Context, asked: Asked) -> Any:
    with site.read(context) as unit:
        rights_of(unit).require_admin("metadata")
        plan = plan_draft(site, unit, read_draft(unit, asked["draft"]))
    return plan_json(plan, context.locale.language)


def _act(site: LiveSite, context: Context, asked: Asked) -> Any:
    place = (asked["object"], asked["id"], asked["action"])
    with site.write(context) as unit:
        do_action(unit, place, asked.get("values", {}), version=asked.get("version"))
        return record_json(unit, place[0], read.get(unit, place[0], place[1]))


LIST: Mapping[str, Schema] = {
    "object": TEXT,
    "scene": TEXT,
    "where": CONDITION,
    "q": TEXT,
    "sort": TEXT,
    "fields": TEXT,
    "limit": NUMBER,
    "cursor": TEXT,
    "count": TEXT,
}
ONE: Mapping[str, Schema] = {"object": TEXT, "id": NUMBER}
PAGED: Mapping[str, Schema] = {**ONE, "cursor": TEXT, "limit": NUMBER}
SUMS: Mapping[str, Schema] = {
    "object": TEXT,
    "where": CONDITION,
    "group_by": TEXT,
    "measures": TEXT,
}
ACTION: Mapping[str, Schema] = {
    **ONE,
    "action": TEXT,
    "values": {"type": "object", "description": "what the action asks for: field to value"},
    "version": NUMBER,
}
CHANGES = {"type": "array", "items": {"type": "object"}}

TOOLS: Mapping[str, Tool] = {
    tool.name: tool
    for tool in (
        Tool("list_objects", {}, (), _objects),
        Tool("describe_object", {"object": TEXT}, ("object",), _object),
        Tool("list_records", LIST, ("object",), _list),
        Tool("read_record", ONE, ("object", "id"), _record),
        Tool("read_history", PAGED, ("object", "id"), _history),
        Tool("search", {"q": TEXT, "limit": NUMBER}, ("q",), _search),
        Tool("aggregate", SUMS, ("object",), _aggregate),
        Tool("do_action", ACTION, ("object", "id", "action"), _act, writes=True, acts=True),
        Tool("read_documents", {"kind": TEXT, "key": TEXT, "layer": TEXT}, (), _documents),
        Tool(
            "draft_changes", {"changes": CHANGES, "note": TEXT}, ("changes",), _draft, writes=True
        ),
        Tool("plan_draft", {"draft": NUMBER}, ("draft",), _plan),
    )
}
"""Every tool, by name."""
