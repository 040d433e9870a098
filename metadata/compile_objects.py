"""Objects, their fields, rules and actions; option sets; roles; number rules."""

from collections.abc import Mapping
from typing import Any

from metadata.catalog import BESIDE, kernel
from metadata.computed import computed_from, following_from
from metadata.conditions import Node, parse_condition
from metadata.documents import Document
from metadata.model import (
    EMPTY,
    ActionDef,
    FieldDef,
    FieldGrant,
    NumberRuleDef,
    ObjectDef,
    ObjectGrant,
    OptionDef,
    OptionSetDef,
    RoleDef,
    RuleDef,
    Text,
)
from metadata.refs import World

Shared = Mapping[str, Mapping[str, OptionDef]]
"""Options by the name that ``options_from`` uses."""

COMMON = frozenset(
    {
        "type", "label", "help", "required", "required_if", "visible_if", "readonly",
        "readonly_if", "options_if", "unique", "search", "sortable", "personal", "default",
        "sample", "options", "options_from", "computed", "follows",
    }
)  # fmt: skip
"""Properties of fields of any type; the others are the type's own."""
_EVERYTHING = "all"


def to_text(raw: Any) -> Text:
    """Give a text of a document as a mapping; a plain string belongs to no language."""
    return dict(raw) if isinstance(raw, Mapping) else {"": str(raw)}


def to_text_or_none(raw: Any) -> Text | None:
    """Give a text that may be missing."""
    return None if raw is None else to_text(raw)


def options_from(raw: Mapping[str, Mapping[str, Any]]) -> dict[str, OptionDef]:
    """Compile options, in order."""
    return {
        key: OptionDef(
            key,
            to_text(option["label"]),
            option.get("color", ""),
            retired=option.get("retired", False),
        )
        for key, option in raw.items()
    }


def option_set_from(document: Document) -> OptionSetDef:
    """Compile an option set."""
    return OptionSetDef(
        key=document.key,
        label=to_text(document.body["label"]),
        options=options_from(document.body["options"]),
    )


def object_from(document: Document, world: World, shared: Shared) -> ObjectDef:
    """Compile an object: its own fields, those that its abilities bring, those of the system."""
    body = document.body
    abilities = {
        key: value if isinstance(value, Mapping) else EMPTY
        for key, value in world.abilities(document.key).items()
    }
    brought = kernel().brought(abilities)
    fields = {
        key: _field_from(
            key,
            definition,
            shared,
            origin=_origin(document, key, brought),
            system=key in brought or BESIDE in definition,
        )
        for key, definition in world.fields(document.key).items()
    }
    rule = abilities.get("numbering", EMPTY).get("rule")
    if rule and "number" in fields and fields["number"].type == "auto_number":
        fields["number"] = _with_props(fields["number"], {"rule": rule})
    return ObjectDef(
        key=document.key,
        label=to_text(body["label"]),
        plural=to_text(body.get("plural", body["label"])),
        icon=body.get("icon", ""),
        name_field=body["name_field"],
        abilities=abilities,
        fields=fields,
        rules={key: _rule_from(key, raw) for key, raw in body.get("rules", {}).items()},
        actions=_actions_from(body, abilities),
        customise=body.get("customise", EMPTY),
        origin=document.layer,
    )


def _origin(document: Document, key: str, brought: Mapping[str, Any]) -> str:
    if key in brought:
        return "kernel"
    return document.origins.get(f"fields/{key}", document.layer)


def _field_from(
    key: str, raw: Mapping[str, Any], shared: Shared, *, origin: str, system: bool
) -> FieldDef:
    source = raw.get("options_from", "")
    own = raw.get("options")
    return FieldDef(
        key=key,
        type=raw["type"],
        label=to_text(raw["label"]),
        help=to_text_or_none(raw.get("help")),
        required=raw.get("required", False),
        required_if=parse_condition(raw.get("required_if")),
        visible_if=parse_condition(raw.get("visible_if")),
        readonly=raw.get("readonly", False),
        readonly_if=parse_condition(raw.get("readonly_if")),
        options_if=_options_if(raw.get("options_if", EMPTY)),
        unique=raw.get("unique", False),
        search=raw.get("search", False),
        sortable=raw.get("sortable", False),
        personal=raw.get("personal", False),
        default=raw.get("default"),
        sample=raw.get("sample"),
        options=options_from(own) if own else shared.get(source, EMPTY),
        options_from=source,
        origin=origin,
        system=system,
        props={name: value for name, value in raw.items() if name not in COMMON},
        computed=computed_from(raw),
        follows=following_from(raw),
    )


