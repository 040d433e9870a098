"""What an import was told to do: checked when it is ordered, and again whenever it goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from engine.access.actors import ACTIVE, read_person
from engine.access.roles import rights_of
from engine.access.scope import USER
from engine.errors import FieldError, Forbidden, InvalidInput
from engine.exchange.mapping import MappingUnclear, map_columns, refused, targets
from engine.exchange.store import StoredFile
from engine.records.ownership import OWNER
from engine.storage.snapshot import BoundField, BoundObject, Unit
from engine.storage.tables import unique_column

Mode = Literal["create", "update", "both", "skip"]
MODES: tuple[Mode, ...] = ("create", "update", "both", "skip")
USUAL_MODE: Mode = "both"
OPTIONS = frozenset({"map", "match", "mode", "owner", "dry_run"})
IMPORT = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An import as ordered.

    Attributes:
        object: which object the rows go into.
        file: the id of the file.
        columns: the field that each column of the file fills, "" where it is left out; a field
            of lines as ``<field>.<field of the line>``.
        match: the key of the field that tells whether a record is there already, "" for none.
        mode: create (never look), update (only what is there), both, skip (only what is not).
        owner: whose the new records are; None means the importing person.
        dry_run: everything but the writing.
        language: of who ordered it: labels of options and regions are read in it first.
        name: what the file is called.
    """

    object: str
    file: str
    columns: tuple[str, ...]
    match: str
    mode: Mode
    owner: int | None = None
    dry_run: bool = False
    language: str = "zh-CN"
    name: str = ""

    def payload(self) -> dict[str, Any]:
        """Give the payload of the job."""
        return asdict(self)

    @staticmethod
    def of(payload: Mapping[str, Any]) -> "Order":
        """Read the payload of a job."""
        return Order(**{**payload, "columns": tuple(payload["columns"])})


@dataclass(frozen=True, slots=True)
class Options:
    """What a caller says about an import; what he leaves open is found out from the file."""

    map: Mapping[str, str]
    match: str = ""
    mode: Mode = USUAL_MODE
    owner: int | None = None
    dry_run: bool = False


def parse_options(raw: Mapping[str, Any]) -> Options:
    """Read the options of an API call.

    Raises:
        InvalidInput: lists everything wrong, unknown keys too.
    """
    errors = [FieldError(key, "unknown_field") for key in raw.keys() - OPTIONS]
    told, match, mode = raw.get("map", {}), raw.get("match") or "", raw.get("mode", USUAL_MODE)
    owner, dry_run = raw.get("owner"), raw.get("dry_run", False)
    if not isinstance(told, Mapping) or not all(isinstance(key, str) for key in told.values()):
        errors.append(FieldError("map", "not_a_mapping"))
    if not isinstance(match, str):
        errors.append(FieldError("match", "not_text"))
    if mode not in MODES:
        errors.append(FieldError("mode", "unknown_mode"))
    if owner is not None and (isinstance(owner, bool) or not isinstance(owner, int)):
        errors.append(FieldError("owner", "not_an_id"))
    if not isinstance(dry_run, bool):
        errors.append(FieldError("dry_run", "not_a_boolean"))
    if errors:
        raise InvalidInput(errors)
    return Options(told, match, mode, owner, dry_run)


def make_order(
    unit: Unit, object_key: str, file: StoredFile, header: Sequence[str], options: Options
) -> Order:
    """Make an order of what somebody says and of the file's header.

    Raises:
        UnknownObject: no such object, or it is out of his rights.
        Forbidden: he may not import into it.
        MappingUnclear: columns that need a person.
        InvalidInput: an option that does not fit.
    """
    bound = importing(unit, object_key)
    columns = map_columns(unit, bound, header, options.map)
    for column in columns:
        if column.unclear:
            raise MappingUnclear(
                reason="several_fields", header=column.header, field=", ".join(column.unclear)
            )
    order = Order(
        object=object_key,
        file=file.id,
        name=file.name,
        columns=tuple(column.path for column in columns),
        match=options.match,
        mode=options.mode,
        owner=options.owner,
        dry_run=options.dry_run,
        language=unit.context.locale.language,
    )
    return check_order(unit, order)


def check_order(unit: Unit, order: Order) -> Order:
    """Check an order against the rights and the documents of this moment.

    Returns:
        The order, with the field to match by where it was left open.

    Raises:
        Forbidden: something in it is not granted.
        MappingUnclear: a field is gone, out of his rights, or the match is not in the file.
        InvalidInput: the owner is nobody who can own records.
    """
    bound = importing(unit, order.object)
    rights = rights_of(unit)
    if order.mode != "update":
        rights.require(order.object, "create")
    if order.mode in {"update", "both"}:
        rights.require(order.object, "update")
    known = targets(unit, bound)
    for path in order.columns:
        if path and path not in known:
            raise refused(unit, bound, path, "")
    if not any(order.columns):
        raise MappingUnclear(reason="nothing_mapped", header="", field="")
    _check_owner(unit, bound, order.owner)
    match = "" if order.mode == "create" else _match(bound, order)
    return Order(**{**asdict(order), "match": match})


def importing(unit: Unit, object_key: str) -> BoundObject:
    """Give an object that the actor may import into.

    Raises:
        UnknownObject: there is none that he may know of.
        Forbidden: it takes no imports, or not his.
    """
    bound = unit.snapshot.object(object_key)
    rights_of(unit).require(object_key, IMPORT)
    if not bound.definition.has(IMPORT):
        raise Forbidden(object=object_key, action=IMPORT)
    return bound


def matchable(field: BoundField) -> bool:
    """Tell whether records can be found by the value of a field."""
    return not field.type.labelled and not field.type.lines and not field.many


def usual_match(bound: BoundObject, columns: Sequence[str]) -> str:
    """Choose the field to match by: a unique one in the file, else the name; "" for none."""
    fields = [bound.fields[key] for key in columns if key in bound.fields]
    filled = [field for field in fields if matchable(field)]
    unique = [field.key for field in filled if unique_column(field) is not None]
    name = bound.definition.name_field
    if name in unique or not unique:
        return name if any(field.key == name for field in filled) else ""
    return unique[0]


def _match(bound: BoundObject, order: Order) -> str:
    match = order.match or usual_match(bound, order.columns)
    if not match:
        raise MappingUnclear(reason="no_match", header="", field="")
    field = bound.fields.get(match) if match in order.columns else None
    if field is None or not matchable(field):
        raise MappingUnclear(reason="match_not_in_file", header="", field=match)
    return match


def _check_owner(unit: Unit, bound: BoundObject, owner: int | None) -> None:
    if owner is None or owner == unit.context.actor.user_id:
        return
    if OWNER not in bound.fields:
        raise InvalidInput([FieldError("owner", "has_no_owner")])
    rights_of(unit).require(bound.key, "transfer")
    person = read_person(unit.connection, unit.snapshot, owner)
    if USER not in unit.snapshot.objects or person is None or person.state != ACTIVE:
        raise InvalidInput([FieldError("owner", "link_not_found")])
