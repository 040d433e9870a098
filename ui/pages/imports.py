"""Import, step by step: a file, what goes where, a check, then the import itself as a job."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from engine.context import Context
from engine.errors import InvalidInput
from engine.exchange.importer import enqueue_order
from engine.exchange.lookups import find_records
from engine.exchange.mapping import MappingUnclear
from engine.exchange.order import USUAL_MODE, Mode, Order, importing
from engine.exchange.sheet import MOST_ROWS, FileUnreadable
from engine.exchange.store import StoredFile
from engine.exchange.table import Glance, glance
from engine.exchange.template import write_template
from engine.exchange.writers import MEDIA_TYPES
from engine.files.errors import FileTooLarge
from engine.records.ownership import OWNER
from engine.storage.snapshot import Unit
from metadata.errors import PlatformError
from ui.errors import fault_of, field_message
from ui.file_store import attachment, files_of, keep_upload
from ui.given import GivenContext, GivenServices
from ui.i18n import translate
from ui.page import see_other
from ui.pages.auth import Form
from ui.pages.frame import show
from ui.pages.import_view import as_lists, base_view, columns_view
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT
from ui.services import Services
from ui.widgets.base import Lookup
from ui.widgets.registry import WIDGETS

INVALID = 422
MEGABYTE = 1 << 20
FILE, MATCH, MODE = "file", "match", "mode"


class ImportController(Controller):
    """Imports. One controller serves every object."""

    path = "/o/{object_key:str}/import"
    opt = {"right": BY_OBJECT}

    @get(name="import.upload", sync_to_thread=True)
    def show_upload(
        self,
        request: PageRequest,
        services: GivenServices,
        context: GivenContext,
        object_key: FromPath[str],
    ) -> Response[Any]:
        """Ask for a file."""
        return _upload(request, services, context, object_key, "")

    @post(name="import.take", body="upload", status_code=303)
    async def take_file(
        self,
        request: PageRequest,
        services: GivenServices,
        context: GivenContext,
        object_key: FromPath[str],
    ) -> Response[Any]:
        """Take a file in and go on to its columns."""
        form = await request.form()
        file = form.get(FILE)
        return await sync_to_thread(_take, request, services, context, object_key, file)

    @get("/template.xlsx", name="import.template", sync_to_thread=True)
    def get_template(
        self, services: GivenServices, context: GivenContext, object_key: FromPath[str]
    ) -> Response[bytes]:
        """Give the workbook to fill in."""
        path = files_of(services).new_path()
        try:
            with services.site.read(context) as unit:
                name = write_template(unit, object_key, path)
            content = path.read_bytes()
        finally:
            path.unlink(missing_ok=True)
        return attachment(content, name, MEDIA_TYPES["xlsx"])

    @get("/{file_id:str}", name="import.columns", sync_to_thread=True)
    def show_columns(
        self,
        request: PageRequest,
        services: GivenServices,
        context: GivenContext,
        object_key: FromPath[str],
        file_id: FromPath[str],
    ) -> Response[Any]:
        """Show which column goes where."""
        file, seen = _look(services, context, file_id)
        with services.site.read(context) as unit:
            view = columns_view(unit, object_key, file, seen)
            return show(
                request,
                unit,
                "exchange/columns.html",
                title=translate(context.locale.language, "import.title"),
                active=view.list_url,
                step=view,
            )

    @post("/{file_id:str}", name="import.check", sync_to_thread=True, status_code=303)
    def check_columns(
        self,
        request: PageRequest,
        services: GivenServices,
        context: GivenContext,
        object_key: FromPath[str],
        file_id: FromPath[str],
        data: Form,
    ) -> Response[Any]:
        """Try the import out; what is wrong with the choices is told beside them."""
        file, seen = _look(services, context, file_id)
        form = as_lists(data)
        try:
            with services.site.read(context) as unit:
                order = _order(unit, object_key, file_id, seen, form)
            number = enqueue_order(services.site, context, files_of(services), order)
        except (InvalidInput, MappingUnclear) as error:
            errors = _beside(error, seen, form, context.locale.language)
            with services.site.read(context) as unit:
                view = columns_view(unit, object_key, file, seen, form=form, errors=errors)
                return show(
                    request,
                    unit,
                    "exchange/columns.html",
                    title=translate(context.locale.language, "import.title"),
                    active=view.list_url,
                    status=INVALID,
                    step=view,
                )
        return see_other(request, f"/jobs/{number}")


def _upload(
    request: PageRequest,
    services: Services,
    context: Context,
    object_key: str,
    error: str,
) -> Response[Any]:
    language = context.locale.language
    with services.site.read(context) as unit:
        view = base_view(
            unit,
            object_key,
            "upload",
            url=f"/o/{object_key}/import",
            errors={FILE: error} if error else {},
            file_help=translate(
                language,
                "import.file_help",
                rows=f"{MOST_ROWS:,}",
                size=services.settings.max_upload // MEGABYTE,
            ),
        )
        return show(
            request,
            unit,
            "exchange/upload.html",
            title=translate(language, "import.title"),
            active=view.list_url,
            status=INVALID if error else 200,
            step=view,
        )


def _take(
    request: PageRequest, services: Services, context: Context, object_key: str, file: Any
) -> Response[Any]:
    language = context.locale.language
    with services.site.read(context) as unit:
        importing(unit, object_key)
    if not isinstance(file, UploadFile) or not file.filename:
        missing = translate(language, "import.file_missing")
        return _upload(request, services, context, object_key, missing)
    try:
        kept = keep_upload(services, context, file)
        if not glance(kept.path).rows:
            raise FileUnreadable("no_rows")
    except (FileUnreadable, FileTooLarge) as error:
        return _upload(request, services, context, object_key, _sentence(error, language))
    return see_other(request, f"/o/{object_key}/import/{kept.id}")


def _look(services: Services, context: Context, file_id: str) -> tuple[StoredFile, Glance]:
    with services.site.read(context) as unit:
        file = files_of(services).find(unit.connection, file_id, by=context.actor.user_id)
    return file, glance(file.path)


def _order(
    unit: Unit, object_key: str, file_id: str, seen: Glance, form: dict[str, list[str]]
) -> Order:
    def text(name: str) -> str:
        return str((form.get(name) or [""])[-1])

    mode: Mode = USUAL_MODE
    for known in ("create", "update", "both", "skip"):
        if text(MODE) == known:
            mode = known
    columns = tuple(text(f"column-{at}") for at in range(len(seen.header)))
    _refuse_twice(columns)
    return Order(
        object=object_key,
        file=file_id,
        columns=columns,
        match="" if mode == "create" else text(MATCH),
        mode=mode,
        owner=_owner(unit, object_key, form),
        dry_run=True,
        language=unit.context.locale.language,
    )


def _refuse_twice(columns: tuple[str, ...]) -> None:
    filled = [key for key in columns if key]
    for key in filled:
        if filled.count(key) > 1:
            raise MappingUnclear(reason="field_chosen_twice", header="", field=key)


def _owner(unit: Unit, object_key: str, form: dict[str, list[str]]) -> int | None:
    """Read who is to own the records: chosen, or a name typed without JavaScript.

    Raises:
        MappingUnclear: nobody, or several, have that name.
    """
    field = unit.snapshot.object(object_key).fields.get(OWNER)
    if field is None or f"{OWNER}.text" not in form:
        return None
    given = WIDGETS[field.type.key].read(form, OWNER)
    if isinstance(given, Lookup):
        target = unit.snapshot.object(field.type.target(field.definition))
        found = find_records(unit, target, [given.text]).get(given.text, frozenset())
        if len(found) != 1:
            reason = "owner_several" if found else "owner_unknown"
            raise MappingUnclear(reason=reason, header=given.text[:60], field=OWNER)
        return next(iter(found))
    return int(given) if isinstance(given, str) and given.isdigit() else None


def _beside(
    error: PlatformError, seen: Glance, form: dict[str, list[str]], language: str
) -> dict[str, str]:
    """Give what is wrong by the name of the control that it stands beside."""
    if isinstance(error, InvalidInput):
        return {one.field: field_message(one, language) for one in error.errors}
    text = _sentence(error, language)
    key, reason = error.params.get("field", ""), error.params.get("reason")
    if reason == "field_chosen_twice":
        names = [f"column-{at}" for at in range(len(seen.header))]
        return {name: text for name in names if form.get(name, [""])[-1] == key}
    if key == OWNER:
        return {OWNER: text}
    return {MATCH: text} if reason in {"no_match", "match_not_in_file"} else {"": text}


def _sentence(error: PlatformError, language: str) -> str:
    fault = fault_of(error, language)
    return fault.detail or fault.title


ROUTES: list[Any] = [ImportController]
