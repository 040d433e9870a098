"""Which scenes stand among the tabs of a list, and in which order: for one person."""

from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from engine.access.roles import rights_of
from engine.personal.columns import pin_scenes, read_taste
from engine.storage.snapshot import Unit
from metadata.model import SceneDef, say
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.forms_read import Form, all_of
from ui.pages.frame import go, show_dialog
from ui.pages.list_read import pinned_scenes, scenes_of
from ui.pages.list_state import read_state
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT

PATH = "/o/{object_key:str}/scenes/pins"


@dataclass(frozen=True, slots=True)
class PinItem:
    """A scene as the settings show it."""

    key: str
    label: str
    pinned: bool


@dataclass(frozen=True, slots=True)
class PinsView:
    """What the template of the settings needs."""

    url: str
    back: str
    state_fields: tuple[tuple[str, str], ...]
    items: tuple[PinItem, ...]
    error: str = ""


@get(PATH, name="records.pins", sync_to_thread=True, right=BY_OBJECT)
def show_pins(
    request: PageRequest, site: GivenSite, context: GivenContext, object_key: FromPath[str]
) -> Response[Any]:
    """Show every scene that the person may use."""
    with site.read(context) as unit:
        return _show(request, unit, object_key, dict(request.query_params))


@post(PATH, name="records.pins_save", sync_to_thread=True, right=BY_OBJECT, status_code=303)
def save_pins(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    data: Form,
) -> Response[Any]:
    """Keep which scenes are pinned and their order; reset goes back to all of them."""
    with site.write(context) as unit:
        rights_of(unit).require(object_key, "read_list")
        definition = unit.snapshot.site.list_of(object_key)
        known = [scene.key for scene in scenes_of(unit, definition)]
        chosen = set(all_of(data, "pinned"))
        wanted = [key for key in all_of(data, "order") if key in known and key in chosen]
        if not data.get("reset") and not wanted:
            error = translate(context.locale.language, "pins.too_few")
            return _show(request, unit, object_key, dict(data), error)
        pin_scenes(unit, definition, () if data.get("reset") or wanted == known else wanted)
    return go(request, read_state(object_key, data).url(), "scenes_pinned")


def _show(
    request: PageRequest, unit: Unit, object_key: str, given: dict[str, Any], error: str = ""
) -> Response[Any]:
    rights_of(unit).require(object_key, "read_list")
    definition = unit.snapshot.site.list_of(object_key)
    language, state = unit.context.locale.language, read_state(object_key, given)
    scenes = scenes_of(unit, definition)
    pinned = pinned_scenes(scenes, read_taste(unit, definition))
    rest = [scene for scene in scenes if scene not in pinned]
    view = PinsView(
        url=f"{state.path}/scenes/pins",
        back=state.url(),
        state_fields=state.fields(),
        items=tuple(_item(scene, language, scene in pinned) for scene in (*pinned, *rest)),
        error=error,
    )
    return show_dialog(
        request,
        unit,
        "records/_scene_pins.html",
        title=translate(language, "pins.title"),
        active=state.path,
        status=422 if error else 200,
        pins=view,
    )


def _item(scene: SceneDef, language: str, pinned: bool) -> PinItem:
    return PinItem(scene.key, say(scene.label, language), pinned)


ROUTES = [show_pins, save_pins]
