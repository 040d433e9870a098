"""What is asked about a place in a team: who, how far, until when, and where else."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.errors import FieldError, InvalidInput, InvalidValue
from engine.fields.base import Label
from engine.fields.moments import read_instant
from engine.query.members import Member
from engine.query.names import names_of
from engine.records.ownership import OWNER
from engine.records.team import LEVELS, Place, cascades
from engine.storage.snapshot import Unit
from metadata.model import FieldDef, OptionDef, say
from ui.errors import field_message
from ui.i18n import translate
from ui.pages.form_view import FieldView
from ui.pages.lookups import found_records
from ui.widgets.base import Asked, Form, last
from ui.widgets.registry import widget_of

USER, LEVEL, ENDS, ALSO = OWNER, "level", "expires_at", "also"
"""Names of the controls; who joins is chosen as an owner would be."""
TOLD = {"user": USER}
"""The control that stands for a word of the engine, where it has another name."""
NOT_SENT: tuple[Form | None, Sequence[FieldError]] = (None, ())


def asked_fields(unit: Unit, object_key: str) -> tuple[FieldDef, ...]:
    """Give what is asked, as fields: their widgets draw and read them."""
    language = unit.context.locale.language

    def made(key: str, kind: str, **more: Any) -> FieldDef:
        label = {"": translate(language, f"team.{key}")}
        return FieldDef(key=key, type=kind, label=label, **more)

    levels = {
        one: OptionDef(one, {"": translate(language, f"team.level.{one}")}) for one in LEVELS
    }
    lists = {one.key: OptionDef(one.key, one.label) for one in cascades(unit, object_key)}
    owner = unit.snapshot.object(object_key).fields[OWNER].definition
    label = {"": translate(language, "team.member")}
    person = replace(owner, label=label, required=True, readonly=False)
    asked = (person, made(LEVEL, "select", required=True, options=levels), made(ENDS, "datetime"))
    return (*asked, made(ALSO, "multi_select", options=lists)) if lists else asked


def first_values(unit: Unit, member: Member | None) -> dict[str, Any]:
    """Give what the form begins with: somebody's place, or the least that one can give."""
    if member is None:
        return {LEVEL: LEVELS[0]}
    name = names_of(unit, {("user", member.user)}).get(("user", member.user), "")
    return {USER: Label(member.user, name), LEVEL: member.level, ENDS: member.expires_at}


def member_items(
    unit: Unit,
    object_key: str,
    fields: Sequence[FieldDef],
    stored: Mapping[str, Any],
    filled: tuple[Form | None, Sequence[FieldError]] = NOT_SENT,
) -> tuple[FieldView, ...]:
    """Draw the controls; ``filled``: what was sent, and what is wrong with it."""
    locale, (sent, errors) = unit.context.locale, filled
    found = []
    for field in fields:
        error = next((one for one in errors if _control(one) == field.key), None)
        asked = Asked(
            stored=stored.get(field.key),
            form=sent,
            error=field_message(error, locale.language) if error else "",
            readonly=False,
            object=object_key,
        )
        control = widget_of(field).control(field, locale, asked)
        label = say(field.label, locale.language)
        found.append(FieldView(key=field.key, label=label, control=control))
    return tuple(found)


def loose_errors(
    fields: Sequence[FieldDef], errors: Sequence[FieldError], language: str
) -> tuple[str, ...]:
    """Say what is wrong where no control can."""
    keys = {one.key for one in fields}
    return tuple(field_message(one, language) for one in errors if _control(one) not in keys)


def place_of(unit: Unit, object_key: str, sent: Form) -> Place:
    """Read the form; a name that was typed is looked up.

    Raises:
        InvalidInput: nobody was chosen, or no such instant.
    """
    field = unit.snapshot.object(object_key).field(OWNER)
    raw = widget_of(field.definition).read(sent, USER)
    found = found_records(unit, field, raw, lambda fault: InvalidInput([fault]))
    if not str(found).isdigit():
        raise InvalidInput([FieldError("user", "required")])
    ends: datetime | None = None
    typed = str(last(sent, ENDS)).strip()
    try:
        ends = read_instant(typed, unit.context.locale.zone) if typed else None
    except InvalidValue as error:
        raise InvalidInput([FieldError(ENDS, error.reason, error.params)]) from error
    level: Any = last(sent, LEVEL, LEVELS[0])
    return Place(user=int(str(found)), level=level, expires_at=ends, also=chosen_lists(sent))


def chosen_lists(sent: Form) -> tuple[str, ...]:
    """Give the related lists that were ticked."""
    return tuple(one for one in sent.get(ALSO, ()) if one)


def _control(error: FieldError) -> str:
    return TOLD.get(error.field, error.field)
