"""Expected errors and the problems that documents can have.

Texts never stand here: a code is the key of the message catalogue (``ui/i18n``), and ``params``
fill it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar


class PlatformError(Exception):
    """Base of all expected errors: somebody's input or state, shown to them.

    ``code`` is part of the public API: it never changes once released, it is the key of the
    message catalogue, and clients may branch on it. ``params`` fill the message; they hold
    only values that are safe to show to the user who caused the error.
    """

    code: ClassVar[str] = "platform_error"
    status: ClassVar[int] = 500

    def __init__(self, **params: Any) -> None:
        self.params = params
        super().__init__(f"{self.code}: {params}" if params else self.code)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a document.

    ``document`` is ``kind/key`` ("" before it is known), ``path`` the slash path inside it,
    ``line`` and ``column`` count from 1 (0: not from a file). ``<code>.hint`` in the
    catalogue, when there is one, says what to do.
    """

    code: str
    document: str = ""
    path: str = ""
    file: str = ""
    line: int = 0
    column: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)


class MetadataInvalid(PlatformError):
    """Documents that cannot be compiled; ``problems`` lists every reason found."""

    code = "metadata_invalid"
    status = 422

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(count=len(problems))
        self.problems = tuple(problems)
