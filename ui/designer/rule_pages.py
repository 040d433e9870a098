"""The rules across fields on the customising page: listed in words, each with its editor."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from engine.storage.snapshot import BoundObject, Unit
from metadata.conditions import ConditionInvalid, Node
from metadata.errors import MetadataInvalid
from ui.designer.asked import HOME, METADATA, Posted, address, form_data, one_of, require_object
from ui.designer.changes import MISSING, Change
from ui.designer.definitions import text_of
from ui.designer.drafted import drafted
from ui.designer.rules import Said, drop_rule, messages_of, set_rule, tell_rules
from ui.designer.sentences import tell_problem
from ui.designer.tab_page import show_tab
from ui.designer.workspace import Workspace, opened_draft, work
from ui.errors import fault_of
from ui.given import GivenContext, GivenSite
from ui.i18n import LANGUAGES, translate
from ui.pages.condition_tree import Part, draw, every_field, part_in, part_of, pressed, read_tree
from ui.pages.filters import ConditionRefused
from ui.pages.frame import go, show_dialog
from ui.request import PageRequest
from ui.widgets.base import Form

INVALID = 422
WHEN, CHECK = "w", "c"
PATH = "/designer/object/{object_key:str}/rules"


@dataclass(slots=True)
class Entered:
    """A rule while it is edited: two trees, and what was typed."""

    key: str
    when: Part
    check: Part
    messages: dict[str, str]
    form: Form | None = None
    told: Sequence[str] = ()
    status: int = 200


@get(PATH, name="designer.rules", sync_to_thread=True, right=METADATA)
def show_rules(
    request: PageRequest, site: GivenSite, context: GivenContext, object_key: FromPath[str]
) -> Response[Any]:
    """List the rules of the object with the draft."""
    with opened_draft(site, context) as workspace:
        definition = require_object(workspace, object_key)
        rules, template = tell_rules(workspace, definition), "designer/rules.html"
        return show_tab(request, workspace, object_key, "rules", template, rules=rules)


@get(f"{PATH}/edit", name="designer.rule", sync_to_thread=True, right=METADATA)
def show_rule(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    rule: FromQuery[str] = "",
) -> Response[Any]:
    """Draw the editor of a rule; without a name of a new one."""
    with opened_draft(site, context) as workspace:
        known = require_object(workspace, object_key).rules.get(rule)
        if rule and known is None:
            raise NotFoundException
        check = part_of(known.check) if known else Part("all", children=[Part("test")])
        when = part_of(known.when if known else None)
        said = dict(messages_of(known, workspace.language))
        return _editor(request, workspace, object_key, Entered(rule, when, check, said))


@post(f"{PATH}/edit", sync_to_thread=True, status_code=200, right=METADATA)
def post_rule(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    data: Posted,
) -> Response[Any]:
    """Change the form as a button says, or take the rule into the draft."""
    form = form_data(data)
    do = one_of(form, "do")
    said = {code: one_of(form, f"message.{code}") for code in LANGUAGES}
    entered = Entered(one_of(form, "rule"), part_in(form, WHEN), part_in(form, CHECK), said, form)
    with opened_draft(site, context) as workspace:
        require_object(workspace, object_key)
        if do not in {"", "save"}:
            tree = entered.when if do.partition(":")[2].startswith(WHEN) else entered.check
            pressed(tree, do)
            return _editor(request, workspace, object_key, entered)
        rule = _read(workspace, object_key, entered)
        if rule is None:
            return _editor(request, workspace, object_key, entered)

    def make(workspace: Workspace) -> Sequence[Change]:
        return set_rule(workspace, object_key, entered.key, rule)

    try:
        work(site, context, make)
    except MetadataInvalid as invalid:
        with opened_draft(site, context) as workspace:
            entered.told = [tell_problem(workspace, one).text for one in invalid.problems]
            return _editor(request, workspace, object_key, entered)
    return go(request, f"{address(object_key)}/rules")


@post(f"{PATH}/drop", sync_to_thread=True, status_code=200, right=METADATA)
def post_drop(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    data: Posted,
) -> Response[Any]:
    """Take a rule away."""
    key = one_of(form_data(data), "rule")

    def make(workspace: Workspace) -> Sequence[Change]:
        if key not in require_object(workspace, object_key).rules:
            raise NotFoundException
        return drop_rule(workspace, object_key, key)

    work(site, context, make)
    return go(request, f"{address(object_key)}/rules")


def _read(workspace: Workspace, object_key: str, entered: Entered) -> Said | None:
    """Read what was entered; None when something is wrong, which is noted."""
    unit, language = drafted(workspace), workspace.language
    bound, form = unit.snapshot.object(object_key), entered.form or {}
    entered.status = INVALID
    message = text_of(entered.messages)
    try:
        when = _tree(unit, bound, entered.when, form)
        check = _tree(unit, bound, entered.check, form)
    except ConditionRefused:
        return None
    except ConditionInvalid as invalid:
        fault = fault_of(invalid, language)
        entered.told = [fault.detail or fault.title]
        return None
    if check is None or message is MISSING:
        word = "designer.rule_message_missing" if check is not None else "designer.rule_empty"
        entered.told = [translate(language, word)]
        return None
    return Said(when, check, message)


def _tree(unit: Unit, bound: BoundObject, tree: Part, form: Form) -> Node | None:
    return read_tree(unit, bound, tree, form)


def _editor(
    request: PageRequest, workspace: Workspace, object_key: str, entered: Entered
) -> Response[Any]:
    unit = drafted(workspace)
    bound = unit.snapshot.object(object_key)
    fields, form = every_field(unit, bound), entered.form
    word = "designer.rule_edit" if entered.key else "designer.rule_new"
    return show_dialog(
        request,
        workspace.unit,
        "designer/_rule.html",
        title=translate(workspace.language, word),
        active=HOME,
        status=INVALID if entered.told else entered.status,
        when=draw(unit, bound, entered.when, fields, form, compares=True, root=WHEN),
        check=draw(unit, bound, entered.check, fields, form, compares=True, root=CHECK),
        rule=entered.key,
        messages=[(code, entered.messages[code]) for code in LANGUAGES],
        url=f"{address(object_key)}/rules/edit",
        back=f"{address(object_key)}/rules",
        told=entered.told,
    )


ROUTES = [show_rules, show_rule, post_rule, post_drop]
