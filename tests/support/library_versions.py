"""Versions of the library pack, made from the one that is there: values by document and path."""

from collections.abc import Iterator, Mapping
from typing import Any

from metadata.documents import Document
from metadata.load import Pack
from tests.support.library import library_packs

GONE = object()
BOOK = "object/book"


def edited(changes: Mapping[tuple[str, str], Any], **manifest: Any) -> list[Pack]:
    """Give base and the library's next version; `GONE` leaves a value out, path "" a document."""
    *base, library = library_packs()
    documents = {document.id: document for document in library.documents}
    for (identity, path), value in changes.items():
        if not path:
            del documents[identity]
            continue
        old = documents[identity]
        body = _put(old.body, path.split("/"), value)
        documents[identity] = Document(old.kind, old.key, body, None, library.key)
    body = {**library.manifest.body, "version": "1.1.0", "seeds": {}, **manifest}
    new = Document("pack", library.key, body, None, library.key)
    return [*base, Pack(library.key, new, tuple(documents.values()))]


def _put(body: Any, parts: list[str], value: Any) -> Any:
    first, *rest = parts
    result = dict(body)
    if rest:
        result[first] = _put(result[first], rest, value)
    elif value is GONE:
        del result[first]
    else:
        result[first] = value
    return result


def without_field(key: str) -> dict[tuple[str, str], Any]:
    """Leave a field of the books out, wherever the library shows it."""
    *_, library = library_packs()
    changes: dict[tuple[str, str], Any] = {(BOOK, f"fields/{key}"): GONE}
    for document in library.documents:
        for path in _places(document.body, key, ""):
            if document.kind != "object":
                changes[document.id, path] = GONE
    return changes


def book_field(key: str) -> Any:
    """Give the definition of a field of the books."""
    *_, library = library_packs()
    body = next(document for document in library.documents if document.id == BOOK).body
    return body["fields"][key]


def _places(body: Any, key: str, base: str) -> Iterator[str]:
    for name, inner in body.items() if isinstance(body, Mapping) else ():
        path = f"{base}/{name}" if base else name
        if name == key:
            yield path
        else:
            yield from _places(inner, key, path)
