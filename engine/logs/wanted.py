"""Which lines of a log are wanted."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table

from engine.storage.audit_tables import system_log
from engine.storage.kernel_tables import history
from engine.storage.people_tables import sign_in_log

SIGN_INS, DATA, SYSTEM = "sign-ins", "data", "system"


@dataclass(frozen=True, slots=True)
class LogShape:
    """A log: its table, the right to read it, and the names of its columns.

    ``actions``: an index goes from an action to its lines.
    """

    table: Table
    right: str
    by: str
    action: str
    about: str = ""
    actions: bool = True


SHAPES: Mapping[str, LogShape] = {
    SIGN_INS: LogShape(sign_in_log, "sign_in_log", "user_id", "outcome", "account"),
    DATA: LogShape(history, "data_log", "by", "action", actions=False),
    SYSTEM: LogShape(system_log, "system_log", "by", "deed", "about"),
}
"""Key of a log -> its shape."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilter:
    """What keeps a line; whatever is left out keeps all.

    Attributes:
        since: not before this instant.
        until: before this instant.
        by: who did it.
        who: part of his name, or his mobile number.
        action: code of the outcome, action or deed.
        about: part of what a line of the sign-in or system log is about.
        address: the beginning of the network address.
        object: key of an object; data log only.
        record: id of a record; goes with ``object``.
        marked: only what administrators should look at; system log only.
    """

    since: datetime | None = None
    until: datetime | None = None
    by: int | None = None
    who: str = ""
    action: str = ""
    about: str = ""
    address: str = ""
    object: str = ""
    record: int | None = None
    marked: bool = False

    def to_json(self) -> dict[str, Any]:
        """Write it for a job; what keeps all is left out."""
        found = {key: value for key, value in asdict(self).items() if value}
        for key in ("since", "until"):
            if key in found:
                found[key] = found[key].isoformat()
        return found

    @staticmethod
    def of(raw: Mapping[str, Any]) -> "LogFilter":
        """Read what `to_json` wrote."""
        times = {key: datetime.fromisoformat(raw[key]) for key in ("since", "until") if key in raw}
        return LogFilter(**{**raw, **times})
