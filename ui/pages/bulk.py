"""What is done with many chosen records at once: asked first, done as a job, told row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from engine.access.roles import rights_of
from engine.bulk.order import BulkOrder, order_bulk
from engine.bulk.run import bulk_handlers
from engine.bulk.verbs import right_of
from engine.context import Context
from engine.errors import FieldError, InvalidInput
from engine.queue.job import read_job
from engine.records.read import count
from engine.storage.snapshot import Unit
from engine.worker.runner import JobRunner
from metadata.conditions import dump_condition
from metadata.model import say
from ui.errors import field_message
from ui.given import GivenContext, GivenServices, GivenSite
from ui.i18n import translate
from ui.pages.bulk_action import action_values, ask_action, is_declared
from ui.pages.bulk_team import ask_members, is_of_teams, member_values
from ui.pages.forms_read import Form, InputRefused, all_of, form_of, raw_value
from ui.pages.frame import go, show, show_dialog
from ui.pages.layout import settable
from ui.pages.list_read import list_request, scene_in, scenes_of
from ui.pages.list_state import ListState, number, read_state
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT
from ui.services import Services
from ui.widgets.base import ABSENT, Asked, Control
from ui.widgets.base import Form as Filled
from ui.widgets.registry import widget_of

AT_ONCE = 200
"""So few records are dealt with while the person waits: it takes less than half a second."""
EDIT = "edit"
ASKED = ("edit", "delete")
INVALID = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """What the confirming dialog needs (``records/_confirm.html``)."""

    url: str
    back: str
    title: str
    text: str
    button: str
    fields: tuple[tuple[str, str], ...]
    blockers: tuple[Any, ...] = ()
    outcomes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkEdit:
    """What the dialog of a bulk edit needs (``records/_bulk_edit.html``)."""

    url: str
    control_url: str
    back: str
    text: str
    button: str
    fields: tuple[tuple[str, str], ...]
    choices: tuple[tuple[str, str], ...]
    field: str
    control: Control | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The records that a person chose: some ids, or everything that the list holds."""

    state: ListState
    ids: tuple[int, ...] | None
    count: int
    exact: bool = True

    @property
    def any(self) -> bool:
        return self.count > 0

    def fields(self, *more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
        chosen = (
            (("everything", "1"),)
            if self.ids is None
            else tuple(("ids", str(one)) for one in self.ids)
        )
        return (*self.state.fields(), *more, *chosen)

    def count_text(self, language: str) -> str:
        text = f"{self.count:,}"
        return text if self.exact else translate(language, "bulk.more_than", count=text)


@post("/o/{object_key:str}/bulk", name="records.bulk", sync_to_thread=True, right=BY_OBJECT,
      status_code=200)  # fmt: skip
def bulk(
    request: PageRequest,
    services: GivenServices,
    context: GivenContext,
    object_key: FromPath[str],
    data: Form,
) -> Response[Any]:
    """Ask what is meant, then order it; few records are dealt with at once."""
    state = read_state(object_key, data)
    verb = str(data.get("action", ""))
    sent = form_of(data)
    with services.site.read(context) as unit:
        known = is_declared(unit, object_key, verb) or is_of_teams(unit, object_key, verb)
        if verb not in ASKED and not known:
            return go(request, state.url())
        rights_of(unit).require(object_key, right_of(verb))
        chosen = _chosen(unit, state, data)
        if not chosen.any:
            return go(request, state.url(), "nothing_chosen")
        if not data.get("confirmed"):
            return _ask(request, unit, chosen, verb, sent)
    try:
        with services.site.read(context) as unit:
            order = _order(unit, chosen, verb, sent)
        return start(request, services, context, order, chosen.count, state.url())
    except (InvalidInput, InputRefused) as refused:
        errors = refused.errors if isinstance(refused, InvalidInput) else (refused.error,)
        with services.site.read(context) as unit:
            return _ask(request, unit, chosen, verb, sent, errors)


@get("/o/{object_key:str}/bulk/control", name="records.bulk_control", sync_to_thread=True,
     right=BY_OBJECT)  # fmt: skip
def show_control(
    request: PageRequest, site: GivenSite, context: GivenContext, object_key: FromPath[str]
) -> Response[Any]:
    """Draw the control of the field that was chosen in the dialog."""
    key = str(request.query_params.get("field", ""))
    with site.read(context) as unit:
        rights_of(unit).require(object_key, right_of(EDIT))
        control = _control(unit, object_key, key, None)
        return show(request, unit, "records/_bulk_control.html", title="", control=control)


def start(
    request: PageRequest,
    services: Services,
    context: Context,
    order: BulkOrder,
    size: int,
    back: str,
) -> Response[Any]:
    """Order a bulk action and go to where its outcome is told."""
    few = size <= AT_ONCE
    made = order_bulk(services.site, context, order, by_caller=few)
    job_url = f"/jobs/{made}"
    if not few:
        return go(request, job_url)
    handlers = bulk_handlers(services.settings.locale_of_company)
    JobRunner(services.site, handlers).run_this(made)
    with services.site.database.read() as connection:
        job = read_job(connection, made)
    smooth = job.state == "done" and set(job.counts) <= {"done"}
    return go(request, back, f"bulk_done:{made}") if smooth else go(request, job_url)


def _chosen(unit: Unit, state: ListState, data: Mapping[str, Any]) -> _Chosen:
    if not data.get("everything"):
        ids = tuple(found for one in all_of(data, "ids") if (found := number(one)))
        return _Chosen(state, ids, len(ids))
    definition = unit.snapshot.site.list_of(state.object)
    request = list_request(state, scene_in(scenes_of(unit, definition), definition, state.scene))
    total = count(unit, request)
    return _Chosen(state, None, total.value, total.exact)


def _order(unit: Unit, chosen: _Chosen, verb: str, sent: Filled) -> BulkOrder:
    state = chosen.state
    definition = unit.snapshot.site.list_of(state.object)
    scene = scene_in(scenes_of(unit, definition), definition, state.scene)
    where = list_request(state, scene).where
    order = BulkOrder(
        object=state.object,
        verb=verb,
        values=_entered(unit, state.object, verb, sent),
        ids=chosen.ids,
        language=unit.context.locale.language,
    )
    if chosen.ids is not None:
        return order
    told = None if where is None else dump_condition(where)
    return replace(order, where=told, search=state.query)


def _entered(unit: Unit, object_key: str, verb: str, sent: Filled) -> dict[str, Any]:
    if verb == EDIT:
        return _values(unit, object_key, sent)
    if is_of_teams(unit, object_key, verb):
        return member_values(unit, object_key, verb, sent)
    return action_values(unit, object_key, verb, sent) if verb not in ASKED else {}


def _values(unit: Unit, object_key: str, sent: Filled) -> dict[str, Any]:
    """Read the one field that is set.

    Raises:
        InvalidInput: none was chosen.
        InputRefused: it names a record that is not there.
    """
    key = "".join(sent.get("field", ())[:1])
    bound = unit.snapshot.object(object_key)
    if key not in dict(_choices(unit, object_key)):
        raise InvalidInput([FieldError("", "required")])
    raw = raw_value(unit, bound.fields[key], sent, key)
    return {key: None if raw is ABSENT else raw}


def _ask(
    request: PageRequest,
    unit: Unit,
    chosen: _Chosen,
    verb: str,
    sent: Filled,
    errors: Sequence[FieldError] = (),
) -> Response[Any]:
    language, state = unit.context.locale.language, chosen.state
    definition = unit.snapshot.object(state.object).definition
    words = {"count": chosen.count_text(language), "object": say(definition.plural, language)}
    fields = chosen.fields(("action", verb), ("confirmed", "1"))
    if verb not in ASKED:
        sender = (f"{state.path}/bulk", state.url(), fields)
        filled = (sent if errors else None, errors)
        ask = ask_members if is_of_teams(unit, state.object, verb) else ask_action
        return ask(request, unit, (state.object, verb), sender, words, filled)
    if verb != EDIT:
        view: Confirm | BulkEdit = Confirm(
            url=f"{state.path}/bulk",
            back=state.url(),
            title=translate(language, "bulk.delete_title"),
            text=translate(language, "bulk.delete_all_text", **words),
            button=translate(language, "bulk.delete"),
            fields=fields,
        )
        return show_dialog(
            request,
            unit,
            "records/_confirm.html",
            title=translate(language, "bulk.delete_title"),
            confirm=view,
        )
    key, error = "".join(sent.get("field", ())[:1]), errors[0] if errors else None
    view = BulkEdit(
        url=f"{state.path}/bulk",
        control_url=f"{state.path}/bulk/control",
        back=state.url(),
        text=translate(language, "bulk.edit_text", **words),
        button=translate(language, "bulk.apply", count=words["count"]),
        fields=fields,
        choices=_choices(unit, state.object),
        field=key,
        control=_control(unit, state.object, key, sent, error),
        error=_told(unit, state.object, key, error),
    )
    return show_dialog(
        request,
        unit,
        "records/_bulk_edit.html",
        title=translate(language, "bulk.edit_title"),
        status=INVALID if error else 200,
        bulk=view,
    )


def _told(unit: Unit, object_key: str, key: str, error: FieldError | None) -> str:
    """Say what is wrong where no control can: no field was chosen."""
    if error is None or key in dict(_choices(unit, object_key)):
        return ""
    return field_message(error, unit.context.locale.language)


def _choices(unit: Unit, object_key: str) -> tuple[tuple[str, str], ...]:
    """Give the fields that can be set for many: all that the person may set, but unique ones."""
    language, may = unit.context.locale.language, settable(unit, object_key, new=False)
    return tuple(
        (key, say(field.definition.label, language))
        for key, field in unit.snapshot.object(object_key).fields.items()
        if key in may and not field.definition.unique and not field.type.lines
    )


def _control(
    unit: Unit,
    object_key: str,
    key: str,
    sent: Filled | None,
    error: FieldError | None = None,
) -> Control | None:
    if key not in dict(_choices(unit, object_key)):
        return None
    definition = unit.snapshot.object(object_key).fields[key].definition
    language = unit.context.locale.language
    typed = sent if sent is not None and error is not None else None
    asked = Asked(
        form=typed,
        error=field_message(error, language) if error else "",
        required=False,
        object=object_key,
    )
    return widget_of(definition).control(definition, unit.context.locale, asked)


ROUTES = [bulk, show_control]
