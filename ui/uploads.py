"""Files of records, as screens and API take them in and give them away."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from litestar import Response
from litestar.datastructures import UploadFile
from litestar.response import File

from engine.access.roles import rights_of
from engine.context import Context
from engine.errors import Forbidden, UnknownField
from engine.fields.file import FileRef
from engine.files.attachments import Attached
from engine.files.content import ContentStore
from engine.files.errors import UnknownFile
from engine.files.reading import readable_file
from engine.files.upload import Limits, keep, take_in
from engine.records.shape import shape_of
from engine.records.validate import editable
from engine.storage.snapshot import BoundField, Unit
from ui.file_store import BLOCK
from ui.request import PageRequest
from ui.services import Services

SANDBOX = "default-src 'none'; sandbox"
"""Whatever a file holds: opened in a browser it may do nothing."""
THUMB_TYPE = "image/webp"
NOT_MODIFIED = 304


def store_of(services: Services) -> ContentStore:
    """Give the installation's contents."""
    return ContentStore(services.settings.data_dir)


def take_upload(
    services: Services, context: Context, object_key: str, field_key: str, upload: UploadFile
) -> FileRef:
    """Take a file in for a field; call it on a thread: it reads, writes and waits.

    Raises:
        UnknownObject: there is no such object.
        UnknownField: it has no such field, or the field holds no files.
        Forbidden: the person may not set it.
        FileRefused: the field or the installation does not take it.
        FileTooLarge: it is larger than the field takes.
        QuotaExceeded: the installation keeps as much as it may.
    """
    settings, store = services.settings, store_of(services)
    limits = Limits(settings.max_upload, settings.file_quota, frozenset(settings.file_types))
    with services.site.read(context) as unit:
        definition = _field(unit, object_key, field_key).definition
    upload.file.seek(0)
    blocks = iter(lambda: upload.file.read(BLOCK), b"")
    arrived = take_in(store, limits, definition, upload.filename, blocks)
    try:
        with services.site.write(context) as unit:
            made = keep(unit, store, limits, arrived, _field(unit, object_key, field_key))
        services.site.job_bell.set()
    finally:
        arrived.throw_away()
    return made


def find_upload(services: Services, context: Context, file_id: str) -> Attached:
    """Find a file that the person may read.

    Raises:
        UnknownFile: there is none, or it is out of reach.
    """
    with services.site.read(context) as unit:
        return readable_file(unit, file_id)


def give_file(services: Services, request: PageRequest, file: Attached) -> Response[bytes] | File:
    """Give a file to save; no browser shows it."""
    path = store_of(services).path(file.digest)
    return _give(request, path, file.digest, file.name, file.type, inline=False)


def give_picture(
    services: Services, request: PageRequest, file: Attached, *, small: bool
) -> Response[bytes] | File:
    """Give a picture to be shown: one that was written anew, so that it holds nothing else.

    Raises:
        UnknownFile: it is no such picture.
    """
    if file.thumb is None:
        raise UnknownFile
    digest, kind = (file.thumb, THUMB_TYPE) if small else (file.digest, file.type)
    path = store_of(services).path(digest)
    return _give(request, path, digest, file.name, kind, inline=True)


def _give(
    request: PageRequest, path: Path, digest: str, name: str, media_type: str, *, inline: bool
) -> Response[bytes] | File:
    """Answer with a content. It may be kept by the browser, but never used without asking us."""
    tag = f'"{digest[:32]}"'
    shown = "inline" if inline else "attachment"
    headers: Mapping[str, str] = {
        "content-security-policy": SANDBOX,
        "content-disposition": f"{shown}; filename*=utf-8''{quote(name)}",
        "cache-control": "private, no-cache",
        "etag": tag,
    }
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=NOT_MODIFIED, headers=headers, media_type=media_type)
    if not path.is_file():
        raise UnknownFile
    return File(path, media_type=media_type, headers=dict(headers), filename=name)


def _field(unit: Unit, object_key: str, field_key: str) -> BoundField:
    rights = rights_of(unit)
    if not rights.allows(object_key, "create"):
        rights.require(object_key, "update")
    bound = unit.snapshot.object(object_key)
    field = bound.field(field_key)
    if not field.type.files or rights.field_level(object_key, field_key) == "hidden":
        raise UnknownField(object=object_key, field=field_key)
    if field.definition.readonly or field_key not in editable(unit, shape_of(unit, object_key)):
        raise Forbidden(object=object_key, action="update")
    return field