def bare_field(
    key: str, raw: Mapping[str, Any], options: Mapping[str, Mapping[str, Any]]
) -> FieldDef:
    """Compile what a type must know of a field to read its values; rules are left out."""
    return FieldDef(
        key=key,
        type=raw["type"],
        label=EMPTY,
        options={name: OptionDef(name, EMPTY) for name in options},
        props={name: value for name, value in raw.items() if name not in COMMON},
    )


def _options_if(raw: Mapping[str, Any]) -> Mapping[str, Node]:
    found = {key: parse_condition(condition) for key, condition in raw.items()}
    return {key: node for key, node in found.items() if node is not None} or EMPTY


def _with_props(definition: FieldDef, more: Mapping[str, Any]) -> FieldDef:
    known = {name: getattr(definition, name) for name in FieldDef.__dataclass_fields__}
    return FieldDef(**{**known, "props": {**definition.props, **more}})


def _rule_from(key: str, raw: Mapping[str, Any]) -> RuleDef:
    check = parse_condition(raw["check"])
    if check is None:
        raise ValueError(f"the rule {key} checks nothing; check.py refuses this")
    return RuleDef(
        key=key,
        when=parse_condition(raw.get("when")),
        check=check,
        message=to_text(raw["message"]),
    )


def _actions_from(
    body: Mapping[str, Any], abilities: Mapping[str, Mapping[str, Any]]
) -> dict[str, ActionDef]:
    actions = {
        key: ActionDef(key=key, label=to_text(raw["label"]), right=raw.get("right", True))
        for key, raw in kernel().standard_actions(abilities).items()
    }
    for key, raw in body.get("actions", {}).items():
        actions[key] = ActionDef(
            key=key,
            label=to_text(raw["label"]),
            form=tuple(raw.get("form", ())),
            require=tuple(raw.get("require", ())),
            set=raw.get("set", EMPTY),
            when=parse_condition(raw.get("when")),
            icon=raw.get("icon", ""),
            confirm=to_text_or_none(raw.get("confirm")),
            bulk=raw.get("bulk", False),
            platform=raw.get("platform", False),
            then=raw.get("then", ""),
            standard=False,
        )
    return actions


def role_from(document: Document) -> RoleDef:
    """Compile a role."""
    body = document.body
    return RoleDef(
        key=document.key,
        label=to_text(body["label"]),
        objects={key: _grant_from(raw) for key, raw in body.get("objects", {}).items()},
        menus={
            key: frozenset(item for item, given in items.items() if given)
            for key, items in body.get("menus", {}).items()
        },
        admin=frozenset(key for key, given in body.get("admin", {}).items() if given),
        sealed=body.get("sealed", False),
        require_totp=body.get("require_totp", False),
        group=to_text_or_none(body.get("group")),
        description=to_text_or_none(body.get("description")),
    )


def _grant_from(raw: Mapping[str, Any]) -> ObjectGrant:
    actions = {
        key: _EVERYTHING if scope is True else scope
        for key, scope in raw.items()
        if key != "fields" and scope is not False
    }
    fields = {
        key: FieldGrant(grant)
        if isinstance(grant, str)
        else FieldGrant(grant.get("level", "edit"), grant.get("mask", ""))
        for key, grant in raw.get("fields", {}).items()
    }
    return ObjectGrant(actions=actions, fields=fields)


def number_rule_from(document: Document) -> NumberRuleDef:
    """Compile a number rule."""
    body = document.body
    return NumberRuleDef(
        key=document.key,
        object=body["object"],
        field=body["field"],
        segments=body["segments"],
        separator=body.get("separator", "-"),
        manual=body.get("manual", True),
    )
