"""What a file is: by its name, and by what its first bytes say. Both must agree.

The list of kinds is closed. A file of an unknown extension is refused, and so is a known one whose
content is something else: a program called ``offer.pdf``, a page of a browser called ``list.png``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import filetype

from engine.files.errors import FileRefused

PICTURES = frozenset({"jpg", "jpeg", "png", "webp", "gif"})
"""Pictures that can be read, written anew and shown."""

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORD = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file. ``begins``: its first bytes, when they are always the same.

    ``sniffed``: media types (or their beginnings) that the content may look like; neither: text.
    """

    type: str
    begins: bytes = b""
    sniffed: tuple[str, ...] = ()


def _seen(type: str, *sniffed: str) -> Kind:
    return Kind(type, sniffed=sniffed or (type,))


KINDS: Mapping[str, Kind] = {
    "pdf": _seen("application/pdf"),
    "jpg": _seen("image/jpeg"),
    "jpeg": _seen("image/jpeg"),
    "png": _seen("image/png"),
    "webp": _seen("image/webp"),
    "gif": _seen("image/gif"),
    "bmp": _seen("image/bmp"),
    "tif": _seen("image/tiff"),
    "tiff": _seen("image/tiff"),
    "heic": _seen("image/heic", "image/heic", "video/"),
    "docx": Kind(f"{_WORD}.wordprocessingml.document", _ZIP),
    "xlsx": Kind(f"{_WORD}.spreadsheetml.sheet", _ZIP),
    "pptx": Kind(f"{_WORD}.presentationml.presentation", _ZIP),
    "odt": Kind(f"{_OPEN}.text", _ZIP),
    "ods": Kind(f"{_OPEN}.spreadsheet", _ZIP),
    "odp": Kind(f"{_OPEN}.presentation", _ZIP),
    "doc": Kind("application/msword", _OLE),
    "xls": Kind("application/vnd.ms-excel", _OLE),
    "ppt": Kind("application/vnd.ms-powerpoint", _OLE),
    "wps": Kind("application/octet-stream", _OLE),
    "msg": Kind("application/vnd.ms-outlook", _OLE),
    "zip": Kind("application/zip", _ZIP),
    "rar": _seen("application/x-rar-compressed"),
    "7z": _seen("application/x-7z-compressed"),
    "txt": Kind("text/plain"),
    "md": Kind("text/markdown"),
    "csv": Kind("text/csv"),
    "json": Kind("application/json"),
    "xml": Kind("application/xml"),
    "eml": Kind("message/rfc822"),
    "dwg": _seen("image/vnd.dwg", "image/vnd.dwg", "application/"),
    "mp3": _seen("audio/mpeg"),
    "m4a": _seen("audio/mp4", "audio/mp4", "video/"),
    "wav": _seen("audio/x-wav", "audio/"),
    "amr": _seen("audio/amr"),
    "mp4": _seen("video/mp4", "video/", "audio/mp4"),
    "mov": _seen("video/quicktime", "video/"),
    "webm": _seen("video/webm", "video/"),
}
"""Extension -> kind."""

_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"<?php")
_BOMS = (b"\xff\xfe", b"\xfe\xff")


def extension_of(name: str) -> str:
    """Give the extension of a file's name, folded; "" without one."""
    return PurePosixPath(name).suffix.removeprefix(".").casefold()


def media_type_of(name: str, head: bytes) -> str:
    """Give the media type of a file whose name and first bytes agree.

    Raises:
        FileRefused: ``unknown_type`` of its name; ``program``; ``other_content``.
    """
    extension = extension_of(name)
    kind = KINDS.get(extension)
    if kind is None:
        raise FileRefused(reason="unknown_type", name=name)
    if head.startswith(_PROGRAMS):
        raise FileRefused(reason="program", name=name)
    if not _agrees(kind, head):
        raise FileRefused(reason="other_content", name=name, extension=extension)
    return kind.type


def _agrees(kind: Kind, head: bytes) -> bool:
    if kind.begins:
        return head.startswith(kind.begins)
    seen = filetype.guess_mime(head) if head else None
    if kind.sniffed:
        return seen is not None and seen.startswith(kind.sniffed)
    return seen is None and (b"\x00" not in head or head.startswith(_BOMS))
