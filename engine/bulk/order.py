"""Ordering a bulk action: what, with which records, and whether the actor may at all."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import insert

from engine.access.roles import rights_of
from engine.bulk.verbs import VERBS, right_of, verb_of
from engine.context import Context
from engine.errors import FieldError, InvalidInput
from engine.publish.live import LiveSite
from engine.query.listing import ListRequest
from engine.queue.enqueue import enqueue
from engine.queue.lease import LEASE
from engine.records.act import asked_fields
from engine.records.read import count
from engine.records.shape import shape_of
from engine.records.validate import parse_input
from engine.records.writing import USUAL, Doing, Faults, Writing
from engine.storage.kernel_tables import job_row
from engine.storage.snapshot import Unit
from metadata.conditions import parse_condition
from metadata.model import ActionDef

BULK = "bulk"
MOST_IDS = 50_000
WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkOrder:
    """A bulk action as ordered.

    Attributes:
        object: which object's records.
        verb: a key of `engine.bulk.verbs.VERBS`, or an action that the object declares.
        values: field key -> raw value, of an edit or of what the action asks for.
        ids: chosen records; None means all that the rest describes.
        where: a condition as JSON has it, the scene's included.
        search: what the quick search looks for.
        language: of what is told.
    """

    object: str
    verb: str
    values: Mapping[str, Any]
    ids: tuple[int, ...] | None = None
    where: Mapping[str, Any] | None = None
    search: str = ""
    language: str = "zh-CN"

    @staticmethod
    def of(payload: Mapping[str, Any]) -> "BulkOrder":
        """Read the payload of a job; chosen ids stand in rows of their own."""
        return BulkOrder(
            object=payload["object"],
            verb=payload["verb"],
            values=payload["values"],
            ids=None if payload["everything"] else (),
            where=payload["where"],
            search=payload["search"],
            language=payload["language"],
        )

    def payload(self) -> dict[str, Any]:
        """Give what a job of this order carries."""
        told = asdict(replace(self, ids=None))
        del told["ids"]
        return {**told, "everything": self.ids is None}

    def request(self) -> ListRequest:
        """Give the list of everything that the order means, by ids."""
        return ListRequest(
            object=self.object,
            columns=("id",),
            where=parse_condition(self.where),
            sort=("id",),
            search=self.search,
            bin=verb_of(self.verb).on_bin,
        )


def order_bulk(
    live: LiveSite, context: Context, order: BulkOrder, *, by_caller: bool = False
) -> int:
    """Order a bulk action; gives the job's id.

    ``by_caller``: he runs it himself at once; only if he dies over it, a worker takes it up.

    Raises:
        UnknownObject: no such object, or out of his rights.
        Forbidden: the action is not granted.
        UnknownField: the condition names what is not there or hidden.
        InvalidInput: values, condition or ids do not fit; nothing was ordered.
    """
    with live.write(context) as unit:
        check_order(unit, order)
        ready_at = context.now + LEASE if by_caller else None
        number = enqueue(unit, BULK, order.payload(), ready_at=ready_at)
        if order.ids is not None:
            choose(unit, number, order.ids)
    if not by_caller:
        live.job_bell.set()
    return number


def check_order(unit: Unit, order: BulkOrder) -> None:
    """Check all that can be said before any record is looked at; raises as `order_bulk`."""
    rights_of(unit).require(order.object, right_of(order.verb))
    declared = _declared(unit, order)
    faults = Faults()
    if order.ids is not None and len(order.ids) > MOST_IDS:
        faults.add("ids", "too_many", most=MOST_IDS)
    if declared is not None:
        _check_asked(unit, order, declared, faults)
    elif (check := verb_of(order.verb).check) is not None:
        check(unit, order.object, order.values)
    elif verb_of(order.verb).takes_values:
        if not order.values:
            faults.add("values", "required")
        shape = shape_of(unit, order.object)
        parse_input(unit, shape, order.values, USUAL, faults)
    elif order.values:
        faults.add("values", "unknown_field")
    faults.raise_any()
    if order.ids is None:
        count(unit, order.request())  # whatever does not fit is told now, not later


def _declared(unit: Unit, order: BulkOrder) -> ActionDef | None:
    """Give the action of the object's document that is ordered; None for one of every object's.

    Raises:
        InvalidInput: there is no such action, or it is for one record at a time.
    """
    if order.verb in VERBS:
        return None
    found = unit.snapshot.object(order.object).definition.actions.get(order.verb)
    if found is None or not found.bulk:
        raise InvalidInput([FieldError("action", "unknown_action", {"value": order.verb})])
    return found


def _check_asked(unit: Unit, order: BulkOrder, action: ActionDef, faults: Faults) -> None:
    """Check what an action's form was given, as far as it is the same for all records."""
    shape = shape_of(unit, order.object)
    asked = asked_fields(unit, shape, action)
    for key in order.values.keys() - set(asked):
        faults.add(key, "unknown_field")
    known = {key: value for key, value in order.values.items() if key in asked}
    doing = Doing(right=action.key, told=action.key, asks=frozenset(asked))
    given = parse_input(unit, shape, known, Writing(doing=doing), faults)
    for key in action.require:
        if key in asked and given.get(key) is None and not faults.has(key):
            faults.add(key, "required")


def choose(unit: Unit, number: int, ids: Sequence[int]) -> None:
    """Write down which records a job deals with; chosen once, never again."""
    rows = [
        {
            "job_id": number,
            "place": record_id,
            "object_id": 0,
            "record_id": record_id,
            "state": WAITING,
            "code": "",
        }
        for record_id in dict.fromkeys(ids)
    ]
    if rows:
        unit.connection.execute(insert(job_row), rows)
