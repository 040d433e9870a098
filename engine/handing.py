"""Ordering a hand-over of what somebody has: who gets what, in one job that can be taken back."""

from collections.abc import Mapping

from engine.access.actors import ACTIVE, read_person
from engine.access.scope import DEPARTMENT, USER
from engine.accounts import account_for
from engine.audit.deeds import log_deed
from engine.bulk.hand_over import HAND_OVER, MANAGER, choose_holdings
from engine.bulk.order import BULK, BulkOrder
from engine.errors import FieldError, InvalidInput
from engine.queue.enqueue import enqueue
from engine.storage.snapshot import Unit


def order_hand_over(unit: Unit, user_id: int, receivers: Mapping[str, int | None]) -> int:
    """Order it; gives the job's id. The caller rings the bell.

    Args:
        unit: the transaction.
        user_id: who hands over.
        receivers: object -> who gets it. ``user``: the new manager of the reports, None for the
            one of him who hands over; ``department``: the new leader, None for none. What is not
            named stays.

    Raises:
        UnknownObject, Forbidden, UnknownAction: the action is not granted, or not declared.
        RecordNotFound: no such person, or out of reach.
        SuperadminProtected, HoldsMore: it is somebody who may do more.
        InvalidInput: by object, a receiver who cannot be one; or there is nothing to hand over.
    """
    account = account_for(unit, user_id, HAND_OVER)
    faults = [
        FieldError(key, code)
        for key, to in receivers.items()
        if (code := _unfit(unit, key, user_id, to))
    ]
    if faults:
        raise InvalidInput(faults)
    order = BulkOrder(
        object=USER,
        verb=HAND_OVER,
        values={"from": user_id, "to": dict(receivers), "upper": account.values.get(MANAGER)},
        ids=(),
        language=unit.context.locale.language,
    )
    number = enqueue(unit, BULK, order.payload())
    count = choose_holdings(unit, number, user_id, receivers.keys())
    if not count:
        raise InvalidInput([FieldError("", "nothing_to_hand_over")])
    name = str(account.values.get("name") or "")
    details = {"user": user_id, "job": number, "records": count}
    log_deed(unit.connection, unit.context, "person.handed_over", name, details)
    return number


def _unfit(unit: Unit, object_key: str, leaver: int, to: int | None) -> str:
    if to is None:
        return "" if object_key in {USER, DEPARTMENT} else "required"
    if to == leaver:
        return "receiver_himself"
    person = read_person(unit.connection, unit.snapshot, to)
    if person is None or person.state != ACTIVE:
        return "receiver_not_active"
    return ""
