"""Packs: folders or archives of documents, read with suspicion."""

import hashlib
import io
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from metadata.documents import Document
from metadata.errors import Problem
from metadata.report import problem_at, type_word
from metadata.strict_yaml import LARGEST_FILE, Raw, read_yaml

MANIFEST = "pack.yaml"
MOST_FILES = 2_000
LARGEST_PACK = 16 * 1024 * 1024  # bytes, unpacked
LARGEST_ARCHIVE = LARGEST_PACK + 1024 * 1024  # bytes; ours are stored, not compressed
LARGEST_RATIO = 100
_RATIO_FREE = 64 * 1024  # small files may shrink as they like
_PASSED_OVER = frozenset({"README.md", "CHANGELOG.md", "LICENSE"})
TESTS = "tests"
"""The folder of what a pack proves of itself; it does not go into archives."""

Refuse = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Pack:
    """A manifest and the documents that come with it."""

    key: str
    manifest: Document
    documents: tuple[Document, ...]

    @property
    def version(self) -> str:
        """Give the version of the manifest."""
        return str(self.manifest.body.get("version", ""))

    @property
    def languages(self) -> tuple[str, ...]:
        """Give the languages every text of the pack has."""
        found = self.manifest.body.get("languages")
        return tuple(map(str, found)) if isinstance(found, list | tuple) else ()

    @property
    def requires(self) -> Mapping[str, str]:
        """Give the packs it stands on and the versions it accepts."""
        found: Mapping[str, str] = self.manifest.body.get("requires", {})
        return found

    def dump(self) -> dict[str, Any]:
        """Give the pack as JSON data."""
        return {
            "manifest": self.manifest.body,
            "key": self.key,
            "documents": [[doc.kind, doc.key, doc.body] for doc in self.documents],
        }


