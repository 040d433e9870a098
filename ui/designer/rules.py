"""The rules across fields of an object, in the draft: told, changed, added, removed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from metadata.conditions import Node, dump_condition
from metadata.documents import look_up
from metadata.model import ObjectDef, RuleDef, say
from ui.designer import changes as draft
from ui.designer.changes import MISSING, Change, object_document
from ui.designer.conditions import tell
from ui.designer.layouts import PREFIX
from ui.designer.workspace import Workspace
from ui.i18n import LANGUAGES, translate


@dataclass(frozen=True, slots=True)
class ToldRule:
    """A rule in words."""

    key: str
    text: str
    message: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says of a rule. ``message``: as a document has it."""

    when: Node | None
    check: Node
    message: Any


def tell_rules(workspace: Workspace, definition: ObjectDef) -> tuple[ToldRule, ...]:
    """Tell the rules of an object, in their order."""
    document = object_document(definition.key)
    return tuple(
        ToldRule(
            key=rule.key,
            text=_sentence(workspace, definition, rule),
            message=say(rule.message, workspace.language),
            is_new=draft.is_new(workspace.changes, document, f"rules/{rule.key}"),
        )
        for rule in definition.rules.values()
    )


def _sentence(workspace: Workspace, definition: ObjectDef, rule: RuleDef) -> str:
    language = workspace.language
    check = tell(workspace, definition, rule.check)
    if rule.when is None:
        return translate(language, "designer.rule_always", check=check)
    when = tell(workspace, definition, rule.when)
    return translate(language, "designer.rule_when", when=when, check=check)


def messages_of(rule: RuleDef | None, language: str) -> Mapping[str, str]:
    """Give a rule's message in each language; a plain one stands in the reader's."""
    said = rule.message if rule is not None else {}
    plain = said.get("", "")
    return {code: said.get(code, plain if code == language else "") for code in LANGUAGES}


def set_rule(workspace: Workspace, object_key: str, key: str, said: Said) -> list[Change]:
    """Say anew what a rule is; without a key it is added."""
    document = object_document(object_key)
    body = {"check": dump_condition(said.check), "message": said.message}
    if said.when is not None:
        body = {"when": dump_condition(said.when), **body}
    key = key or _free_key(workspace, object_key)
    path = f"rules/{key}"
    published = workspace.published(document)
    known = look_up(published.body, path, None) if published is not None else None
    if known is None:
        return draft.added(workspace.changes, document, path, body)
    made = [dict(one) for one in workspace.changes]
    for name in ("when", "check", "message"):
        value, before = body.get(name, MISSING), known.get(name, MISSING)
        made = draft.set_value(made, document, f"{path}/{name}", value, published=before)
    return made


def drop_rule(workspace: Workspace, object_key: str, key: str) -> list[Change]:
    """Take a rule away."""
    document, path = object_document(object_key), f"rules/{key}"
    added = draft.found(workspace.changes, "add", document, path)
    if added is not None:
        return draft.without(workspace.changes, [draft.identity(added)])
    published = workspace.published(document)
    known = look_up(published.body, path, MISSING) if published is not None else MISSING
    return draft.set_value(workspace.changes, document, path, MISSING, published=known)


def _free_key(workspace: Workspace, object_key: str) -> str:
    definition = workspace.site.objects[object_key]
    hidden = workspace.local(object_document(object_key))
    number = 1
    while f"{PREFIX}rule_{number}" in definition.rules or f"rules/{PREFIX}rule_{number}" in hidden:
        number += 1
    return f"{PREFIX}rule_{number}"
