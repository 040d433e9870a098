"""What a new site needs of the database: ledger entries and DDL steps, worked out on paper.

Expand only: tables, nullable columns, side tables, and indexes of tables that hold few rows.
Nothing is renamed, retyped or dropped here. What takes its time on a full table is a deferral:
`engine.publish.deferred` makes jobs of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from engine.fields.base import FieldType
from engine.publish.conversion import rule_of
from engine.storage.ledger import (
    FieldEntry,
    Ledger,
    LedgerChange,
    ObjectEntry,
    new_field,
    table_name,
    with_field,
)
from metadata.errors import Problem
from metadata.model import FieldDef, ObjectDef, Site

StepKind = Literal[
    "create_table", "add_column", "create_side_table", "create_unique", "create_index"
]
DeferralKind = Literal["index", "unique", "not_unique", "required", "search", "convert", "purge"]
SAME_COLUMN = frozenset({("text", "long_text"), ("long_text", "text")})
"""Type changes that move nothing: the column stays as it is."""


@dataclass(frozen=True, slots=True)
class Step:
    """One piece of DDL. ``field`` is "" for a whole table; ``name`` the physical thing made."""

    kind: StepKind
    object: str
    field: str
    name: str


@dataclass(frozen=True, slots=True)
class Deferral:
    """Work on the records that are there.

    ``field`` "": the object; ``name``: of an index, or the ledger's id of what a field was.
    """

    kind: DeferralKind
    object: str
    field: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How full the tables are of the objects that a publish changes.

    ``filled``: those that hold a record; ``large``: those that hold so many that the publish
    transaction leaves their indexes to jobs.
    """

    filled: frozenset[str] = frozenset()
    large: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Pen:
    """Where the planning of one publish is written down."""

    next_object: int
    next_field: int
    ledger: dict[str, ObjectEntry]
    steps: list[Step] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    objects: list[str] = field(default_factory=list)
    fields: list[tuple[ObjectEntry, FieldEntry]] = field(default_factory=list)
    retired: list[FieldEntry] = field(default_factory=list)
    retyped: list[FieldEntry] = field(default_factory=list)
    made_unique: list[FieldEntry] = field(default_factory=list)
    renamed: list[FieldEntry] = field(default_factory=list)
    became: list[tuple[FieldEntry, int]] = field(default_factory=list)
    revived: list[FieldEntry] = field(default_factory=list)
    deferrals: list[Deferral] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Expansion:
    """The ledger as it will be, what to write into it, and the DDL, in order."""

    ledger: Ledger
    change: LedgerChange
    steps: tuple[Step, ...]
    problems: tuple[Problem, ...]
    deferrals: tuple[Deferral, ...] = ()


def expand(
    old: Site,
    new: Site,
    ledger: Ledger,
    types: Mapping[str, FieldType],
    ids: tuple[int, int],
    sizes: Sizes = Sizes(),
) -> Expansion:
    """Work out how the database must grow to serve ``new``.

    Args:
        old: the site now published (an empty one at the first install).
        new: the site to publish, already checked.
        ledger: the ledger as it stands.
        types: the field types by key.
        ids: the next free object id and field id.
        sizes: how full the tables are.
    """
    pen = _Pen(next_object=ids[0], next_field=ids[1], ledger=dict(ledger))
    pairs = _renames(old, new)
    for definition in new.objects.values():
        entry = ledger.get(definition.key)
        before = old.objects.get(definition.key)
        if before is definition and entry is not None:
            continue
        if entry is None:
            _new_object(pen, definition, types)
        else:
            _rename(pen, definition, pairs)
            _grow(pen, definition, before, types, sizes)
    change = LedgerChange(
        objects=tuple(pen.ledger[key] for key in pen.objects),
        fields=tuple(pen.fields),
        retired=tuple(pen.retired),
        retyped=tuple(pen.retyped),
        made_unique=tuple(pen.made_unique),
        renamed=tuple(pen.renamed),
        became=tuple(pen.became),
        revived=tuple(pen.revived),
    )
    return Expansion(
        pen.ledger, change, tuple(pen.steps), tuple(pen.problems), tuple(pen.deferrals)
    )


def _renames(old: Site, new: Site) -> set[tuple[str, str, str]]:
    """Give what packs of either site call otherwise: object, one key, the other key.

    Both ways: a rollback gives the field its former key back.
    """
    pairs: set[tuple[str, str, str]] = set()
    for site in (old, new):
        for pack in site.packs.values():
            for before, after in (pack.renames.get("fields") or {}).items():
                owner, _, key = before.partition(".")
                other = after.rpartition(".")[2]
                pairs |= {(owner, key, other), (owner, other, key)}
    return pairs