def pack_from(data: Mapping[str, Any]) -> Pack:
    """Read what `Pack.dump` gave; the data is trusted."""
    key = data["key"]
    return Pack(
        key,
        Document("pack", key, data["manifest"], None, key),
        tuple(Document(kind, own, body, None, key) for kind, own, body in data["documents"]),
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, and what is wrong with it; with problems the packs are not to be used."""

    packs: tuple[Pack, ...]
    problems: tuple[Problem, ...]


def read_pack(folder: Path) -> Reading:
    """Read a pack from a folder."""
    problems: list[Problem] = []
    files = dict(_files_of(folder, problems))
    return assemble(files, folder.name, problems)


def read_archive(data: bytes, name: str) -> Reading:
    """Read a pack from a ZIP archive, in memory; nothing is ever unpacked to disk.

    Args:
        data: the archive.
        name: its file name, for the problems.
    """
    problems: list[Problem] = []

    def refuse(code: str, file: str = name, **params: Any) -> None:
        problems.append(Problem(code, file=file, params=params))

    if len(data) > LARGEST_ARCHIVE:
        refuse("file_too_large", most=LARGEST_ARCHIVE)
        return Reading((), tuple(problems))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = _members(archive, refuse)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError):
        refuse("archive_broken")
        return Reading((), tuple(problems))
    if problems:
        return Reading((), tuple(problems))
    return assemble(_rooted(files), name, problems)


def _files_of(folder: Path, problems: list[Problem]) -> Iterator[tuple[str, bytes]]:
    total = 0
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            problems.append(Problem("link_not_allowed", file=name))
        elif path.is_file():
            allowed = _allowed(name)
            if allowed is None:
                continue
            if not allowed or any(part.startswith(".") for part in PurePosixPath(name).parts):
                problems.append(Problem("file_not_allowed", file=name))
                continue
            size = path.stat().st_size
            total += size
            if size > LARGEST_FILE or total > LARGEST_PACK:
                problems.append(
                    Problem("file_too_large", file=name, params={"most": LARGEST_FILE})
                )
                continue
            yield name, path.read_bytes()


def _allowed(name: str) -> bool | None:
    """Tell whether a file belongs in a pack; None for one that is passed over."""
    parts = PurePosixPath(name).parts
    if parts[-1] in _PASSED_OVER or parts[0] == TESTS:
        return None
    return parts[-1].endswith(".yaml")


def _members(archive: zipfile.ZipFile, refuse: Refuse) -> dict[str, bytes]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MOST_FILES:
        refuse("too_many_files", most=MOST_FILES)
        return {}
    if sum(entry.file_size for entry in entries) > LARGEST_PACK:
        refuse("archive_too_large", most=LARGEST_PACK)
        return {}
    files: dict[str, bytes] = {}
    for entry in entries:
        code = _suspicion(entry, files)
        if code:
            refuse(code, file=entry.filename[:200])
            continue
        with archive.open(entry) as member:
            content = member.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            refuse("file_too_large", file=entry.filename, most=LARGEST_FILE)
            continue
        files[entry.filename] = content
    return files


def _suspicion(entry: zipfile.ZipInfo, files: Mapping[str, bytes]) -> str:
    """Give the code of what makes a member of an archive unacceptable, else ``""``."""
    name = entry.filename
    if leaves_pack(name):
        return "path_not_allowed"
    if stat.S_IFMT(entry.external_attr >> 16) not in {0, stat.S_IFREG}:
        return "link_not_allowed"
    if entry.flag_bits & 1 or name in files:
        return "archive_broken"
    if entry.file_size > _RATIO_FREE and entry.file_size > entry.compress_size * LARGEST_RATIO:
        return "archive_too_large"
    if entry.file_size > LARGEST_FILE:
        return "file_too_large"
    hidden = any(part.startswith(".") for part in name.split("/"))
    return "file_not_allowed" if hidden or not name.endswith((".yaml", ".md", "LICENSE")) else ""


def _rooted(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Take away one folder around everything, as archives often have it."""
    roots = {name.partition("/")[0] for name in files}
    if MANIFEST in files or len(roots) != 1:
        return dict(files)
    return {name.partition("/")[2]: content for name, content in files.items() if "/" in name}


def assemble(files: Mapping[str, bytes], name: str, problems: Iterable[Problem] = ()) -> Reading:
    """Make a pack of the contents of its files.

    Args:
        files: path inside the pack -> content.
        name: what the pack came as, for the problems.
        problems: what was already found wrong.
    """
    found = list(problems)
    read: dict[str, list[Raw]] = {}
    for file in sorted(files):
        if _allowed(file):
            read[file], wrong = read_yaml(files[file], file)
            found.extend(wrong)
    manifests = read.pop(MANIFEST, [])
    if found:
        return Reading((), tuple(found))
    if len(manifests) != 1 or manifests[0].data.get("kind") != "pack":
        found.append(Problem("manifest_missing", file=MANIFEST if manifests else name))
        return Reading((), tuple(found))
    manifest = document_of(manifests[0], "", found)
    if manifest is None:
        return Reading((), tuple(found))
    found.extend(_listed_otherwise(manifest, files))
    manifest = _unlisted(manifest)
    documents = _distinct((raw for file in read.values() for raw in file), manifest.key, found)
    if found:
        return Reading((), tuple(found))
    return Reading((Pack(manifest.key, manifest, tuple(documents)),), ())


def _unlisted(manifest: Document) -> Document:
    """Forget the list of files once it was compared: it belongs to the archive."""
    if not isinstance(manifest.body.get("files"), Mapping):
        return manifest
    body = {name: value for name, value in manifest.body.items() if name != "files"}
    return replace(manifest, body=body)


def _listed_otherwise(manifest: Document, files: Mapping[str, bytes]) -> list[Problem]:
    """Compare the list of files that a built pack carries with the files that are there."""
    listed = manifest.body.get("files")
    if not isinstance(listed, Mapping):
        return []
    outside = [
        problem_at(manifest, "path_not_allowed", f"files/{file}")
        for file in listed
        if leaves_pack(file)
    ]
    if outside:
        return outside
    hashes = {
        file: hashlib.sha256(content).hexdigest()
        for file, content in files.items()
        if _allowed(file) and file != MANIFEST
    }
    return [
        problem_at(manifest, "file_changed", f"files/{file}", file=file)
        for file in sorted({*listed, *hashes})
        if listed.get(file) != hashes.get(file)
    ]


def leaves_pack(name: str) -> bool:
    """Tell whether a file name points out of its pack, or could on some system."""
    parts = name.split("/")
    strange = name.startswith("/") or any(character in name for character in "\\:\0")
    return strange or any(part in {"", ".", ".."} for part in parts)


def _distinct(raws: Iterable[Raw], layer: str, problems: list[Problem]) -> list[Document]:
    """Give the documents in the order of their names: in which file each stood is no matter."""
    documents: dict[str, Document] = {}
    for raw in raws:
        document = document_of(raw, layer, problems)
        if document is None:
            continue
        first = documents.get(document.id)
        if first is None and document.kind != "pack":
            documents[document.id] = document
            continue
        line, column = raw.source.locate("key")
        params = {"first_file": first.source.file if first and first.source else MANIFEST}
        problems.append(
            Problem(
                "duplicate_document",
                document=document.id,
                path="key",
                file=raw.source.file,
                line=line,
                column=column,
                params=params,
            )
        )
    return [documents[identity] for identity in sorted(documents)]


def document_of(raw: Raw, layer: str, problems: list[Problem]) -> Document | None:
    """Take kind and key out of a document; without them it cannot even be named."""
    identity: list[str] = []
    for name in ("kind", "key"):
        value = raw.data.get(name)
        if isinstance(value, str):
            identity.append(value)
            continue
        line, column = raw.source.locate(name)
        code = "missing_property" if value is None else "wrong_type"
        params = {"property": name, "expected": "string", "actual": type_word(value)}
        problems.append(
            Problem(code, path=name, file=raw.source.file, line=line, column=column, params=params)
        )
    if len(identity) != len(("kind", "key")):
        return None
    kind, key = identity
    body = {name: value for name, value in raw.data.items() if name not in {"kind", "key"}}
    return Document(kind, key, body, raw.source, layer or key)
