"""Adding somebody to the teams of many chosen records, and taking him out: the dialog."""

from collections.abc import Sequence
from typing import Any

from litestar import Response

from engine.errors import FieldError
from engine.query.members import ABILITY
from engine.records.team import MANAGE
from engine.storage.snapshot import Unit
from ui.i18n import translate
from ui.pages.action_form import ActionForm
from ui.pages.frame import show_dialog
from ui.pages.member_form import (
    ALSO,
    USER,
    asked_fields,
    first_values,
    loose_errors,
    member_items,
    place_of,
)
from ui.request import PageRequest
from ui.widgets.base import Form

ADD, REMOVE = "add_member", "remove_member"
OFFERED_BY = MANAGE
"""What a list names among its bulk actions to offer both."""
INVALID = 422


def is_of_teams(unit: Unit, object_key: str, verb: str) -> bool:
    """Tell whether a verb changes teams, and the records of the object have one."""
    bound = unit.snapshot.objects.get(object_key)
    return verb in {ADD, REMOVE} and bound is not None and bound.definition.has(ABILITY)


def member_values(unit: Unit, object_key: str, verb: str, sent: Form) -> dict[str, Any]:
    """Read what the dialog was given.

    Raises:
        InvalidInput: see `ui.pages.member_form.place_of`.
    """
    place = place_of(unit, object_key, sent)
    values: dict[str, Any] = {"user": place.user, "also": list(place.also)}
    if verb == ADD:
        ends = place.expires_at
        values |= {"level": place.level, "expires_at": ends.isoformat() if ends else None}
    return values


def ask_members(
    request: PageRequest,
    unit: Unit,
    place: tuple[str, str],
    view: tuple[str, str, tuple[tuple[str, str], ...]],
    words: dict[str, str],
    filled: tuple[Form | None, Sequence[FieldError]],
) -> Response[Any]:
    """Ask who, and for a new member how far and until when; see `ask_action`."""
    object_key, verb = place
    url, back, fields = view
    language, errors = unit.context.locale.language, filled[1]
    wanted = {USER, ALSO}
    asked = [one for one in asked_fields(unit, object_key) if verb == ADD or one.key in wanted]
    title = translate(language, f"bulk.{verb}")
    form = ActionForm(
        url=url,
        back=back,
        title=title,
        text=translate(language, f"bulk.{verb}_text", **words),
        button=title,
        fields=fields,
        items=member_items(unit, object_key, asked, first_values(unit, None), filled),
        errors=loose_errors(asked, errors, language),
    )
    return show_dialog(
        request,
        unit,
        "records/_action.html",
        title=title,
        status=INVALID if errors else 200,
        action=form,
    )
