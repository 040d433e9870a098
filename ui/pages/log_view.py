"""A log as its page shows it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from engine.access.roles import rights_of
from engine.logs.asked import WORDS
from engine.logs.lines import LineChange, LogLine
from engine.logs.read import LogPage
from engine.logs.wanted import DATA, SHAPES, SIGN_INS
from engine.storage.snapshot import Unit
from metadata.model import say
from ui.i18n import has_text, translate
from ui.log_words import actions_of, log_name
from ui.pages.history_view import instant_text, when
from ui.pages.import_view import Choice

TONES = {
    "create": "green", "restore": "green", "delete": "red", "purge": "red",
    "signed_in": "green", "signed_in_by_link": "green", "refused": "red", "throttled": "red",
    "signed_in_by_provider": "green", "signed_in_with_code": "green",
    "signed_in_with_recovery_code": "green", "second_step_refused": "red",
}  # fmt: skip
MOST_CHANGES = 5
"""Fields of one line that are shown; the record's history has all."""


@dataclass(frozen=True, slots=True)
class LogTab:
    """A log that this person may read."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """A line as shown."""

    when: str
    instant: str
    instant_text: str
    who: str
    who_url: str
    action: str
    tone: str
    about: str
    about_url: str
    changes: tuple[LineChange, ...]
    more: str
    details: tuple[tuple[str, str], ...]
    address: str
    address_url: str
    request: str
    marked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogView:
    """A page of a log. ``given``: the filter as it was typed."""

    log: str
    title: str
    url: str
    tabs: tuple[LogTab, ...]
    given: Mapping[str, str]
    words: tuple[str, ...]
    actions: tuple[Choice, ...]
    objects: tuple[Choice, ...]
    lines: tuple[LineView, ...]
    older_url: str = ""
    newest_url: str = ""
    reached: str = ""
    problem: str = ""

    @property
    def person(self) -> str:
        """Name the person that the filter is about."""
        return self.lines[0].who if self.lines else f"#{self.given['by']}"


def address_of(log: str) -> str:
    """Give the address of a log's page."""
    return f"/logs/{log}"


def readable_logs(unit: Unit) -> list[str]:
    """List the logs that the actor may read."""
    rights = rights_of(unit)
    return [log for log, shape in SHAPES.items() if rights.admin(shape.right)]


def log_view(
    unit: Unit, log: str, given: Mapping[str, str], page: LogPage, problem: str = ""
) -> LogView:
    """Make the view of a page."""
    context, url = unit.context, address_of(log)
    language = context.locale.language
    kept = {word: given[word] for word in WORDS[log] if given.get(word)}
    actions = actions_of(unit.snapshot, log, language)
    older = _url(url, {**kept, "cursor": page.next_cursor}) if page.next_cursor else ""
    seen = readable_logs(unit)
    return LogView(
        log=log,
        title=log_name(log, language),
        url=url,
        tabs=tuple(LogTab(log_name(one, language), address_of(one), one == log) for one in seen),
        given=kept,
        words=tuple(WORDS[log]),
        actions=_choices(actions, kept.get("action", "")),
        objects=_choices(_objects(unit, log, language), kept.get("object", "")),
        lines=tuple(_line(unit, log, line, actions) for line in page.lines),
        older_url=older,
        newest_url=_url(url, kept) if given.get("cursor") else "",
        reached=instant_text(page.reached, context) if page.reached and older else "",
        problem=problem,
    )


def _line(unit: Unit, log: str, line: LogLine, actions: Mapping[str, str]) -> LineView:
    context, url = unit.context, address_of(log)
    language = context.locale.language
    more = max(0, len(line.changes) - MOST_CHANGES) + line.hidden
    nobody = "logs.unnamed" if log == SIGN_INS else "history.platform"
    who = line.by_name if line.by is not None else translate(language, nobody)
    return LineView(
        when=when(line.at, context),
        instant=line.at.isoformat(),
        instant_text=instant_text(line.at, context),
        who=who or translate(language, "logs.unnamed"),
        who_url=_url(url, {"by": line.by}) if line.by is not None else "",
        action=actions.get(line.action, line.action),
        tone=TONES.get(line.action, ""),
        about=f"{line.object_label} #{line.record}" if log == DATA else line.about,
        about_url=_record_url(unit, line),
        changes=tuple(line.changes[:MOST_CHANGES]),
        more=translate(language, "logs.more_fields", count=more) if more else "",
        details=tuple(_details(line.details, language)),
        address=line.address,
        address_url=_url(url, {"address": line.address}) if line.address else "",
        request=line.request_id,
        marked=line.marked,
    )


def _record_url(unit: Unit, line: LogLine) -> str:
    """Give the page of a record; whether it opens for this person is asked there."""
    known = line.object and rights_of(unit).allows(line.object, "read")
    return f"/o/{line.object}/{line.record}" if known else ""


def _details(details: Mapping[str, Any], language: str) -> Iterator[tuple[str, str]]:
    for key, value in details.items():
        if value in ("", None, [], {}):
            continue
        known = f"logs.detail.{key}"
        yield translate(language, known) if has_text(language, known) else key, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        return ", ".join(map(str, value))
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _objects(unit: Unit, log: str, language: str) -> dict[str, str]:
    if log != DATA:
        return {}
    objects = unit.snapshot.objects
    return {key: say(bound.definition.plural, language) for key, bound in objects.items()}


def _choices(known: Mapping[str, str], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(key, label, chosen=key == chosen) for key, label in known.items())


def _url(path: str, parameters: Mapping[str, Any]) -> str:
    return f"{path}?{urlencode(parameters)}" if parameters else path
