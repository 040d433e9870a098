"""Layers: kernel < packs in the order they need each other < what packs and the site override."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from metadata.catalog import OBJECT_KINDS, kernel
from metadata.documents import Document, canonical, content_hash, same, split_id
from metadata.errors import MetadataInvalid, Problem
from metadata.model import EMPTY
from metadata.overrides import Applied, Entries, apply_changes_to
from metadata.packs import Pack, pack_from
from metadata.prune import prune, without
from metadata.report import type_word
from metadata.versions import fits

LOCAL = "local"
KERNEL = "kernel"
_FORMAT = 1


@dataclass(frozen=True)
class Layers:
    """What a version stores: the packs in the order of their needs, and the local changes."""

    packs: tuple[Pack, ...] = ()
    local: Mapping[str, Entries] = EMPTY

    def is_purged(self, object_key: str, field: str) -> bool:
        """Tell whether a pack gave a field up for good: hidden, and its data is deleted."""
        entries = self.local.get(f"object/{object_key}", {})
        return bool(entries.get(f"fields/{field}", {}).get("purged"))

    @cached_property
    def hash(self) -> str:
        """Give the SHA-256 of the canonical JSON."""
        return content_hash(self._data())

    def _data(self) -> dict[str, Any]:
        return {
            "format": _FORMAT,
            "packs": [pack.dump() for pack in self.packs],
            "local": {key: dict(entries) for key, entries in self.local.items()},
        }

    def dump(self) -> str:
        """Write the layers as canonical JSON; the order of keys is meaning."""
        return canonical(self._data())


@dataclass(frozen=True, slots=True)
class Layered:
    """The effective documents, and what the layers took away.

    ``roles``: the documents of roles as they are written; in the effective ones nothing is said
    of what is hidden.
    """

    documents: Mapping[str, Document]
    removed_fields: Mapping[str, Mapping[str, Mapping[str, Any]]] = EMPTY
    removed_documents: Mapping[str, Document] = EMPTY
    warnings: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, Document] = EMPTY
    applied: Mapping[str, "Overridden"] = field(default=EMPTY, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Overridden:
    """What became of a document; the same changes over the same one give the same again."""

    base: Document | None
    stack: list[tuple[str, Entries]]
    under: Document  # what the changes were applied to: ``base``, or a document that they add
    result: Applied


def layers_of(packs: Sequence[Pack], local: Mapping[str, Entries] = EMPTY) -> Layers:
    """Put packs in the order they need each other.

    Raises:
        MetadataInvalid: a pack is there twice, needs one that is missing or of another version,
            excludes one that is there, or packs need each other in a circle.
    """
    by_key: dict[str, Pack] = {}
    problems: list[Problem] = []
    for pack in packs:
        if pack.key in by_key:
            problems.append(_about(pack, "duplicate_pack", pack=pack.key))
        by_key[pack.key] = pack
    for pack in by_key.values():
        problems.extend(_needs(pack, by_key))
    if problems:
        raise MetadataInvalid(problems)
    ordered: dict[str, Pack] = {}
    waiting = dict(by_key)
    while waiting:
        ready = [p for p in waiting.values() if all(need in ordered for need in p.requires)]
        if not ready:
            first = next(iter(waiting.values()))
            raise MetadataInvalid([_about(first, "pack_circle", packs=", ".join(waiting))])
        for pack in ready:
            ordered[pack.key] = waiting.pop(pack.key)
    return Layers(tuple(ordered.values()), local)


def _needs(pack: Pack, present: Mapping[str, Pack]) -> Iterable[Problem]:
    wrong = list(_ill_shaped(pack))
    if wrong:
        yield from wrong
        return
    for need, versions in pack.requires.items():
        other = present.get(need)
        if other is None:
            yield _about(pack, "pack_missing", f"requires/{need}", pack=need)
        elif not fits(other.version, versions):
            yield _about(
                pack,
                "pack_version",
                f"requires/{need}",
                pack=need,
                needed=versions,
                present=other.version,
            )
    for enemy, versions in (pack.manifest.body.get("conflicts") or {}).items():
        if enemy in present and fits(present[enemy].version, versions):
            yield _about(pack, "pack_conflict", f"conflicts/{enemy}", pack=enemy)


def _ill_shaped(pack: Pack) -> Iterable[Problem]:
    """Find what is no map of ranges: packs are put in order before anything else is checked."""
    for name in ("requires", "conflicts"):
        found = pack.manifest.body.get(name, {})
        if not isinstance(found, Mapping):
            params = {"expected": "object", "actual": type_word(found), "property": name}
            yield _about(pack, "wrong_type", name, **params)
            continue
        for key, versions in found.items():
            if not isinstance(versions, str):
                params = {"expected": "string", "actual": type_word(versions), "property": key}
                yield _about(pack, "wrong_type", f"{name}/{key}", **params)


def _about(about: Pack, code: str, path: str = "key", /, **params: Any) -> Problem:
    source = about.manifest.source
    line, column = source.locate(path) if source is not None else (0, 0)
    file = source.file if source is not None else ""
    return Problem(code, f"pack/{about.key}", path, file, line, column, params)


def parse_layers(text: str) -> Layers:
    """Read what `Layers.dump` wrote. The text is trusted: it was checked when it was stored.

    Raises:
        ValueError: it is not such a text.
    """
    data = json.loads(text)
    if data.get("format") != _FORMAT:
        raise ValueError("these layers were not written by this version or an earlier one")
    return Layers(tuple(pack_from(pack) for pack in data["packs"]), data["local"])


def effective(layers: Layers, before: Layered | None = None) -> Layered:
    """Merge the layers into the effective documents.

    ``before``: earlier ones; documents that come out equal are taken from there.
    """
    documents = _kernel_documents()
    problems: list[Problem] = []
    overrides: dict[str, list[tuple[str, Entries]]] = {}
    for pack in layers.packs:
        documents[pack.manifest.id] = pack.manifest
        for document in pack.documents:
            if document.kind == "overrides":
                for target, entries in (document.body.get("changes") or {}).items():
                    overrides.setdefault(target, []).append((pack.key, entries))
            elif document.id in documents:
                other = documents[document.id].layer
                problems.append(_twice(document, other))
            else:
                documents[document.id] = document
    for target, entries in layers.local.items():
        overrides.setdefault(target, []).append((LOCAL, entries))
    merged = _overridden(documents, overrides, before.applied if before is not None else EMPTY)
    living = _housed(without(merged.documents, merged.removed_documents))
    return Layered(
        prune(living, merged.removed_fields),
        merged.removed_fields,
        merged.removed_documents,
        merged.warnings,
        tuple(problems),
        roles={key: doc for key, doc in merged.documents.items() if doc.kind == "role"},
        applied=merged.applied,
    )


def _housed(documents: Mapping[str, Document]) -> Mapping[str, Document]:
    """Leave out local documents whose object went with its pack: they sleep until it is back."""
    homeless = [
        identity
        for identity, document in documents.items()
        if document.layer == LOCAL
        and document.kind in OBJECT_KINDS
        and f"object/{document.body.get('object')}" not in documents
    ]
    return {key: doc for key, doc in documents.items() if key not in homeless}


def _overridden(
    documents: dict[str, Document],
    overrides: Mapping[str, list[tuple[str, Entries]]],
    before: Mapping[str, Overridden],
) -> Layered:
    hidden: dict[str, Mapping[str, Mapping[str, Any]]] = {}
    gone: dict[str, Document] = {}
    warnings: list[Problem] = []
    known: dict[str, Overridden] = {}
    for target, stack in overrides.items():
        base, found = documents.get(target), before.get(target)
        if found is None or found.base is not base or not same(found.stack, stack):
            found = _laid_over(base, target, stack)
        if found is None:
            warnings.append(Problem("document_gone", document=target))
            continue
        known[target] = found
        document, applied = found.under, found.result
        warnings.extend(applied.warnings)
        if applied.hidden:
            hidden[document.key] = applied.hidden
        if applied.document is None:
            gone[target] = document
            documents.pop(target, None)
        else:
            documents[target] = applied.document
    return Layered(documents, hidden, gone, tuple(warnings), applied=known)


def _laid_over(
    base: Document | None, target: str, stack: list[tuple[str, Entries]]
) -> Overridden | None:
    under, rest = (base, stack) if base is not None else _new_document(target, stack)
    if under is None:
        return None
    return Overridden(base, stack, under, apply_changes_to(under, rest))


def _new_document(
    target: str, stack: list[tuple[str, Entries]]
) -> tuple[Document | None, list[tuple[str, Entries]]]:
    """Make a document that a layer adds as a whole; give it and the layers that still apply."""
    for position, (layer, entries) in enumerate(stack):
        entry = entries.get("")
        if entry is not None and entry["op"] == "add" and isinstance(entry.get("value"), Mapping):
            kind, key = split_id(target)
            return Document(kind, key, entry["value"], None, layer), stack[position:]
    return None, stack


def _twice(document: Document, other: str) -> Problem:
    source = document.source
    line, column = source.locate("key") if source is not None else (0, 0)
    file = source.file if source is not None else ""
    params = {"first_file": other}
    return Problem("duplicate_document", document.id, "key", file, line, column, params)


def _kernel_documents() -> dict[str, Document]:
    return {
        f"option_set/{key}": Document("option_set", key, body, None, KERNEL)
        for key, body in kernel().option_sets.items()
    }
