"""The words of the logs: what each log, each of its actions and each of its columns is called."""

from collections.abc import Mapping

from engine.access.accounts import OUTCOMES
from engine.audit.deeds import DEEDS
from engine.logs.wanted import DATA, SHAPES, SIGN_INS, SYSTEM
from engine.storage.snapshot import Snapshot
from metadata.model import say
from ui.i18n import has_text, translate

ACTIONS = ("create", "update", "delete", "restore", "purge", "undo")
"""What the platform itself does to records; objects declare more."""
COLUMNS: Mapping[str, tuple[str, ...]] = {
    SIGN_INS: ("at", "by", "about", "action", "address", "details"),
    DATA: (
        "at", "by", "action", "object", "record", "field", "old", "new", "hidden", "address",
        "request",
    ),
    SYSTEM: ("at", "by", "action", "about", "details", "marked", "address", "request"),
}  # fmt: skip
"""Log -> the columns of its file."""


def log_name(log: str, language: str) -> str:
    """Give the name of a log."""
    return translate(language, f"logs.{log}")


def actions_of(snapshot: Snapshot, log: str, language: str) -> dict[str, str]:
    """Give what can be filtered for: code -> what it is called."""
    if log == SIGN_INS:
        return {key: _outcome(key, language) for key in OUTCOMES}
    if log == SYSTEM:
        return {key: translate(language, f"deed.{key}") for key in DEEDS}
    found = {key: translate(language, f"logs.action.{key}") for key in ACTIONS}
    for bound in snapshot.objects.values():
        for key, action in bound.definition.actions.items():
            if not action.standard:
                found.setdefault(key, say(action.label, language) or key)
    return found


def _outcome(key: str, language: str) -> str:
    known = f"logs.outcome.{key}"
    return translate(language, known) if has_text(language, known) else key


def header_of(log: str, language: str) -> dict[str, str]:
    """Give the columns of a log's file with their titles."""
    return {key: translate(language, f"logs.column.{key}") for key in COLUMNS[log]}


def right_of(log: str) -> str:
    """Give the administration right that a log demands."""
    return SHAPES[log].right
