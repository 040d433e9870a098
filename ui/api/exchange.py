"""Files in and out by API, and the jobs that carry them."""

import os
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.exceptions import SerializationException
from litestar.params import FromPath, JSONBody
from litestar.response import File
from litestar.serialization import decode_json, encode_json

from engine.access.idempotency import Answer
from engine.context import Context
from engine.errors import FieldError, InvalidInput
from engine.exchange.exporter import parse_export, start_export
from engine.exchange.importer import start_import
from engine.exchange.jobs import job_json, result_file
from engine.exchange.order import Options, parse_options
from engine.exchange.undo import start_undo
from engine.publish.live import LiveSite
from engine.queue.job import Job
from engine.storage.snapshot import Unit
from engine.worker.visible import cancel, visible_job
from ui.api.answers import act_once, answer, mapping_of, respond
from ui.file_store import files_of, keep_upload
from ui.given import GivenContext, GivenServices, GivenSite
from ui.job_words import row_message
from ui.request import PageRequest
from ui.security.rights import BY_OBJECT, SIGNED_IN
from ui.services import Services

ACCEPTED = 202


@post("/imports/{object_key:str}", right=BY_OBJECT, body="upload", status_code=ACCEPTED)
async def post_import(
    request: PageRequest,
    services: GivenServices,
    context: GivenContext,
    object_key: FromPath[str],
) -> Response[bytes]:
    """Order an import: multipart ``file``, and ``options`` as JSON."""
    form = await request.form()
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise InvalidInput([FieldError("file", "required")])
    options = parse_options(mapping_of(_json(form.get("options"))))
    # The body stands for the call: the file itself is too large to be kept beside its key.
    stands_for = encode_json([file.filename, file.file.seek(0, os.SEEK_END), form.get("options")])
    return await sync_to_thread(
        act_once,
        request,
        services.site,
        context,
        stands_for,
        lambda: _start(services, context, object_key, file, options),
    )


@post("/imports/{job_id:int}/undo", right=SIGNED_IN, status_code=ACCEPTED, sync_to_thread=True)
def post_undo(
    request: PageRequest, site: GivenSite, context: GivenContext, job_id: FromPath[int]
) -> Response[bytes]:
    """Take back what an import of the caller created."""

    def work() -> Answer:
        return accepted(site, context, start_undo(site, context, job_id))

    return act_once(request, site, context, b"", work)


@post("/exports/{object_key:str}", right=BY_OBJECT, status_code=ACCEPTED, sync_to_thread=True)
def post_export(
    request: PageRequest,
    site: GivenSite,
    context: GivenContext,
    object_key: FromPath[str],
    data: JSONBody[Any],
) -> Response[bytes]:
    """Order an export: format, columns, ids, scene, where, sort, search."""
    order = parse_export(object_key, mapping_of(data), context.locale.language)

    def work() -> Answer:
        return accepted(site, context, start_export(site, context, order))

    return act_once(request, site, context, encode_json(data), work)


@get("/jobs/{job_id:int}", right=SIGNED_IN, sync_to_thread=True)
def get_job(site: GivenSite, context: GivenContext, job_id: FromPath[int]) -> Response[bytes]:
    """Give a job of the caller as it stands."""
    return respond(answer(_job(site, context, job_id)))


@post("/jobs/{job_id:int}/cancel", right=SIGNED_IN, sync_to_thread=True, status_code=200)
def post_cancel(
    request: PageRequest, site: GivenSite, context: GivenContext, job_id: FromPath[int]
) -> Response[bytes]:
    """Ask a job of the caller to stop; what it has done so far stays."""

    def work() -> Answer:
        cancel(site, context, job_id)
        return answer(_job(site, context, job_id))

    return act_once(request, site, context, b"", work)


@get("/jobs/{job_id:int}/result", right=SIGNED_IN, sync_to_thread=True)
def get_result(services: GivenServices, context: GivenContext, job_id: FromPath[int]) -> File:
    """Give the file that an export made."""
    with services.site.read(context) as unit:
        found = result_file(unit.connection, context, files_of(services), job_id)
    return File(found.path, filename=found.name, content_disposition_type="attachment")


def _start(
    services: Services,
    context: Context,
    object_key: str,
    upload: UploadFile,
    options: Options,
) -> Answer:
    site, files = services.site, files_of(services)
    stored = keep_upload(services, context, upload)
    number = start_import(
        site, context, files, object_key=object_key, file_id=stored.id, options=options
    )
    return accepted(site, context, number)


def _json(text: Any) -> Any:
    if text is None or text == "":
        return {}
    try:
        return decode_json(text) if isinstance(text, str) else text
    except SerializationException:
        raise InvalidInput([FieldError("options", "not_json")]) from None


def accepted(site: LiveSite, context: Context, number: int) -> Answer:
    """Answer that a job was ordered, with where it is found."""
    headers = {"location": f"/api/v1/jobs/{number}"}
    return answer(_job(site, context, number), status=ACCEPTED, headers=headers)


def _job(site: LiveSite, context: Context, number: int) -> dict[str, Any]:
    with site.read(context) as unit:
        return job_answer(unit, visible_job(unit, number))


def job_answer(unit: Unit, job: Job) -> dict[str, Any]:
    """Give a job as the API answers it, with messages in the caller's language."""
    language = unit.context.locale.language
    told = job_json(unit.connection, job, language=language)
    for error in told["errors"]:
        error["message"] = row_message(error["code"], error.pop("params"), language)
    return told


ROUTES = [post_import, post_undo, post_export, get_job, post_cancel, get_result]