def _rename(pen: _Pen, definition: ObjectDef, pairs: set[tuple[str, str, str]]) -> None:
    """Give a field its new key: identity, columns and data stay."""
    owner = pen.ledger[definition.key]
    for object_key, before, after in sorted(pairs):
        known = owner.fields.get(before)
        here = object_key == definition.key and after in definition.fields
        free = before not in definition.fields and after not in owner.fields
        if not here or not free or known is None:
            continue
        moved = replace(known, key=after)
        living = {key: entry for key, entry in owner.fields.items() if key != before}
        owner = replace(owner, fields={**living, after: moved})
        pen.ledger[definition.key] = owner
        pen.renamed.append(moved)


def _new_object(pen: _Pen, definition: ObjectDef, types: Mapping[str, FieldType]) -> None:
    entry = ObjectEntry(
        id=pen.next_object, key=definition.key, table_name=table_name(definition.key)
    )
    pen.next_object += 1
    pen.objects.append(definition.key)
    pen.ledger[definition.key] = entry
    pen.steps.append(Step("create_table", definition.key, "", entry.table_name))
    for one in definition.fields.values():
        made = _enter(pen, definition.key, one, types)
        if made.side_table:
            pen.steps.append(Step("create_side_table", definition.key, one.key, made.side_table))


def _grow(
    pen: _Pen,
    definition: ObjectDef,
    before: ObjectDef | None,
    types: Mapping[str, FieldType],
    sizes: Sizes,
) -> None:
    is_filled, is_large = definition.key in sizes.filled, definition.key in sizes.large
    for one in definition.fields.values():
        known = pen.ledger[definition.key].fields.get(one.key)
        served = before.fields.get(one.key) if before is not None else None
        if known is not None and served is not None and _is_made_anew(one, served, known):
            _retire(pen, definition.key, known)
            known = served = None
        if served is not None and one.computed is not None and served.computed is None:
            _refuse_type(pen, definition.key, one, served.type)
            continue
        if known is not None and known.type != one.type:
            if not _settle_type(pen, definition.key, one, known, was_served=served is not None):
                continue
            known = pen.ledger[definition.key].fields.get(one.key)
        if known is None:
            _add_columns(pen, definition.key, one, types, is_large=is_large)
        elif served is not None and (moved := _moved(one, served, types[one.type])):
            params = {"field": one.key, "property": moved}
            path = f"fields/{one.key}/{moved}"
            document = f"object/{definition.key}"
            pen.problems.append(
                Problem("fixed_property", document=document, path=path, params=params)
            )
        elif one.unique and _starts_unique(known, served):
            _start_unique(pen, definition.key, known, is_filled=is_filled)
        elif served is not None and served.unique and not one.unique and is_filled:
            _end_unique(pen, definition.key, known)


def _moved(one: FieldDef, served: FieldDef, type_: FieldType) -> str:
    """Give a property that stored values rely on and that differs; "" when none does."""
    return next((p for p in sorted(type_.fixed) if one.props.get(p) != served.props.get(p)), "")


def _settle_type(
    pen: _Pen, object_key: str, one: FieldDef, known: FieldEntry, *, was_served: bool
) -> bool:
    """Settle a key whose type differs from the ledger's; tell whether planning may go on."""
    owner = pen.ledger[object_key]
    if (known.type, one.type) in SAME_COLUMN:
        moved = replace(known, type=one.type)
        pen.retyped.append(moved)
        pen.ledger[object_key] = with_field(owner, moved)
        return True
    if _revive(pen, object_key, one, known):
        return True
    if was_served and rule_of(known.type, one.type):
        pen.became.append((known, pen.next_field))  # the id that the new columns get
        pen.deferrals.append(Deferral("convert", object_key, one.key, str(known.id)))
        pen.ledger[object_key] = _without(owner, one.key)
        return True
    if was_served:
        _refuse_type(pen, object_key, one, known.type)
        return False
    _retire(pen, object_key, known)  # hidden before: the key is free for another field
    return True


def _refuse_type(pen: _Pen, object_key: str, one: FieldDef, before: str) -> None:
    after = one.type if one.computed is None else one.computed.kind
    params = {"field": one.key, "before": before, "after": after}
    path = f"fields/{one.key}/type"
    pen.problems.append(
        Problem("type_change", document=f"object/{object_key}", path=path, params=params)
    )


