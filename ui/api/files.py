"""Files of records by API: upload one, then name its id as the value of a field; download it."""

import os
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.serialization import encode_json

from engine.access.idempotency import Answer
from engine.context import Context
from engine.errors import FieldError, InvalidInput
from ui.api.answers import act_once, answer, respond
from ui.given import GivenContext, GivenServices
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT
from ui.services import Services
from ui.uploads import find_upload, give_file, give_picture, take_upload

MOST_FILES = 20
CREATED = 201


@post("/uploads/{object_key:str}/{field_key:str}", right=BY_OBJECT, body="upload")
async def post_upload(
    request: PageRequest,
    services: GivenServices,
    context: GivenContext,
    object_key: FromPath[str],
    field_key: FromPath[str],
) -> Response[bytes]:
    """Take files in for a field: multipart ``file``, once or several times."""
    form = await request.form()
    uploads = [one for one in form.getall("file", []) if isinstance(one, UploadFile)]
    if not uploads:
        raise InvalidInput([FieldError("file", "required")])
    if len(uploads) > MOST_FILES:
        raise InvalidInput([FieldError("file", "too_many_files", {"most": MOST_FILES})])
    # The body stands for the call: the files are too large to be kept beside its key.
    stands_for = encode_json([[one.filename, one.file.seek(0, os.SEEK_END)] for one in uploads])
    return await sync_to_thread(
        act_once,
        request,
        services.site,
        context,
        stands_for,
        lambda: _take(services, context, (object_key, field_key), uploads),
    )


@get("/files/{file_id:str}", right=BY_OBJECT, sync_to_thread=True)
def get_file(services: GivenServices, context: GivenContext, file_id: FromPath[str]) -> Any:
    """Describe a file."""
    return respond(answer(find_upload(services, context, file_id).ref._asdict()))


@get("/files/{file_id:str}/content", right=BY_OBJECT, sync_to_thread=True)
def get_content(
    request: PageRequest, services: GivenServices, context: GivenContext, file_id: FromPath[str]
) -> Response[Any]:
    """Give a file to save."""
    return give_file(services, request, find_upload(services, context, file_id))


@get("/files/{file_id:str}/thumb", right=BY_OBJECT, sync_to_thread=True)
def get_thumb(
    request: PageRequest, services: GivenServices, context: GivenContext, file_id: FromPath[str]
) -> Response[Any]:
    """Give a picture, small."""
    found = find_upload(services, context, file_id)
    return give_picture(services, request, found, small=True)


def _take(
    services: Services, context: Context, place: tuple[str, str], uploads: list[UploadFile]
) -> Answer:
    made = [take_upload(services, context, *place, upload)._asdict() for upload in uploads]
    headers = {"location": f"/api/v1/files/{made[0]['id']}"}
    return answer({"items": made}, status=CREATED, headers=headers)


ROUTES = [post_upload, get_file, get_content, get_thumb]
