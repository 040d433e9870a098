"""What happened to a record, in words: who, when, from what to what."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.access.roles import rights_of
from engine.context import Context
from engine.history.read import Seen, SeenChange, read_history
from engine.history.said import said
from engine.records.encode import ALWAYS, covered
from metadata.model import say
from ui.i18n import has_text, translate
from ui.pages.opened import Opened

MOST = 30
TONES = {"create": "green", "restore": "green", "delete": "red", "purge": "red"}


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A field that changed; of one that holds several values, what came and what went."""

    label: str
    old: str
    new: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """What somebody did; ``is_first``: there was nothing before."""

    who: str
    initial: str
    action: str
    tone: str
    when: str
    instant: str
    instant_text: str
    changes: tuple[ChangeView, ...]
    is_first: bool = False
    hidden: str = ""


@dataclass(frozen=True, slots=True)
class HistoryView:
    """A page of a record's history."""

    entries: tuple[EntryView, ...]
    more_url: str = ""


def history_view(opened: Opened, tab: str, before: int | None = None) -> HistoryView:
    """Read what happened to a record, newest first, as much of it as the person may see."""
    unit = opened.unit
    action = "restore" if opened.binned else "read"
    predicate = rights_of(unit).predicate(opened.key, action)
    found = read_history(unit, predicate, opened.key, opened.id, before, MOST)
    entries = tuple(_entry(opened, entry) for entry in found.entries)
    more = f"{opened.url}?tab={tab}&before={found.before}" if found.before else ""
    return HistoryView(entries, more)


def when(instant: datetime, context: Context) -> str:
    """Say when something was, in as few words as make it clear."""
    local = instant.astimezone(context.locale.zone)
    time, language = f"{local:%H:%M}", context.locale.language
    if local.date() == context.today:
        return translate(language, "history.today", time=time)
    if local.date() == context.today - timedelta(days=1):
        return translate(language, "history.yesterday", time=time)
    if local.year == context.today.year:
        return f"{local:%m-%d} {time}"
    return f"{local:%Y-%m-%d} {time}"


def instant_text(instant: datetime, context: Context) -> str:
    """Write an instant in full, in the company's time zone."""
    return f"{instant.astimezone(context.locale.zone):%Y-%m-%d %H:%M:%S}"


def _entry(opened: Opened, entry: Seen) -> EntryView:
    context = opened.unit.context
    language = context.locale.language
    who = who_of(entry, language)
    hidden = translate(language, "history.hidden", count=entry.hidden) if entry.hidden else ""
    return EntryView(
        who=who,
        initial=who[:1],
        action=_action(opened, entry.action),
        tone=TONES.get(entry.action, ""),
        when=when(entry.at, context),
        instant=entry.at.isoformat(),
        instant_text=instant_text(entry.at, context),
        changes=(*_changes(opened, entry), *_places(opened, entry)),
        is_first=entry.action == "create",
        hidden=hidden,
    )


def who_of(entry: Seen, language: str) -> str:
    """Name who did what an entry tells."""
    who = entry.by_name if entry.by is not None else translate(language, "history.platform")
    return who or translate(language, "history.nobody")


def text_before(opened: Opened, seen: SeenChange) -> str:
    """Say what a field held before a change, as far as the reader may see it."""
    text = _text(opened, seen, seen.change.old) or seen.change.old_text
    if rights_of(opened.unit).field_mask(opened.key, seen.key) == ALWAYS:
        return covered(text, opened.bound.fields[seen.key])
    return text


def _rows_in(text: str) -> tuple[str, ...]:
    """Give the lines of a table, each said in one text."""
    return tuple(text.split("\n")) if text else ()


def _action(opened: Opened, key: str) -> str:
    language = opened.unit.context.locale.language
    if has_text(language, f"history.action.{key}"):
        return translate(language, f"history.action.{key}")
    action = opened.bound.definition.actions.get(key)
    return say(action.label, language) if action else key


def _changes(opened: Opened, entry: Seen) -> Iterator[ChangeView]:
    language, rights = opened.unit.context.locale.language, rights_of(opened.unit)
    for seen in entry.changes:
        label = say(opened.bound.fields[seen.key].definition.label, language)
        old, new = _text(opened, seen, seen.change.old), _text(opened, seen, seen.change.new)
        old, new = old or seen.change.old_text, new or seen.change.new_text
        if rights.field_mask(opened.key, seen.key) == ALWAYS:
            field = opened.bound.fields[seen.key]
            old, new = covered(old, field), covered(new, field)
        elif opened.bound.fields[seen.key].type.lines:
            gone, came = seen.change.old_text, seen.change.new_text
            yield ChangeView(label, gone, came, _rows_in(came), _rows_in(gone))
            continue
        elif opened.bound.fields[seen.key].many:
            before, after = (
                _several(opened, seen, value, text)
                for value, text in (
                    (seen.change.old, seen.change.old_text),
                    (seen.change.new, seen.change.new_text),
                )
            )
            added = tuple(text for key, text in after.items() if key not in before)
            removed = tuple(text for key, text in before.items() if key not in after)
            if added or removed:
                yield ChangeView(label, old, new, added, removed)
                continue
        yield ChangeView(label, old, new)


def _places(opened: Opened, entry: Seen) -> Iterator[ChangeView]:
    """Say whose place in the team changed, and from what to what."""
    for change in entry.team:
        old, new = (_place(opened, one) for one in (change.old, change.new))
        yield ChangeView(change.new_text or change.old_text, old, new)


def _place(opened: Opened, held: Any) -> str:
    """Say what somebody's place in a team was."""
    if not held:
        return ""
    context = opened.unit.context
    said = translate(context.locale.language, f"team.level.{held['level']}")
    if not held.get("expires_at"):
        return said
    ends = when(datetime.fromisoformat(held["expires_at"]), context)
    return f"{said} · {translate(context.locale.language, 'team.until', when=ends)}"


def _several(opened: Opened, seen: SeenChange, value: object, text: str) -> dict[str, str]:
    """Give each of several values with what it was shown as."""
    field = opened.bound.fields[seen.key]
    held = value if isinstance(value, list) else []
    if field.type.labelled:
        return dict(zip(map(str, held), text.split("\n"), strict=False))
    return {str(one): _text(opened, seen, [one]) or str(one) for one in held}


def _text(opened: Opened, seen: SeenChange, value: object) -> str:
    """Say a value in the reader's language, where the language makes a difference; else ""."""
    return said(opened.bound.fields[seen.key], value, opened.unit.context.locale)
