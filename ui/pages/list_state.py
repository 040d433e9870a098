"""What a list shows, as its address says it: scene, filter, search, sort, view, page."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import quote_plus

from metadata.conditions import AllOf, AnyOf, Node, dump_condition, parse_condition
from metadata.errors import PlatformError

MOST_QUERY = 100
MOST_PAGE = 100_000
DIGITS = 18
TABLE, KANBAN, CALENDAR = "table", "kanban", "calendar"
VIEWS = (TABLE, KANBAN, CALENDAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListState:
    """The state of a list. Immutable: another state is another address.

    Attributes:
        object: the object's key.
        scene: key of a scene; "" means the list's first one.
        where: the person's own filter, on top of the scene.
        query: what the quick search looks for.
        sort: field keys, ``-`` means descending; empty means the scene's or the list's.
        page: counts from 1.
        view: table, kanban or calendar; "" means the one that the person chose last.
        by: the field that a kanban or a calendar is drawn by; "" means the usual one.
        on: the day that a calendar shows, as text; "" means today.
        peek: the record that lies over the list.
        broken: the address held a filter that is none.
    """

    object: str
    scene: str = ""
    where: Node | None = None
    query: str = ""
    sort: tuple[str, ...] = ()
    page: int = 1
    view: str = ""
    by: str = ""
    on: str = ""
    peek: int | None = None
    broken: bool = False

    @property
    def path(self) -> str:
        """Give the address of the plain list."""
        return f"/o/{self.object}"

    @property
    def is_filtered(self) -> bool:
        """Tell whether the person himself narrowed the list."""
        return self.where is not None or bool(self.query)

    def fields(self) -> tuple[tuple[str, str], ...]:
        """Give the state as names and values, without page and peek."""
        found = [("scene", self.scene), ("q", self.query), ("sort", ",".join(self.sort))]
        if self.where is not None:
            found.append(("where", write_condition(self.where)))
        found += [("view", self.view), ("by", self.by), ("on", self.on)]
        return tuple((name, value) for name, value in found if value)

    def url(self, **changes: Any) -> str:
        """Give the address of this state with some changes; any change goes to the first page."""
        where = changes.get("where", self.where)
        sort = changes.get("sort", self.sort)
        pairs = (
            ("scene", changes.get("scene", self.scene)),
            ("q", changes.get("query", self.query)),
            ("sort", ",".join(sort) if sort else ""),
            ("where", write_condition(where) if where is not None else ""),
            ("view", changes.get("view", self.view)),
            ("by", changes.get("by", self.by)),
            ("on", changes.get("on", self.on)),
            ("page", changes["page"] if changes.get("page", 1) > 1 else ""),
            ("peek", changes.get("peek") or ""),
        )
        told = "&".join(
            [f"{name}={quote_plus(str(value))}" for name, value in pairs if value != ""]
        )
        return f"{self.path}?{told}" if told else self.path

    def with_part(self, at: int | None, node: Node | None) -> "ListState":
        """Replace one part of the filter, remove it (None), or add one (``at`` is None)."""
        found = list(parts(self.where))
        if at is None or at >= len(found):
            found += [node] if node is not None else []
        elif node is None:
            del found[at]
        else:
            found[at] = node
        return replace(self, where=join(found, any_of=matches_any(self.where)), page=1)


def read_state(object_key: str, given: Mapping[str, Any]) -> ListState:
    """Read the state out of an address or a form; what makes no sense is left out."""
    where, broken = _condition(str(given.get("where", "")))
    sort = str(given.get("sort", ""))
    return ListState(
        object=object_key,
        scene=str(given.get("scene", "")),
        where=where,
        query=str(given.get("q", "")).strip()[:MOST_QUERY],
        sort=tuple(part for part in sort.split(",") if part)[:3],
        page=min(max(number(given.get("page")) or 1, 1), MOST_PAGE),
        view=_one_of(given.get("view"), VIEWS),
        by=str(given.get("by", "")),
        on=_day(given.get("on")),
        peek=number(given.get("peek")),
        broken=broken,
    )


def number(text: Any) -> int | None:
    """Read a whole number above zero; None for anything else."""
    plain = str(text or "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= DIGITS else None


def place_in(text: Any) -> int | None:
    """Read a place in a list, counted from 0; None for anything else."""
    plain = str(text or "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < len("1000") else None


def parts(where: Node | None) -> tuple[Node, ...]:
    """Give what a filter is made of at its top: each becomes a chip."""
    if where is None:
        return ()
    return where.nodes if isinstance(where, AllOf | AnyOf) else (where,)


def matches_any(where: Node | None) -> bool:
    """Tell whether one of the parts suffices."""
    return isinstance(where, AnyOf)


def join(nodes: list[Node], *, any_of: bool = False) -> Node | None:
    """Join parts to a filter; None when there are none."""
    if not nodes:
        return None
    return AnyOf(tuple(nodes)) if any_of and len(nodes) > 1 else AllOf(tuple(nodes))


def both(first: Node | None, second: Node | None) -> Node | None:
    """Join two conditions that must both hold."""
    found = [node for node in (first, second) if node is not None]
    if len(found) < 2:  # noqa: PLR2004 - two or one
        return found[0] if found else None
    return AllOf(tuple(found))


def write_condition(node: Node | None) -> str:
    """Write a filter as it stands in addresses."""
    return json.dumps(dump_condition(node), ensure_ascii=False, separators=(",", ":"))


def _one_of(text: Any, known: tuple[str, ...]) -> str:
    return text if text in known else ""


def _day(text: Any) -> str:
    """Read a day as an address has it; "" for anything else."""
    try:
        return date.fromisoformat(str(text or "")).isoformat()
    except ValueError:
        return ""


def _condition(text: str) -> tuple[Node | None, bool]:
    if not text:
        return None, False
    try:
        return parse_condition(json.loads(text)), False
    except (ValueError, PlatformError, RecursionError):
        return None, True
