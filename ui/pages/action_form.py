"""The form of a declared action as its dialog needs it: what it asks for, what it says first."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.errors import FieldError
from engine.records.act import DeclaredAction, asked_fields
from engine.records.rules import states_of
from engine.records.shape import shape_of
from engine.storage.snapshot import BoundObject, Unit
from metadata.model import ActionDef, say
from ui.errors import field_message
from ui.pages.form_read import Sent, read_fields, typed_values
from ui.pages.form_view import FieldView
from ui.pages.layout import WIDE_TYPES
from ui.pages.lookups import kinds_of
from ui.pages.opened import LONG, Opened, deciding
from ui.pages.values import with_ground
from ui.widgets.base import ABSENT, Asked, Control, Form
from ui.widgets.registry import widget_of

ICON = "zap"
"""What an action is drawn with that names no icon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionForm:
    """What the dialog of an action needs (``records/_action.html``)."""

    url: str
    back: str
    title: str
    text: str
    button: str
    fields: tuple[tuple[str, str], ...]
    items: tuple[FieldView, ...]
    errors: tuple[str, ...] = ()
    live: str = ""
    live_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What an action is to be done with, and what was sent for it.

    ``opened``: the one record; None for many. ``sent``: wins over what is stored.
    """

    unit: Unit
    bound: BoundObject
    action: DeclaredAction
    opened: Opened | None = None
    sent: Form | None = None
    errors: tuple[FieldError, ...] = ()

    @property
    def definition(self) -> ActionDef:
        """Give what the document says of the action."""
        return self.action.definition

    @property
    def keys(self) -> tuple[str, ...]:
        """Give the fields that the actor is asked for."""
        return asked_fields(self.unit, shape_of(self.unit, self.bound.key), self.definition)

    def label(self) -> str:
        """Name the action."""
        return say(self.definition.label, self.unit.context.locale.language)

    def question(self) -> str:
        """Give what its document asks before it is done; "" for nothing."""
        confirm = self.definition.confirm
        return say(confirm, self.unit.context.locale.language) if confirm else ""

    def read(self, sent: Form) -> Sent:
        """Read what was sent; a control that was not there says nothing."""
        return read_fields(self.unit, self.bound, sent, self.keys)

    def values(self) -> dict[str, Any]:
        """Give the record as the action would leave it, with what stands in its form now."""
        old = self.opened.values if self.opened else {}
        values = {**old, **self.action.made(self.unit, old)}
        if self.sent is None:
            return values
        return typed_values(self.bound, self.read(self.sent), values)


def action_items(target: Target) -> tuple[FieldView, ...]:
    """Draw the fields that an action asks for, as rules want them once it is done."""
    unit, bound = target.unit, target.bound
    states = states_of(unit, shape_of(unit, bound.key), target.values()) if target.opened else {}
    found = []
    for key in target.keys:
        definition = bound.fields[key].definition
        needed = key in target.definition.require
        view = FieldView(
            key=key,
            label=say(definition.label, unit.context.locale.language),
            control=_control(target, key, needed=needed),
            wide=definition.type in WIDE_TYPES,
            long=definition.type == LONG,
        )
        state = states.get(key, view.state)  # what is demanded at all, its control marks itself
        found.append(
            replace(view, state=replace(state, fixed=False, needed=state.needed and not needed))
        )
    return tuple(found)


def loose_errors(target: Target) -> tuple[str, ...]:
    """Say what is wrong where no control of the form can."""
    language, keys = target.unit.context.locale.language, target.keys
    found = []
    for error in target.errors:
        if error.field in keys:
            continue
        field = target.bound.fields.get(error.field)
        label = f"{say(field.definition.label, language)}: " if field else ""
        found.append(label + field_message(error, language))
    return tuple(found)


def live_of(target: Target) -> str:
    """Give the names of the asked fields whose change the server wants to hear of."""
    return " ".join(sorted(deciding(target.unit, target.bound) & set(target.keys)))


def live_states(target: Target) -> Mapping[str, Any]:
    """Tell what the rules make of the form as it stands now."""
    states = states_of(target.unit, shape_of(target.unit, target.bound.key), target.values())
    needed = target.definition.require
    return {
        key: {
            "shown": state.shown,
            "needed": state.needed and key not in needed,
            "fixed": False,
            "closed": sorted(state.closed),
        }
        for key, state in states.items()
        if key in target.keys
    }


def _control(target: Target, key: str, *, needed: bool) -> Control:
    field, opened = target.bound.fields[key], target.opened
    widget, sent = widget_of(field.definition), target.sent
    if sent is not None and widget.read(sent, key) is ABSENT:
        sent = None
    error = next((one for one in target.errors if one.field == key), None)
    locale = target.unit.context.locale
    asked = Asked(
        stored=opened.found.value(key) if opened and key in opened.shown else None,
        form=sent,
        error=field_message(error, locale.language) if error else "",
        required=True if needed else None,
        readonly=False,
        object=target.bound.key,
        kinds=kinds_of(target.unit, field),
    )
    control = widget.control(field.definition, locale, asked)
    return with_ground(opened, key, control, everything=True) if opened else control
