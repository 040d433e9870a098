"""The editor of a number rule on the customising page: in a dialog, or on a page of its own."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from engine.fields.numbering import FORMATS
from metadata.errors import MetadataInvalid
from metadata.model import NumberRuleDef, say
from ui.designer.asked import HOME, METADATA, Posted, address, form_data, one_of, require_object
from ui.designer.changes import Change
from ui.designer.number_rules import (
    DATE,
    RESETS,
    TEXT,
    Numbering,
    date_choices,
    entered,
    faults_of,
    numbering_of,
    pressed,
    rule_of_field,
    sample_of,
    set_numbering,
)
from ui.designer.panel import field_message
from ui.designer.sentences import tell_problem
from ui.designer.workspace import Workspace, opened_draft, work
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.frame import go, show_dialog
from ui.request import PageRequest

INVALID = 422
PATH = "/designer/object/{object_key:str}/numbering/{field_key:str}"


@get(PATH, name="designer.numbering", sync_to_thread=True, right=METADATA)
def show_numbering(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    field_key: FromPath[str],
) -> Response[Any]:
    """Draw the editor of the rule that numbers a field."""
    with opened_draft(site, context) as workspace:
        rule = _rule(workspace, object_key, field_key)
        return _editor(request, workspace, rule, numbering_of(rule))


@post(PATH, sync_to_thread=True, status_code=200, right=METADATA)
def post_numbering(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    field_key: FromPath[str],
    data: Posted,
) -> Response[Any]:
    """Change the form as a button says, or take the rule into the draft."""
    form = form_data(data)
    do, edited = one_of(form, "do"), entered(form)
    with opened_draft(site, context) as workspace:
        rule = _rule(workspace, object_key, field_key)
        if do not in {"", "save"}:
            pressed(edited, do)
            return _editor(request, workspace, rule, edited)
        if faults := faults_of(edited):
            said = [
                f"{translate(workspace.language, f'designer.number.{one.field}')}: "
                f"{field_message(one, workspace.language)}"
                for one in faults
            ]
            return _editor(request, workspace, rule, edited, said)

    def make(workspace: Workspace) -> Sequence[Change]:
        return set_numbering(workspace, _rule(workspace, object_key, field_key), edited)

    try:
        work(site, context, make)
    except MetadataInvalid as invalid:
        with opened_draft(site, context) as workspace:
            told = [tell_problem(workspace, one).text for one in invalid.problems]
            return _editor(request, workspace, rule, edited, told)
    return go(request, address(object_key, field_key))


def _rule(workspace: Workspace, object_key: str, field_key: str) -> NumberRuleDef:
    require_object(workspace, object_key)
    rule = rule_of_field(workspace, object_key, field_key)
    if rule is None:
        raise NotFoundException
    return rule


def _editor(
    request: PageRequest,
    workspace: Workspace,
    rule: NumberRuleDef,
    edited: Numbering,
    told: Sequence[str] = (),
) -> Response[Any]:
    definition, language = require_object(workspace, rule.object), workspace.language
    name = say(definition.fields[rule.field].label, language)
    return show_dialog(
        request,
        workspace.unit,
        "designer/_numbering.html",
        title=translate(language, "designer.number_title", name=name),
        active=HOME,
        status=INVALID if told else 200,
        edited=edited,
        samples=sample_of(workspace, rule, edited),
        dates=date_choices(definition, language),
        formats=tuple(FORMATS),
        resets=RESETS,
        kinds=(TEXT, DATE),
        url=f"{address(rule.object)}/numbering/{rule.field}",
        back=address(rule.object, rule.field),
        told=told,
    )


ROUTES = [show_numbering, post_numbering]
