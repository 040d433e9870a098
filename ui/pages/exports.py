"""Export of chosen records, or of all that a list keeps, as a job."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from engine.access.roles import rights_of
from engine.exchange.exporter import EVERY_FIELD, ExportOrder, start_export
from engine.exchange.logged import EXPORT
from engine.exchange.writers import WRITERS
from engine.records.read import count
from engine.storage.snapshot import Unit
from metadata.conditions import dump_condition
from metadata.model import say
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.page import see_other
from ui.pages.auth import Form
from ui.pages.frame import show_dialog
from ui.pages.import_view import Choice, as_lists
from ui.pages.list_read import list_request, scene_in, scenes_of
from ui.pages.list_state import ListState, number, read_state
from ui.pages.list_view import number_text
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT


@dataclass(frozen=True, slots=True)
class ExportView:
    """What the dialog of an export needs. ``hidden``: names and values that go along."""

    url: str
    back_url: str
    plural: str
    heading: str
    hidden: tuple[tuple[str, str], ...]
    formats: tuple[Choice, ...]
    columns: tuple[Choice, ...]


class ExportController(Controller):
    """Exports. One controller serves every object."""

    path = "/o/{object_key:str}/export"
    opt = {"right": BY_OBJECT}

    @get(name="export.ask", sync_to_thread=True)
    def ask_all(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
    ) -> Response[Any]:
        """Ask how to export what the list keeps."""
        return _ask(request, site, context, read_state(object_key, request.query_params), ())

    @post(name="export.start", sync_to_thread=True, status_code=303)
    def start(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        object_key: FromPath[str],
        data: Form,
    ) -> Response[Any]:
        """Start it; records chosen in a list come without a format, which is asked first."""
        form = as_lists(data)
        state = read_state(object_key, {name: values[-1] for name, values in form.items()})
        everything = form.get("everything", [""])[-1] == "1"
        chosen = () if everything else tuple(_ids(form))
        kind = form.get("format", [""])[-1]
        if kind not in WRITERS:
            return _ask(request, site, context, state, chosen)
        with site.read(context) as unit:
            rights_of(unit).require(object_key, EXPORT)
            scene = _scene_key(unit, state)
        order = ExportOrder(
            object=object_key,
            format="csv" if kind == "csv" else "xlsx",
            columns=(EVERY_FIELD,) if form.get("columns", [""])[-1] == EVERY_FIELD else (),
            ids=chosen or None,
            scene="" if chosen else scene,
            where=None if chosen else _where(state),
            sort=state.sort,
            search="" if chosen else state.query,
            language=context.locale.language,
        )
        return see_other(request, f"/jobs/{start_export(site, context, order)}")


def _ask(
    request: PageRequest, site: Any, context: Any, state: ListState, chosen: tuple[int, ...]
) -> Response[Any]:
    language = context.locale.language
    with site.read(context) as unit:
        rights_of(unit).require(state.object, EXPORT)
        definition = unit.snapshot.object(state.object).definition
        if chosen:
            heading = translate(language, "export.chosen", count=f"{len(chosen):,}")
            hidden = tuple(("ids", str(one)) for one in chosen)
        else:
            scene = _scene(unit, state)
            counted = number_text(count(unit, list_request(state, scene)))
            heading = translate(language, "export.matching", count=counted)
            hidden = state.fields()
        view = ExportView(
            url=f"{state.path}/export",
            back_url=state.url(),
            plural=say(definition.plural, language),
            heading=heading,
            hidden=hidden,
            formats=tuple(Choice(kind, kind.upper(), kind == "xlsx") for kind in ("xlsx", "csv")),
            columns=(
                Choice("", translate(language, "export.columns.mine"), chosen=True),
                Choice(EVERY_FIELD, translate(language, "export.columns.all")),
            ),
        )
        return show_dialog(
            request,
            unit,
            "exchange/_export.html",
            title=translate(language, "export.title"),
            active=state.path,
            view=view,
        )


def _scene(unit: Unit, state: ListState) -> Any:
    definition = unit.snapshot.site.list_of(state.object)
    return scene_in(scenes_of(unit, definition), definition, state.scene)


def _scene_key(unit: Unit, state: ListState) -> str:
    """Give the key of the scene shown: a list without one in its address shows its first."""
    scene = _scene(unit, state)
    return scene.key if scene else ""


def _where(state: ListState) -> Mapping[str, Any] | None:
    return dump_condition(state.where) if state.where is not None else None


def _ids(form: Mapping[str, list[str]]) -> list[int]:
    return [found for text in form.get("ids", []) if (found := number(text)) is not None]


ROUTES: list[Any] = [ExportController]
