"""What the templates of an import need."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.access.roles import rights_of
from engine.exchange.mapping import Target, map_columns, targets
from engine.exchange.order import USUAL_MODE, importing, matchable, usual_match
from engine.exchange.store import StoredFile
from engine.exchange.table import Glance
from engine.fields.clean import cell_text
from engine.records.ownership import OWNER
from engine.storage.snapshot import BoundField, Unit
from metadata.model import say
from ui.i18n import translate
from ui.widgets.base import Asked, Control, Form
from ui.widgets.registry import WIDGETS

SAMPLES = 3
LONGEST_SAMPLE = 60
STEPS = ("upload", "columns", "check", "done")


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the import; ``state``: done, now or "" (to come)."""

    label: str
    state: str


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a select."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column of the file: its name in the form, samples of its cells, the fields it may fill."""

    name: str
    header: str
    samples: str
    choices: tuple[Choice, ...]
    error: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportView:
    """A step of an import into one object."""

    object_key: str
    path: str
    list_url: str
    plural: str
    steps: tuple[Step, ...]
    facts: str = ""
    url: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[ColumnView, ...] = ()
    matches: tuple[Choice, ...] = ()
    modes: tuple[Choice, ...] = ()
    owner: Control | None = None
    needed: tuple[Choice, ...] = ()
    file_help: str = ""

    @property
    def is_complete(self) -> bool:
        """Tell whether every field that a record needs has a column."""
        return all(one.chosen for one in self.needed)


def steps_until(now: str, language: str) -> tuple[Step, ...]:
    """Give the steps; those before ``now`` are done."""
    here = STEPS.index(now)
    return tuple(
        Step(
            translate(language, f"import.step.{name}"),
            "done" if at < here else "now" if at == here else "",
        )
        for at, name in enumerate(STEPS)
    )


def base_view(unit: Unit, object_key: str, step: str, **more: Any) -> ImportView:
    """Make the view of a step; ``more``: what only this step shows."""
    definition = importing(unit, object_key).definition
    language = unit.context.locale.language
    return ImportView(
        object_key=object_key,
        path=f"/o/{object_key}/import",
        list_url=f"/o/{object_key}",
        plural=say(definition.plural, language),
        steps=steps_until(step, language),
        **more,
    )


def facts_of(file: StoredFile, seen: Glance, language: str) -> str:
    """Say what a file is: its name, its rows, how it is written."""
    return translate(
        language, "import.facts", name=file.name, rows=f"{seen.rows:,}", format=seen.written_as
    )


def columns_view(
    unit: Unit,
    object_key: str,
    file: StoredFile,
    seen: Glance,
    *,
    form: Form | None = None,
    errors: Mapping[str, str] | None = None,
) -> ImportView:
    """Make the view of the step that matches columns with fields."""
    bound = importing(unit, object_key)
    language = unit.context.locale.language
    found_targets = targets(unit, bound)
    fields = [one.field for one in found_targets.values() if one.table is None]
    chosen, unclear, computed = _chosen(unit, object_key, seen, form)
    found = errors or {}
    columns = tuple(
        ColumnView(
            name=f"column-{at}",
            header=text or translate(language, "import.column_unnamed", number=at + 1),
            samples=_samples(seen, at),
            choices=_choices(found_targets.values(), chosen[at], language),
            error=found.get(f"column-{at}")
            or (translate(language, "import.unclear") if at in unclear else ""),
            note=translate(language, "import.computed") if at in computed else "",
        )
        for at, text in enumerate(seen.header)
    )
    match = _last(form, "match") or usual_match(bound, chosen) or bound.name.key
    mode = _last(form, "mode") or USUAL_MODE
    return base_view(
        unit,
        object_key,
        "columns",
        facts=facts_of(file, seen, language),
        url=f"/o/{object_key}/import/{file.id}",
        errors=found,
        columns=columns,
        matches=_choices([Target(one) for one in fields if matchable(one)], match, language),
        modes=tuple(
            Choice(name, translate(language, f"import.mode.{name}"), name == mode)
            for name in ("both", "skip", "update", "create")
        ),
        owner=_owner(unit, object_key, form, found),
        needed=_needed(fields, chosen, language),
    )


def _chosen(
    unit: Unit, object_key: str, seen: Glance, form: Form | None
) -> tuple[list[str], set[int], set[int]]:
    """Give what each column fills, which are unclear, and which nobody fills."""
    bound = unit.snapshot.object(object_key)
    columns = map_columns(unit, bound, seen.header, {}, strict=False)
    computed = {column.position for column in columns if column.computed}
    if form is not None:
        return [_last(form, f"column-{at}") for at in range(len(columns))], set(), computed
    unclear = {column.position for column in columns if column.unclear}
    return [column.path for column in columns], unclear, computed


def _samples(seen: Glance, at: int) -> str:
    found = [
        str(cell_text(cells[at]))[:LONGEST_SAMPLE]
        for _, cells in seen.samples
        if at < len(cells) and cells[at] not in {None, ""}
    ]
    return " · ".join(found[:SAMPLES])


def _choices(found: Iterable[Target], chosen: str, language: str) -> tuple[Choice, ...]:
    star = {True: " *", False: ""}
    return tuple(
        Choice(
            one.path,
            one.label(language) + star[one.field.definition.required],
            one.path == chosen,
        )
        for one in found
    )


def _needed(
    fields: Sequence[BoundField], chosen: Sequence[str], language: str
) -> tuple[Choice, ...]:
    """Give the fields that every record needs; chosen: some column fills it."""
    return tuple(
        Choice(one.key, say(one.definition.label, language), one.key in chosen)
        for one in fields
        if one.definition.required and one.type.fillable and one.definition.default is None
    )


def _owner(
    unit: Unit, object_key: str, form: Form | None, errors: Mapping[str, str]
) -> Control | None:
    bound = unit.snapshot.object(object_key)
    if OWNER not in bound.fields or not rights_of(unit).allows(object_key, "transfer"):
        return None
    definition = bound.fields[OWNER].definition
    asked = Asked(
        form=form, error=errors.get(OWNER, ""), required=False, readonly=False, object=object_key
    )
    return WIDGETS[definition.type].control(definition, unit.context.locale, asked)


def _last(form: Form | None, name: str) -> str:
    values = form.get(name, ()) if form is not None else ()
    return str(values[-1]) if values else ""


def as_lists(data: Mapping[str, Any]) -> dict[str, list[str]]:
    """Give a form as names with all their values."""
    return {
        name: [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]
        for name, value in data.items()
    }
