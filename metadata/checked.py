"""What was found well among others is not checked again while all that it reads stays the same.

A check asks a `Noting` world, which writes down what was asked. A document that had no problem is
remembered with these questions and their answers. When it comes again, equal, and the questions
have the answers that they had, the check would find nothing again. What had a problem is always
checked.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from metadata.catalog import FieldTypes
from metadata.documents import Document, same
from metadata.refs import Definition, Related, World

MOST = 8_192
"""Documents that are remembered; beyond it all are forgotten."""

Question = tuple[str, str]
"""What is asked, of what."""

_ALL, _DOCUMENT, _FIELDS, _HAS, _OBJECTS, _RELATED = (
    "all", "document", "fields", "has", "objects", "related",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Well:
    """A document without problems. ``answers``: to all that its check asked."""

    mark: tuple[Any, ...]
    answers: tuple[tuple[Question, Any], ...]


_well: dict[tuple[int, str], tuple[FieldTypes, _Well]] = {}


class Known:
    """What is known of documents, held against the world that they stand in now."""

    def __init__(self, world: World, types: FieldTypes) -> None:
        """Join a world with the types of its fields."""
        self._world = world
        self._types = types
        self._agreed: dict[tuple[Question, int], tuple[bool, Any]] = {}

    def was_well(self, document: Document) -> bool:
        """Tell whether a check of the document would find nothing, as it did before."""
        known = _well.get((id(self._types), document.id))
        if known is None or known[0] is not self._types:
            return False
        if known[1].mark != _mark(document):
            return False
        return all(self._agrees(question, said) for question, said in known[1].answers)

    def note(self, document: Document, asked: Iterable[Question]) -> None:
        """Remember that the check of a document, which asked this, found nothing."""
        if len(_well) > MOST:
            _well.clear()
        answers = tuple((one, _answer(self._world, one)) for one in asked)
        _well[id(self._types), document.id] = (self._types, _Well(_mark(document), answers))

    def _agrees(self, question: Question, said: Any) -> bool:
        """Tell whether an answer is still the same; many documents share what was said."""
        held = self._agreed.get((question, id(said)))
        if held is None:
            agreed = same(_answer(self._world, question), said)
            held = self._agreed[question, id(said)] = (
                agreed,
                said,
            )  # so that its id stays its own
        return held[0]


def _mark(document: Document) -> tuple[Any, ...]:
    """Name all that a check reads of the document itself."""
    return (document.hash, document.layer, document.origins)


def _answer(world: World, question: Question) -> Any:
    what, key = question
    if what == _FIELDS:
        return world.fields(key)
    if what == _RELATED:
        return world.related(key)
    if what == _HAS:
        return world.has(key)
    if what == _DOCUMENT:
        document = world.documents.get(key)
        return document and (document.hash, document.layer)
    if what == _OBJECTS:
        return world.objects()
    return [(one.id, one.hash, one.layer) for one in world.documents.values()]


class Noting(World):
    """A world that writes down what it is asked."""

    def __init__(self, inner: World) -> None:
        """Stand before another world."""
        self.inner = inner
        self.asked: set[Question] = set()
        super().__init__(_Documents(inner.documents, self.asked))

    def has(self, object_key: str) -> bool:
        """See `World.has`."""
        self.asked.add((_HAS, object_key))
        return self.inner.has(object_key)

    def objects(self) -> list[str]:
        """See `World.objects`."""
        self.asked.add((_OBJECTS, ""))
        return self.inner.objects()

    def fields(self, object_key: str) -> Mapping[str, Definition]:
        """See `World.fields`."""
        self.asked.add((_FIELDS, object_key))
        return self.inner.fields(object_key)

    def related(self, object_key: str) -> Mapping[str, Related]:
        """See `World.related`."""
        self.asked.add((_RELATED, object_key))
        return self.inner.related(object_key)


class _Documents(Mapping[str, Document]):
    """Documents that write down which of them were looked at."""

    def __init__(self, inner: Mapping[str, Document], asked: set[Question]) -> None:
        self._inner = inner
        self._asked = asked

    def __getitem__(self, identity: str) -> Document:
        self._asked.add((_DOCUMENT, identity))
        return self._inner[identity]

    def __iter__(self) -> Iterator[str]:
        self._asked.add((_ALL, ""))
        return iter(self._inner)

    def __len__(self) -> int:
        self._asked.add((_ALL, ""))
        return len(self._inner)