def _retire(pen: _Pen, object_key: str, known: FieldEntry) -> None:
    """Give the key of a field free for another; its columns stay taken."""
    owner = pen.ledger[object_key]
    pen.retired.append(known)
    living = {key: entry for key, entry in owner.fields.items() if key != known.key}
    pen.ledger[object_key] = ObjectEntry(
        owner.id, owner.key, owner.table_name, living, owner.taken
    )


def _is_made_anew(one: FieldDef, served: FieldDef, known: FieldEntry) -> bool:
    """Tell whether a computed field needs other columns: its values can all be made again."""
    if served.computed is None:
        return False
    if one.computed is None:  # it stays as it stands, where it stands anywhere
        return not known.columns
    moved = [one.props.get(name) != served.props.get(name) for name in ("scale", "currency")]
    needs = not one.computed.virtual and not known.columns
    return needs or known.type != one.type or any(moved)


def _without(owner: ObjectEntry, key: str) -> ObjectEntry:
    living = {name: entry for name, entry in owner.fields.items() if name != key}
    return replace(owner, fields=living)


def _revive(pen: _Pen, object_key: str, one: FieldDef, known: FieldEntry) -> bool:
    """Take up the columns that a field had before it got its type; what is new is converted."""
    owner = pen.ledger[object_key]
    for became, entry in owner.past:
        if became == known.id and entry.type == one.type:
            back = replace(entry, key=one.key)
            pen.became.append((known, back.id))
            pen.revived.append(back)
            pen.ledger[object_key] = with_field(_without(owner, one.key), back)
            if rule_of(known.type, one.type):
                pen.deferrals.append(Deferral("convert", object_key, one.key, str(known.id)))
            return True
    return False


def _add_columns(
    pen: _Pen,
    object_key: str,
    one: FieldDef,
    types: Mapping[str, FieldType],
    *,
    is_large: bool,
) -> None:
    made = _enter(pen, object_key, one, types, unproven=one.unique and is_large)
    table = pen.ledger[object_key].table_name
    names = (*made.columns, *([made.unique_column] if made.unique_column else []))
    for name in names:
        pen.steps.append(Step("add_column", object_key, one.key, f"{table}.{name}"))
    if made.side_table:
        pen.steps.append(Step("create_side_table", object_key, one.key, made.side_table))
    if made.unproven:
        pen.deferrals.append(Deferral("unique", object_key, one.key))
    elif made.unique_column:
        pen.steps.append(Step("create_unique", object_key, one.key, made.unique_column))


def _starts_unique(known: FieldEntry, served: FieldDef | None) -> bool:
    """Tell whether a unique field was not so before; one that was hidden or renamed may be."""
    if known.unique_column is None:
        return True
    return known.unproven if served is None else not served.unique


def _end_unique(pen: _Pen, object_key: str, known: FieldEntry) -> None:
    """Nobody keeps the folded values from now on: should it be unique again, all is looked at."""
    changed = replace(known, unproven=True)
    pen.ledger[object_key] = with_field(pen.ledger[object_key], changed)
    pen.made_unique.append(changed)
    pen.deferrals.append(Deferral("not_unique", object_key, known.key))


def _start_unique(pen: _Pen, object_key: str, known: FieldEntry, *, is_filled: bool) -> None:
    name = f"u_{known.id}"
    changed = replace(known, unique_column=name, unproven=is_filled)
    owner = with_field(pen.ledger[object_key], changed)
    pen.ledger[object_key] = owner
    pen.made_unique.append(changed)
    if known.unique_column is None:
        pen.steps.append(Step("add_column", object_key, known.key, f"{owner.table_name}.{name}"))
    if is_filled:
        pen.deferrals.append(Deferral("unique", object_key, known.key))
    else:
        pen.steps.append(Step("create_unique", object_key, known.key, name))


def _enter(
    pen: _Pen,
    object_key: str,
    one: FieldDef,
    types: Mapping[str, FieldType],
    *,
    unproven: bool = False,
) -> FieldEntry:
    owner = pen.ledger[object_key]
    made = replace(new_field(owner, pen.next_field, one, types[one.type]), unproven=unproven)
    pen.next_field += 1
    pen.fields.append((owner, made))
    pen.ledger[object_key] = with_field(owner, made)
    return made
