"""Who refers to whom: fields by path, link targets and related lists, over raw documents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from metadata.catalog import kernel, link_target, link_targets
from metadata.computed import FOLLOWS, overridden, plain
from metadata.documents import Document

MOST_LINKS = 2
"""A path may cross this many links."""

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
    _written: dict[str, dict[str, Definition]] = field(default_factory=dict)
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
        return [doc.key for doc in self.documents.values() if doc.kind == "object"]

    def fields(self, object_key: str) -> Mapping[str, Definition]:
        """Give the definitions of all fields of an object: own, of abilities, of the system.

        A computed field is seen as what it gives; see `metadata.computed`.
        """
        known = self._fields.get(object_key)
        if known is None:
            written = self._as_written(object_key)
            known = {key: self._seen(object_key, one, ()) for key, one in written.items()}
            self._fields[object_key] = known
        return known

    def _as_written(self, object_key: str) -> Mapping[str, Definition]:
        known = self._written.get(object_key)
        if known is None:
            known = self._written[object_key] = merged_fields(self.body(object_key))
        return known

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
        for object_key in self.objects():
            for key, definition in self._as_written(object_key).items():
                inverse = definition.get("inverse")
                if not isinstance(inverse, Mapping):
                    continue
                related = Related(object_key, key, inverse.get("label"))
                for target in link_targets(definition):
                    found.setdefault(target, {}).setdefault(str(inverse.get("key")), related)
        return found


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
