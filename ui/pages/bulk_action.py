"""A declared action for many chosen records: its dialog, and what was entered there."""

from collections.abc import Sequence
from typing import Any

from litestar import Response

from engine.errors import FieldError, InvalidInput
from engine.records.act import declared_action
from engine.storage.snapshot import Unit
from ui.i18n import translate
from ui.pages.action_form import ActionForm, Target, action_items, loose_errors
from ui.pages.frame import show_dialog
from ui.request import PageRequest
from ui.widgets.base import Form

INVALID = 422


def is_declared(unit: Unit, object_key: str, verb: str) -> bool:
    """Tell whether the object declares an action of this name for many records at once."""
    bound = unit.snapshot.objects.get(object_key)
    action = bound.definition.actions.get(verb) if bound is not None else None
    return action is not None and action.bulk


def action_values(unit: Unit, object_key: str, verb: str, sent: Form) -> dict[str, Any]:
    """Read what the dialog was given.

    Raises:
        InvalidInput: a name that names no record.
    """
    read = _target(unit, object_key, verb).read(sent)
    if read.faults:
        raise InvalidInput(read.faults)
    return read.values


def ask_action(
    request: PageRequest,
    unit: Unit,
    place: tuple[str, str],
    view: tuple[str, str, tuple[tuple[str, str], ...]],
    words: dict[str, str],
    filled: tuple[Form | None, Sequence[FieldError]],
) -> Response[Any]:
    """Ask what the action needs to know.

    Args:
        request: the call.
        unit: the transaction.
        place: the object and the action.
        view: where the dialog sends to, where it leads back, and what it sends along.
        words: how many records of what.
        filled: what was sent, and what is wrong with it.
    """
    sent, errors = filled
    target = _target(unit, *place, sent, tuple(errors))
    language, label = unit.context.locale.language, target.label()
    told = translate(language, "action.many_text", action=label, **words)
    asked = target.question()
    url, back, fields = view
    form = ActionForm(
        url=url,
        back=back,
        title=label,
        text=f"{told} {asked}".strip(),
        button=translate(language, "action.many_do", action=label, count=words["count"]),
        fields=fields,
        items=action_items(target),
        errors=loose_errors(target),
    )
    return show_dialog(
        request,
        unit,
        "records/_action.html",
        title=label,
        status=INVALID if errors else 200,
        action=form,
    )


def _target(
    unit: Unit,
    object_key: str,
    verb: str,
    sent: Form | None = None,
    errors: tuple[FieldError, ...] = (),
) -> Target:
    action = declared_action(unit, object_key, verb)
    bound = unit.snapshot.object(object_key)
    return Target(unit=unit, bound=bound, action=action, sent=sent, errors=errors)
