"""How a numbered field gets its numbers, as the customising page shows and changes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from engine.context import COMPANY_ZONE
from engine.errors import FieldError
from engine.fields.numbering import FORMATS, date_fields, next_count, number
from metadata.documents import look_up
from metadata.model import NumberRuleDef, ObjectDef, say
from ui.designer import changes as draft
from ui.designer.changes import MISSING, Change
from ui.designer.workspace import Workspace
from ui.widgets.base import Form, last

TEXT, DATE = "text", "date"
RESETS = ("never", "yearly", "monthly", "daily")
NUMBERS = ("digits", "start", "step")
MOST_SEGMENTS = 6
_USUAL = {"digits": "4", "start": "1", "step": "1"}


@dataclass(slots=True)
class Segment:
    """A part of a number before its count: ``kind`` says whether a text or a date."""

    key: str
    kind: str = TEXT
    text: str = ""
    date: str = "created_at"
    format: str = "yyyyMMdd"
    other: str = ""

    def body(self) -> dict[str, Any]:
        """Give it as a document writes it."""
        if self.kind == TEXT:
            return {"text": self.text}
        body = {"date": self.date, "format": self.format}
        return {**body, "or": self.other} if self.other else body


@dataclass(slots=True)
class Numbering:
    """A rule while it is edited; the count is always the last segment."""

    segments: list[Segment]
    counter: str
    count: dict[str, str]
    reset: str
    separator: str
    manual: bool

    def body(self) -> dict[str, Any]:
        """Give what a document says of it.

        Raises:
            ValueError: a number of the count is none.
        """
        count = {name: int(self.count[name]) for name in NUMBERS}
        segments = {one.key: one.body() for one in self.segments}
        return {
            "segments": {**segments, self.counter: {**count, "reset": self.reset}},
            "separator": self.separator,
            "manual": self.manual,
        }


def rule_of_field(workspace: Workspace, object_key: str, field: str) -> NumberRuleDef | None:
    """Give the rule that numbers a field."""
    rules = workspace.site.number_rules.values()
    return next((one for one in rules if (one.object, one.field) == (object_key, field)), None)


def numbering_of(rule: NumberRuleDef) -> Numbering:
    """Make what is edited from a rule."""
    *before, (counter, count) = rule.segments.items()
    return Numbering(
        segments=[
            Segment(
                key,
                kind=TEXT if "text" in raw else DATE,
                text=str(raw.get("text", "")),
                date=str(raw.get("date", "created_at")),
                format=str(raw.get("format", "yyyyMMdd")),
                other=str(raw.get("or", "")),
            )
            for key, raw in before
        ],
        counter=counter,
        count={name: str(count.get(name, usual)) for name, usual in _USUAL.items()},
        reset=str(count.get("reset", "never")),
        separator=rule.separator,
        manual=rule.manual,
    )


def entered(form: Form) -> Numbering:
    """Read what is edited out of a form."""
    columns = [
        form.get(f"s.{name}", ()) for name in ("key", "kind", "text", "date", "format", "or")
    ]
    return Numbering(
        segments=[Segment(*row) for row in zip(*columns, strict=False)],
        counter=str(last(form, "counter")) or "seq",
        count={name: str(last(form, name)).strip() for name in NUMBERS},
        reset=str(last(form, "reset")),
        separator=str(last(form, "separator")),
        manual=last(form, "manual") == "true",
    )


def pressed(numbering: Numbering, button: str) -> None:
    """Do what a button says: ``add:text``, ``up:1``, ``down:1``, ``drop:1``."""
    action, _, word = button.partition(":")
    rows = numbering.segments
    if action == "add" and word in {TEXT, DATE} and len(rows) < MOST_SEGMENTS - 1:
        taken = {numbering.counter, *(one.key for one in rows)}
        key = next(f"{word}_{n}" for n in range(1, 99) if f"{word}_{n}" not in taken)
        rows.append(Segment(key, kind=word))
        return
    at = int(word) if word.isdecimal() else len(rows)
    other = {"up": at - 1, "down": at + 1}.get(action, -1)
    if action == "drop" and at < len(rows):
        del rows[at]
    elif 0 <= other < len(rows) and at < len(rows):
        rows[at], rows[other] = rows[other], rows[at]


def faults_of(numbering: Numbering) -> list[FieldError]:
    """Tell what cannot even be written down; the rest is found when the draft is compiled."""
    return [
        FieldError(name, "not_a_whole_number")
        for name in NUMBERS
        if not numbering.count[name].isascii() or not numbering.count[name].isdigit()
    ]


def date_choices(definition: ObjectDef, language: str) -> Sequence[tuple[str, str]]:
    """Give the fields whose day may stand in a number."""
    return [
        (key, say(field.label, language))
        for key, field in definition.fields.items()
        if field.type in {"date", "datetime"} and key not in {"updated_at", "deleted_at"}
    ]


def samples(workspace: Workspace, rule: NumberRuleDef) -> tuple[str, ...]:
    """Make the first numbers of a rule as they would be today."""
    now = workspace.unit.context.now
    values: Mapping[str, Any] = {key: now.astimezone(UTC) for key in date_fields(rule)}
    values = {**values, "created_at": now}
    first = next_count(rule, None)
    return tuple(
        number(rule, values, count, COMPANY_ZONE) for count in (first, next_count(rule, first))
    )


def sample_of(workspace: Workspace, rule: NumberRuleDef, edited: Numbering) -> tuple[str, ...]:
    """Make sample numbers of what is edited; none while it makes no sense."""
    if faults_of(edited) or any(one.format not in FORMATS for one in edited.segments):
        return ()
    body = edited.body()
    made = NumberRuleDef(
        key=rule.key,
        object=rule.object,
        field=rule.field,
        segments=body["segments"],
        separator=edited.separator,
        manual=edited.manual,
    )
    return samples(workspace, made)


def set_numbering(workspace: Workspace, rule: NumberRuleDef, edited: Numbering) -> list[Change]:
    """Say anew how a rule makes numbers."""
    document = f"number_rule/{rule.key}"
    published = workspace.published(document)
    made = [dict(one) for one in workspace.changes]
    usual = {"separator": "-", "manual": True}
    for name, value in edited.body().items():
        before = look_up(published.body, name, MISSING) if published is not None else MISSING
        wished = MISSING if before is MISSING and value == usual.get(name) else value
        made = draft.set_value(made, document, name, wished, published=before)
    return made
