"""Who refers to whom: fields by path, link targets and related lists, over raw documents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from metadata.catalog import kernel, link_target, link_targets
from metadata.computed import FOLLOWS, ROLL_UP, overridden, plain
from metadata.documents import Document

MOST_LINKS = 2
"""A path may cross this many links."""

_WRITTEN, _SEEN, _INVERSES = "fields as written", "fields", "inverses"
"""What is kept with a document."""

Definition = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Related:
    """A related list: records of ``object`` whose link ``field`` points here."""

    object: str
    field: str
    label: Any


@dataclass(slots=True)
class World:
    """Look-ups over a set of documents; answers are kept, the documents must not change."""

    documents: Mapping[str, Document]
    _fields: dict[str, dict[str, Definition]] = field(default_factory=dict)
    _objects: list[str] | None = None
    _related: dict[str, dict[str, Related]] | None = None

    def has(self, object_key: str) -> bool:
        """Tell whether there is such an object."""
        return f"object/{object_key}" in self.documents

    def body(self, object_key: str) -> Mapping[str, Any]:
        """Give what the document of an object says, or nothing."""
        document = self.documents.get(f"object/{object_key}")
        return document.body if document is not None else {}

    def abilities(self, object_key: str) -> Mapping[str, Any]:
        """Give the abilities that an object declares and has not switched off."""
        declared = _map(self.body(object_key).get("abilities"))
        return {key: value for key, value in declared.items() if value is not False}

    def objects(self) -> list[str]:
        """Give the keys of all objects, in document order."""
        if self._objects is None:
            self._objects = [doc.key for doc in self.documents.values() if doc.kind == "object"]
        return self._objects

    def fields(self, object_key: str) -> Mapping[str, Definition]:
        """Give the definitions of all fields of an object: own, of abilities, of the system.

        A computed field is seen as what it gives; see `metadata.computed`.
        """
        known = self._fields.get(object_key)
        if known is None:
            known = self._fields[object_key] = self._all_seen(object_key)
        return known

    def _all_seen(self, object_key: str) -> dict[str, Definition]:
        """See all definitions; those of a document without sums follow from it alone."""
        document = self.documents.get(f"object/{object_key}")
        if document is not None and (kept := document.memo.get(_SEEN)) is not None:
            found: dict[str, Definition] = kept
            return found
        written = self._as_written(object_key)
        seen = {key: self._seen(object_key, one, ()) for key, one in written.items()}
        if document is not None and not any(map(_sums, written.values())):
            document.memo[_SEEN] = seen
        return seen

    def _as_written(self, object_key: str) -> Mapping[str, Definition]:
        document = self.documents.get(f"object/{object_key}")
        return _written(document) if document is not None else merged_fields({})

    def _seen(
        self, object_key: str, definition: Definition, above: tuple[Definition, ...]
    ) -> Definition:
        """See a definition as what it gives; a roll-up that sums itself gives a number."""

        def child(list_key: str, key: str) -> Definition | None:
            related = self.related(object_key).get(list_key)
            found = self._as_written(related.object).get(key) if related is not None else None
            if related is None or found is None or any(found is one for one in above):
                return None
            return self._seen(related.object, found, (*above, definition))

        return plain(definition, child)

    def related(self, object_key: str) -> Mapping[str, Related]:
        """Give the related lists of an object."""
        if self._related is None:
            self._related = self._find_related()
        return self._related.get(object_key, {})

    def resolve(self, object_key: str, path: str) -> tuple[str, Definition] | None:
        """Follow a path.

        Returns:
            The object that has the last field, and its definition; None when a part is unknown,
            is no link, or the path crosses more than two links.
        """
        parts = path.split(".")
        if len(parts) > MOST_LINKS + 1:
            return None
        here = object_key
        for part in parts[:-1]:
            link = self.fields(here).get(part)
            here = link_target(link) if link is not None else ""
            if not self.has(here):
                return None
        found = self.fields(here).get(parts[-1])
        return (here, found) if found is not None else None

    def _find_related(self) -> dict[str, dict[str, Related]]:
        found: dict[str, dict[str, Related]] = {}
        for document in self.documents.values():
            if document.kind == "object":
                for target, key, related in _inverses(document):
                    found.setdefault(target, {}).setdefault(key, related)
        return found


def _written(document: Document) -> dict[str, Definition]:
    found: dict[str, Definition] | None = document.memo.get(_WRITTEN)
    if found is None:
        found = document.memo[_WRITTEN] = merged_fields(document.body)
    return found


def _inverses(document: Document) -> list[tuple[str, str, Related]]:
    """Give the related lists that an object's links bring to others: whose, key, list."""
    found: list[tuple[str, str, Related]] | None = document.memo.get(_INVERSES)
    if found is None:
        found = []
        for key, definition in _written(document).items():
            inverse = definition.get("inverse")
            if isinstance(inverse, Mapping):
                related = Related(document.key, key, inverse.get("label"))
                name = str(inverse.get("key"))
                found += [(target, name, related) for target in link_targets(definition)]
        document.memo[_INVERSES] = found
    return found


def _sums(definition: Definition) -> bool:
    return _map(definition.get("computed")).get("type") == ROLL_UP or (
        definition.get("type") == ROLL_UP
    )


def merged_fields(body: Mapping[str, Any]) -> dict[str, Definition]:
    """Merge the fields of an object's document with those that the kernel brings.

    What is no definition is passed over; the checks tell of it. Own fields come first, in
    document order; a relabelled one stands where the document puts it.
    Then those of the abilities, then those of the system. Behind a field that follows another one
    stands the field that remembers whether somebody overrode it.
    """
    brought = kernel().brought(_map(body.get("abilities")))
    merged: dict[str, Definition] = {}
    for key, definition in _map(body.get("fields")).items():
        known = brought.get(key)
        if not isinstance(definition, Mapping):
            continue
        if known is None:
            if isinstance(definition.get("type"), str):
                merged[key] = definition
                if FOLLOWS in definition:
                    merged.setdefault(overridden(key), kernel().beside(key, definition))
        else:
            merged[key] = {**known, **definition, "label": _words(known, definition)}
    for key, definition in brought.items():
        merged.setdefault(key, definition)
    return merged


def _map(value: Any) -> Mapping[str, Any]:
    """Give a map, or an empty one where a document that is not checked yet has another thing."""
    return value if isinstance(value, Mapping) else {}


def _words(known: Definition, relabelled: Definition) -> Any:
    label = relabelled.get("label")
    if isinstance(label, Mapping):
        return {**known["label"], **label}
    return label or known["label"]
