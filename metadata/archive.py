"""Archives of packs: equal packs give equal bytes, on every machine.

Nothing in an archive depends on where or when it was made: files are sorted, stored as they are
(compressors differ by version), and carry one date. The manifest lists the hash of each file.
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping

from metadata.documents import Document
from metadata.packs import MANIFEST, Pack
from metadata.yaml_writer import quoted, write_document

_WHENEVER = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16
_UNIX = 3


def export_pack(pack: Pack) -> bytes:
    """Give a pack as an archive; one document a file, written in one way only."""
    files = {
        f"{doc.kind.removesuffix('s')}s/{doc.key}.yaml": write_document(doc)
        for doc in pack.documents
    }
    body = {name: value for name, value in pack.manifest.body.items() if name != "files"}
    manifest = Document("pack", pack.key, body)
    return write_archive({**files, MANIFEST: write_document(manifest)})


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """Put the files of a pack into an archive, with the hash of each in the manifest.

    Args:
        files: path inside the pack -> content; the manifest does not list files yet.
    """
    rest = {name: files[name] for name in sorted(files) if name != MANIFEST}
    listed = [
        f'  {quoted(name)}: "{hashlib.sha256(data).hexdigest()}"' for name, data in rest.items()
    ]
    manifest = files[MANIFEST].decode().rstrip()
    whole = "\n".join([manifest, "files:" if listed else "files: {}", *listed, ""]).encode()
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_STORED) as archive:
        for name, data in sorted({**rest, MANIFEST: whole}.items()):
            entry = zipfile.ZipInfo(name, _WHENEVER)
            entry.create_system = _UNIX
            entry.external_attr = _MODE
            archive.writestr(entry, data)
    return into.getvalue()
