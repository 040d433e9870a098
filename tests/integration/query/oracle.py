"""What conditions mean, said once more and slowly: one record at a time, in plain Python."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from engine.query.periods import Days, days_of
from metadata.conditions import AllOf, AnyOf, Exists, FieldValue, Node, Not, Period, Test
from tests.integration.query.bookshop import ANN
from tests.support.worlds import NOW, Rows

Record = Mapping[str, Any]
SHANGHAI = timedelta(hours=8)
TODAY = (NOW + SHANGHAI).date()
EMPTY_HOLDS = {"ne", "not_in", "not_contains"}
OPPOSITES = {"ne": "eq", "not_in": "in", "not_contains": "contains"}
COMPARE = {
    "eq": lambda one, other: one == other,
    "gt": lambda one, other: one > other,
    "gte": lambda one, other: one >= other,
    "lt": lambda one, other: one < other,
    "lte": lambda one, other: one <= other,
}


class Oracle:
    """Judges conditions over all records of a shop."""

    def __init__(self, rows: Rows, records: Mapping[str, list[Record]]) -> None:
        self.snapshot = rows.snapshot
        self.records = {
            key: {record["id"]: record for record in made} for key, made in records.items()
        }

    def holds(self, key: str, record: Record, node: Node) -> bool:
        match node:
            case AllOf(nodes):
                return all(self.holds(key, record, child) for child in nodes)
            case AnyOf(nodes):
                return any(self.holds(key, record, child) for child in nodes)
            case Not(child):
                return not self.holds(key, record, child)
            case Exists():
                return self._exists(key, record, node)
            case Test():
                return self._test(key, record, node)

    def value(self, key: str, record: Record | None, path: str) -> tuple[Any, Any]:
        """Give the field at the end of a path, and its value in ``record``."""
        head, _, rest = path.partition(".")
        field = self.snapshot.object(key).fields[head]
        value = record.get(head) if record is not None else None
        if not rest:
            return field, value
        target = field.type.target(field.definition)
        return self.value(target, self.records[target].get(value), rest)

    def _exists(self, key: str, record: Record, node: Exists) -> bool:
        inverse = self.snapshot.site.related[key][node.list]
        found = any(
            _names(other.get(inverse.field), key, record["id"])
            and other.get("deleted_at") is None
            and (node.where is None or self.holds(inverse.object, other, node.where))
            for other in self.records[inverse.object].values()
        )
        return found != node.negated

    def _test(self, key: str, record: Record, test: Test) -> bool:
        field, value = self.value(key, record, test.field)
        if isinstance(test.value, FieldValue):
            _, other = self.value(key, record, test.value.path)
            if test.op == "ne":
                return bool(value != other)
            return value is not None and other is not None and COMPARE[test.op](value, other)
        if test.op in {"empty", "not_empty"}:
            return (value is None) == (test.op == "empty")
        if value is None:
            return test.op in EMPTY_HOLDS
        if test.op in EMPTY_HOLDS:
            return not self._known(field, value, OPPOSITES[test.op], test.value)
        return self._known(field, value, test.op, test.value)

    def _known(self, field: Any, value: Any, op: str, raw: Any) -> bool:
        if op.startswith(("is_", "in_my")):
            people = value if isinstance(value, tuple) else (value,)
            return any(self._personal(field, one, op) for one in people)
        own = {"any_link": _anywhere, "date_range": _stretch}.get(field.type.key)
        if own is not None:
            return own(value, op, raw)
        if field.type.columns(field.definition)[0].kind in {"date", "instant"}:
            return _moment(value, op, raw)
        if field.type.many:
            asked = {*raw} if isinstance(raw, tuple) else {raw}
            return asked <= {*value} if op == "contains" else bool(asked & {*value})
        if op in {"contains", "starts_with"}:
            value = value[0] if field.type.plain_first else value
            return _piece(field, value, op, raw)
        return _plain(field, value, op, raw)

    def _personal(self, field: Any, value: int, op: str) -> bool:
        if op == "is_me":
            return value == ANN.user_id
        if op == "is_my_report":
            seen: set[int] = set()
            boss = self.records["user"][value].get("manager")
            while boss is not None and boss not in seen and boss != ANN.user_id:
                seen.add(boss)
                boss = self.records["user"][boss].get("manager")
            return bool(boss == ANN.user_id)
        target = field.type.target(field.definition)
        department = self.records["user"][value].get("department") if target == "user" else value
        while department is not None and department != ANN.department_id:
            if op == "in_my_department":
                return False
            department = self.records["department"][department]["parent"]
        return department is not None


def _names(value: Any, key: str, record_id: int) -> bool:
    if not isinstance(value, tuple):
        return bool(value == record_id)
    if isinstance(value[0], int):
        return record_id in value
    return f"{key}/{record_id}" in _places(value)


def _places(value: tuple[Any, ...]) -> set[str]:
    """Give what a link to any names: one pair, or texts."""
    is_pair = isinstance(value[-1], int)
    return {f"{value[0]}/{value[1]}"} if is_pair else {str(one) for one in value}


def _anywhere(value: tuple[Any, ...], op: str, raw: Any) -> bool:
    asked = set(raw) if isinstance(raw, tuple) else {raw}
    return asked <= _places(value) if op == "contains" else bool(asked & _places(value))


def _lower(text: str) -> str:
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)


def _day(value: date | datetime) -> date:
    return (value + SHANGHAI).date() if isinstance(value, datetime) else value


def _piece(field: Any, value: str, op: str, raw: str) -> bool:
    text, piece = _lower(value), _lower(raw)
    if op == "starts_with":
        return text.startswith(piece)
    return (piece.removeprefix("+") if field.type.key == "phone" else piece) in text


def _plain(field: Any, value: Any, op: str, raw: Any) -> bool:
    if op == "in":
        return any(_plain(field, value, "eq", each) for each in raw)
    if op == "between":
        low, high = (field.type.parse(each, field.definition) for each in raw)
        return bool(low <= value <= high)
    wanted = field.type.parse(raw, field.definition)
    return bool(value.startswith(wanted) if field.type.within else COMPARE[op](value, wanted))


def _stretch(value: tuple[date, date], op: str, raw: Any) -> bool:
    """Judge a stretch day by day."""
    first, last = value
    if isinstance(raw, Period):
        days = days_of(raw.name, TODAY)
        low, high = days.start, days.end - timedelta(days=1)
    else:
        ends = raw if isinstance(raw, tuple) else (raw, raw)
        low, high = (date.fromisoformat(end) for end in ends)
        if op == "eq":
            return value == (low, high)
    held = {first + timedelta(days=at) for at in range((last - first).days + 1)}
    asked = {low + timedelta(days=at) for at in range((high - low).days + 1)}
    return {
        "eq": held <= asked,
        "contains": asked <= held,
        "between": bool(held & asked),
        "gt": first > high,
        "gte": first >= low,
        "lt": last < low,
        "lte": last <= high,
    }[op]


def _moment(value: date | datetime, op: str, raw: Any) -> bool:
    if op == "between":
        return _moment(value, "gte", raw[0]) and _moment(value, "lte", raw[1])
    if isinstance(raw, str) and "T" in raw:
        return bool(COMPARE[op](value, datetime.fromisoformat(raw)))
    day = _day(value)
    if isinstance(raw, int):
        since = TODAY - timedelta(days=raw)
        return day < since if op == "older_than_days" else since <= day <= TODAY
    if isinstance(raw, Period):
        days = days_of(raw.name, TODAY)
    else:
        days = Days(date.fromisoformat(raw), date.fromisoformat(raw) + timedelta(days=1))
    last = days.end - timedelta(days=1)
    if op == "eq":
        return days.start <= day <= last
    return bool(COMPARE[op](day, last if op in {"gt", "lte"} else days.start))
