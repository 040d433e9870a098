"""The draft as somebody with a role would see it: form, columns and what he may do."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from engine.access.roles import rights_of
from engine.query.paths import resolve
from engine.storage.snapshot import Unit
from metadata.model import ObjectDef, say
from ui.designer.asked import METADATA, require_object
from ui.designer.drafted import drafted
from ui.designer.tab_page import show_tab
from ui.designer.workspace import Workspace, opened_draft
from ui.given import GivenContext, GivenSite
from ui.pages.filling import Filling
from ui.pages.form_read import first_values
from ui.pages.form_view import FormTabView, form_tabs
from ui.pages.layout import settable
from ui.pages.list_read import may_read
from ui.pages.sentences import path_label
from ui.request import PageRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a role makes of an object."""

    actions: tuple[str, ...]
    tabs: tuple[FormTabView, ...]
    columns: tuple[str, ...]
    fixed: tuple[str, ...]
    hidden: tuple[str, ...]


@get(
    "/designer/object/{object_key:str}/preview",
    name="designer.preview",
    sync_to_thread=True,
    right=METADATA,
)
def show_preview(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    role: FromQuery[str] = "",
) -> Response[Any]:
    """Show the draft as a role would see it; without one as somebody who may do everything."""
    with opened_draft(site, context) as workspace:
        definition = require_object(workspace, object_key)
        roles = workspace.site.roles
        chosen = role if role in roles else ""
        return show_tab(
            request,
            workspace,
            object_key,
            "preview",
            "designer/preview.html",
            roles=[(key, say(one.label, workspace.language)) for key, one in roles.items()],
            role=chosen,
            preview=_preview(_as(workspace, chosen), definition),
        )


def _as(workspace: Workspace, role: str) -> Unit:
    actor = workspace.unit.context.actor
    roles = frozenset({role}) if role else actor.roles
    return drafted(workspace, replace(actor, roles=roles, superadmin=not role))


def _preview(unit: Unit, definition: ObjectDef) -> Preview | None:
    """Draw what an actor gets; None when he knows nothing of the object."""
    rights, key = rights_of(unit), definition.key
    if not rights.allows(key, "read") and not rights.allows(key, "create"):
        return None
    layout = unit.snapshot.site.form_of(key)
    filling = Filling(stored=first_values(unit, key, {}))
    levels = {one: rights.field_level(key, one) for one in definition.fields}
    may_set = settable(unit, key, new=True)
    return Preview(
        actions=tuple(_actions(unit, definition)),
        tabs=form_tabs(unit, layout, filling),
        columns=tuple(_columns(unit, definition)),
        fixed=_labels(unit, definition, {k for k, v in levels.items() if v != "hidden"} - may_set),
        hidden=_labels(unit, definition, {k for k, v in levels.items() if v == "hidden"}),
    )


def _actions(unit: Unit, definition: ObjectDef) -> Iterator[str]:
    rights, language = rights_of(unit), unit.context.locale.language
    for action in definition.actions.values():
        if rights.allows(definition.key, action.key):
            yield say(action.label, language)


def _columns(unit: Unit, definition: ObjectDef) -> Iterator[str]:
    language, bound = unit.context.locale.language, unit.snapshot.object(definition.key)
    for path, column in unit.snapshot.site.list_of(definition.key).columns.items():
        if may_read(unit, definition.key, (path,)):
            found = resolve(unit.snapshot, bound, path)
            yield say(column.label, language) if column.label else path_label(found, language)


def _labels(unit: Unit, definition: ObjectDef, keys: set[str]) -> tuple[str, ...]:
    language = unit.context.locale.language
    return tuple(say(one.label, language) for key, one in definition.fields.items() if key in keys)


ROUTES = [show_preview]
