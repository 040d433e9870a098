"""Files of records: taken in while a form is filled, shown, and given away."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from engine.context import Context
from engine.errors import FieldError, InvalidInput
from metadata.errors import PlatformError
from ui.errors import fault_of
from ui.given import GivenContext, GivenServices
from ui.page import page
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT
from ui.services import Services
from ui.uploads import find_upload, give_file, give_picture, take_upload
from ui.widgets.file import FileWidget
from ui.widgets.registry import widget_of

FIELD_HEADER = "x-field"
CREATED = 201


class FileController(Controller):
    """Files. The right to one is that to the field of the record it belongs to."""

    path = "/files"
    opt = {"right": BY_OBJECT}

    @post("/{object_key:str}/{field_key:str}", name="files.take", body="upload")
    async def take(
        self,
        request: PageRequest,
        services: GivenServices,
        context: GivenContext,
        object_key: FromPath[str],
        field_key: FromPath[str],
    ) -> Response[str]:
        """Take a file in; answers the line that stands for it in the form."""
        form = await request.form()
        upload = form.get("file")
        if not isinstance(upload, UploadFile):
            raise InvalidInput([FieldError("file", "required")])
        return await sync_to_thread(
            _taken, request, services, context, (object_key, field_key), upload
        )

    @get("/{file_id:str}", name="files.file", sync_to_thread=True)
    def show_file(
        self,
        request: PageRequest,
        services: GivenServices,
        context: GivenContext,
        file_id: FromPath[str],
    ) -> Response[Any]:
        """Give a file to save."""
        return give_file(services, request, find_upload(services, context, file_id))

    @get("/{file_id:str}/image", name="files.image", sync_to_thread=True)
    def show_image(
        self,
        request: PageRequest,
        services: GivenServices,
        context: GivenContext,
        file_id: FromPath[str],
    ) -> Response[Any]:
        """Show a picture."""
        found = find_upload(services, context, file_id)
        return give_picture(services, request, found, small=False)

    @get("/{file_id:str}/thumb", name="files.thumb", sync_to_thread=True)
    def show_thumb(
        self,
        request: PageRequest,
        services: GivenServices,
        context: GivenContext,
        file_id: FromPath[str],
    ) -> Response[Any]:
        """Show a picture, small."""
        found = find_upload(services, context, file_id)
        return give_picture(services, request, found, small=True)


def _taken(
    request: PageRequest,
    services: Services,
    context: Context,
    place: tuple[str, str],
    upload: UploadFile,
) -> Response[str]:
    object_key, field_key = place
    try:
        made = take_upload(services, context, object_key, field_key, upload)
    except PlatformError as error:
        fault = fault_of(error, context.locale.language)
        text = fault.detail or fault.title
        template = "widgets/_file_refused.html"
        return page(request, template, status=422, name=upload.filename, text=text)
    with services.site.read(context) as unit:
        definition = unit.snapshot.object(object_key).field(field_key).definition
    widget = widget_of(definition)
    if not isinstance(widget, FileWidget):
        raise TypeError(f"{definition.type} has no widget of files")
    item = widget.item(made, request.headers.get(FIELD_HEADER) or field_key)
    return page(request, "widgets/_file_item.html", status=CREATED, item=item)


ROUTES = [FileController]
