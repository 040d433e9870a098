"""Two people changed the same fields: what it was, what is saved, what is wanted, side by side."""

from dataclasses import dataclass

from engine.errors import SaveConflict
from metadata.model import say
from ui.i18n import translate
from ui.pages.changed_since import changed_since
from ui.pages.form_view import api_text
from ui.pages.history_view import text_before, when, who_of
from ui.pages.opened import Opened


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """A field that two people changed; ``base`` is what both began with."""

    field: str
    label: str
    base: str
    theirs: str
    mine: str


@dataclass(frozen=True, slots=True)
class ConflictView:
    """What the template of a conflict needs; ``merged``: what else was saved, and stays."""

    rows: tuple[ConflictRow, ...]
    who: str
    when: str
    merged: tuple[str, ...]


def conflict_view(opened: Opened, conflict: SaveConflict, version: int | None) -> ConflictView:
    """Set what somebody else saved since ``version`` beside what this person wants to save."""
    unit, fields = opened.unit, opened.bound.fields
    language = unit.context.locale.language
    none = translate(language, "conflict.nothing")
    since = changed_since(opened, version or 0)

    def base(key: str) -> str:
        seen = since.changes.get(key)
        return (text_before(opened, seen) if seen else opened.text(key)) or none

    rows = tuple(
        ConflictRow(
            field=key,
            label=say(fields[key].definition.label, language),
            base=base(key),
            theirs=opened.text(key) or none,
            mine=api_text(fields[key], mine, unit.context.locale) or none,
        )
        for key, mine in conflict.mine.items()
    )
    merged = tuple(
        say(fields[key].definition.label, language)
        for key in since.changes
        if key in fields and key not in conflict.mine
    )
    latest = since.latest
    return ConflictView(
        rows,
        who=who_of(latest, language) if latest else "",
        when=when(latest.at, unit.context) if latest else "",
        merged=merged,
    )
