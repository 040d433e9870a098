"""A filter that a person keeps as a scene of his own."""

from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from engine.access.roles import rights_of
from engine.errors import InvalidInput
from engine.personal.columns import pin_scenes, read_taste
from engine.personal.scenes import my_scenes, remove_scene, save_scene
from engine.storage.snapshot import Unit
from metadata.model import say
from ui.errors import field_message
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.bulk import Confirm
from ui.pages.forms_read import Form
from ui.pages.frame import go, redirect, show_dialog
from ui.pages.list_read import list_request, scene_in, scenes_of
from ui.pages.list_state import ListState, parts, read_state
from ui.pages.sentences import sentence
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT

PATH = "/o/{object_key:str}/scenes"


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneView:
    """What the dialog's template needs."""

    url: str
    back: str
    state_fields: tuple[tuple[str, str], ...]
    sentence: str
    label: str = ""
    error: str = ""


@get(PATH, name="records.scene", sync_to_thread=True, right=BY_OBJECT)
def ask_name(
    request: PageRequest, site: GivenSite, context: GivenContext, object_key: FromPath[str]
) -> Response[Any]:
    """Ask for the name of the scene."""
    state = read_state(object_key, request.query_params)
    with site.read(context) as unit:
        rights_of(unit).require(object_key, "read_list")
        return _show(request, unit, _view(unit, state))


@post(PATH, name="records.scene_save", sync_to_thread=True, right=BY_OBJECT, status_code=303)
def keep_scene(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    data: Form,
) -> Response[Any]:
    """Keep the list's present filter and order under a name."""
    state = read_state(object_key, data)
    label = str(data.get("label", ""))
    with site.write(context) as unit:
        rights_of(unit).require(object_key, "read_list")
        definition = unit.snapshot.site.list_of(object_key)
        scene = scene_in(scenes_of(unit, definition), definition, state.scene)
        where = list_request(state, scene).where
        try:
            key = save_scene(unit, object_key, label, where, state.sort)
            pinned = read_taste(unit, definition).scenes
            if pinned:
                pin_scenes(unit, definition, (*pinned, key))
        except InvalidInput as refused:
            error = field_message(refused.errors[0], context.locale.language)
            view = _view(unit, state, label=label, error=error)
            return _show(request, unit, view, status=422)
    return go(request, ListState(object=object_key, scene=key).url(), "scene_saved")


@get(f"{PATH}/remove", name="records.scene_ask", sync_to_thread=True, right=BY_OBJECT)
def ask_removal(
    request: PageRequest, site: GivenSite, context: GivenContext, object_key: FromPath[str]
) -> Response[Any]:
    """Ask whether a scene of one's own is to go; a key that is none of them leads to the list."""
    state = read_state(object_key, request.query_params)
    language = context.locale.language
    with site.read(context) as unit:
        rights_of(unit).require(object_key, "read_list")
        mine = {scene.key: scene for scene in my_scenes(unit, object_key)}
        if state.scene not in mine:
            return redirect(state.path)
        label = say(mine[state.scene].label, language)
        view = Confirm(
            url=f"{state.path}/scenes/remove",
            back=state.url(),
            title=translate(language, "list.remove_scene"),
            text=translate(language, "scene.remove_text", name=label),
            button=translate(language, "list.remove_scene"),
            fields=(("scene", state.scene),),
        )
        return show_dialog(request, unit, "records/_confirm.html", title=view.title, confirm=view)


@post(f"{PATH}/remove", name="records.scene_remove", sync_to_thread=True, right=BY_OBJECT,
      status_code=303)  # fmt: skip
def forget_scene(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    data: Form,
) -> Response[Any]:
    """Remove a scene of one's own."""
    with site.write(context) as unit:
        rights_of(unit).require(object_key, "read_list")
        removed = remove_scene(unit, object_key, str(data.get("scene", "")))
    return go(request, f"/o/{object_key}", "scene_removed" if removed else "")


def _view(unit: Unit, state: ListState, *, label: str = "", error: str = "") -> SceneView:
    bound = unit.snapshot.object(state.object)
    said = [sentence(unit, bound, node) for node in parts(state.where)]
    return SceneView(
        url=f"{state.path}/scenes",
        back=state.url(),
        state_fields=state.fields(),
        sentence=" · ".join(f"{one.label} {one.text}" for one in said),
        label=label,
        error=error,
    )


def _show(request: PageRequest, unit: Unit, view: SceneView, status: int = 200) -> Response[Any]:
    title = translate(unit.context.locale.language, "scene.title")
    return show_dialog(
        request, unit, "records/_scene.html", title=title, status=status, scene=view
    )


ROUTES = [ask_name, keep_scene, ask_removal, forget_scene]
