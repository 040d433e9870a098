"""What a verb is told beside the values, and what it gives back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.errors import FieldError, InvalidInput, InvalidValue
from engine.history.write import FieldChange
from engine.query.predicate import Level
from metadata.model import EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """A change that is made by an action of the object instead of an edit.

    Attributes:
        right: the action that must be granted for the record.
        told: what history calls the change.
        asks: fields that input may set although nobody edits them.
        sets: field -> stored value that the action sets itself, whatever rules hide or fix.
        requires: fields that must be filled afterwards, where they are shown.
    """

    right: str
    told: str
    asks: frozenset[str] = frozenset()
    sets: Mapping[str, Any] = EMPTY
    requires: tuple[str, ...] = ()

    @property
    def writes(self) -> frozenset[str]:
        """Give the fields that it may write though they are read-only to people."""
        return self.asks | self.sets.keys()


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How a trusted caller (importer, generator of samples, set-up) may write.

    Attributes:
        system_fields: values may hold fields that are read-only to people.
        owner: the owner of new records; None means the acting person.
        keeps: how far the acting person stays in the team of a new record that is another's;
            None: he does not.
        via: how a new record came here, an option of ``received_via``.
        created_at: when a new record came to be; None means now.
        parsed: values are in stored form already.
        unversioned: a change need not name the version it is based on.
        check_links: targets must be within reach of the acting person.
        within_parent: lines are written with their record, whose rights were asked for.
        prepared: values were read and checked before; they are in stored form.
        doing: the action that makes the change; None: somebody edits.
    """

    system_fields: bool = False
    owner: int | None = None
    keeps: Level | None = None
    via: str = "created"
    created_at: datetime | None = None
    parsed: bool = False
    unversioned: bool = False
    check_links: bool = True
    within_parent: bool = False
    prepared: bool = False
    doing: Doing | None = None

    @property
    def right(self) -> str:
        """Give the action that a change needs the right to."""
        return self.doing.right if self.doing is not None else "update"


USUAL = Writing()


@dataclass(frozen=True, slots=True)
class Written:
    """A record after a verb. ``changes`` is empty when there was nothing to do."""

    id: int
    version: int
    changes: Sequence[FieldChange] = ()


@dataclass(slots=True)
class Faults:
    """Everything that is wrong with one input, gathered before anything is written."""

    found: list[FieldError] = field(default_factory=list)

    def add(self, key: str, code: str, **params: Any) -> None:
        """Note one fault; ``key`` "" means the record as a whole."""
        self.found.append(FieldError(key, code, params))

    def add_value(self, key: str, error: InvalidValue) -> None:
        """Note a value that a field type did not take."""
        self.found.append(FieldError(key, error.reason, error.params))

    def has(self, key: str) -> bool:
        """Tell whether something is wrong with a field already."""
        return any(error.field == key for error in self.found)

    def raise_any(self) -> None:
        """Raise what was found.

        Raises:
            InvalidInput: there was a fault.
        """
        if self.found:
            raise InvalidInput(self.found)
