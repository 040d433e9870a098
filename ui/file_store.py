"""The files of an installation, as screens and API reach them."""

from urllib.parse import quote

from litestar import Response
from litestar.datastructures import UploadFile

from engine.context import Context
from engine.exchange.store import FileStore, StoredFile
from ui.services import Services

BLOCK = 1 << 20


def files_of(services: Services) -> FileStore:
    """Give the installation's files."""
    settings = services.settings
    return FileStore(settings.data_dir, largest=settings.max_upload)


def keep_upload(services: Services, context: Context, upload: UploadFile) -> StoredFile:
    """Put an uploaded file into the store; call it on a thread, it reads and writes disks.

    Raises:
        FileTooLarge: it is beyond the limit.
    """
    files = files_of(services)
    upload.file.seek(0)
    path = files.receive(iter(lambda: upload.file.read(BLOCK), b""))
    with services.site.write(context) as unit:
        return files.register(unit, path, upload.filename, "import")


def attachment(content: bytes, name: str, media_type: str) -> Response[bytes]:
    """Give a file to save; a browser never shows it."""
    headers = {"content-disposition": f"attachment; filename*=utf-8''{quote(name)}"}
    return Response(content, media_type=media_type, headers=headers)
