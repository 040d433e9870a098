"""What happened to a record, in words."""

from dataclasses import dataclass

from engine.access.roles import rights_of
from engine.history.read import Seen as Entry
from engine.history.read import read_history
from engine.storage.snapshot import BoundObject, Unit
from metadata.model import say
from ui.i18n import has_text, translate
from ui.pages.record_read import Seen

MOST = 30
TONES = {"create": "green", "delete": "red", "restore": "green"}


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One field of one change, as people saw it then."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """One entry. ``instant`` is for machines, ``when`` for people."""

    who: str
    initial: str
    action: str
    tone: str
    instant: str
    when: str
    changes: tuple[ChangeLine, ...]

    @property
    def instant_text(self) -> str:
        """Give the moment in full."""
        return self.when


@dataclass(frozen=True, slots=True)
class HistoryView:
    """Entries, newest first."""

    entries: tuple[EntryView, ...]
    more_url: str = ""


def history_of(seen: Seen, tab_url: str, before: int | None) -> HistoryView:
    """Read a page of a record's history."""
    unit = seen.unit
    predicate = rights_of(unit).predicate(seen.bound.key, "read")
    page = read_history(unit, predicate, seen.bound.key, seen.id, before, MOST)
    entries = tuple(_entry(unit, seen.bound, entry) for entry in page.entries)
    more = f"{tab_url}&before={page.before}" if page.before else ""
    return HistoryView(entries, more)


def _entry(unit: Unit, bound: BoundObject, entry: Entry) -> EntryView:
    locale = unit.context.locale
    local = entry.at.astimezone(locale.zone)
    who = entry.by_name or translate(locale.language, "history.system")
    key = f"history.action.{entry.action}"
    known = has_text(locale.language, key)
    return EntryView(
        who=who,
        initial=who[:1],
        action=translate(locale.language, key)
        if known
        else _action(bound, entry.action, locale.language),
        tone=TONES.get(entry.action, ""),
        instant=local.isoformat(timespec="seconds"),
        when=local.isoformat(" ")[:16],
        changes=tuple(
            ChangeLine(
                say(bound.fields[one.key].definition.label, locale.language),
                one.change.old_text,
                one.change.new_text,
            )
            for one in entry.changes
            if one.change.old_text or one.change.new_text
        ),
    )


def _action(bound: BoundObject, key: str, language: str) -> str:
    """Name an action that the object declares; an unknown one by its key."""
    action = bound.definition.actions.get(key)
    return say(action.label, language) if action else key
