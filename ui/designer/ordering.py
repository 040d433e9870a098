"""Where fields stand on a form, as data, and the changes that bring them there.

An *arrangement* maps the path of each section (``tabs/basic/sections/main``) to the keys of its
items, in order. Changes never say positions: ``after`` names the neighbour, ``""`` the start.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ui.designer.changes import Change

Arrangement = Mapping[str, Sequence[str]]


def arrangement(body: Mapping[str, Any]) -> dict[str, list[str]]:
    """Read the arrangement of a form's document."""
    return {
        f"tabs/{tab}/sections/{name}": list(section.get("items", {}))
        for tab, definition in body.get("tabs", {}).items()
        for name, section in definition.get("sections", {}).items()
    }


def section_of(arranged: Arrangement, key: str) -> str:
    """Give the section in which a field stands; "" when it stands in none."""
    return next((path for path, keys in arranged.items() if key in keys), "")


def put(
    arranged: Arrangement, key: str, section: str, after: str | None = None
) -> dict[str, list[str]]:
    """Put a field into a section.

    Args:
        arranged: how fields stand now.
        key: the field.
        section: its new section; "" takes it off the form.
        after: the neighbour before it, "" for the start, None for the end.
    """
    made = {path: [one for one in keys if one != key] for path, keys in arranged.items()}
    if section in made:
        keys = made[section]
        at = len(keys)
        if after is not None:
            at = keys.index(after) + 1 if after in keys else 0
        keys.insert(at, key)
    return made


def stepped(arranged: Arrangement, key: str, step: int) -> dict[str, list[str]]:
    """Move a field one place up (-1) or down (1), at the end into the neighbouring section."""
    section = section_of(arranged, key)
    if not section:
        return {path: list(keys) for path, keys in arranged.items()}
    keys = [one for one in arranged[section] if one != key]
    at = list(arranged[section]).index(key) + step
    if 0 <= at <= len(keys):
        return put(arranged, key, section, keys[at - 1] if at else "")
    sections = list(arranged)
    beside = sections.index(section) + step
    if not 0 <= beside < len(sections):
        return {path: list(keys) for path, keys in arranged.items()}
    return put(arranged, key, sections[beside], None if step < 0 else "")


def kept(old: Sequence[str], new: Sequence[str], light: Collection[str] = ()) -> set[str]:
    """Give the keys of ``new`` that need not move: the best run in the order of ``old``.

    The more of the keys that nobody moved it holds the better, then the longer the better.

    Args:
        old: the order as it was.
        new: the order as it should be.
        light: keys that somebody moved: of two that changed places, these are said to have.
    """
    position = {key: place for place, key in enumerate(old)}
    runs: list[tuple[int, int, list[str]]] = [(0, 0, [])]
    for key in (one for one in new if one in position):
        fits = (run for run in runs if not run[2] or position[run[2][-1]] < position[key])
        still, length, before = max(fits, key=_worth)
        runs.append((still + (key not in light), length + 1, [*before, key]))
    return set(max(runs, key=_worth)[2])


def _worth(run: tuple[int, int, list[str]]) -> tuple[int, int]:
    return run[:2]


def order_changes(
    document: str, parent: str, old: Sequence[str], new: Sequence[str], *, whole: bool = False
) -> Iterator[Change]:
    """Give the placings that turn one order into another.

    Args:
        document: in which document.
        parent: the path of the map whose keys they are.
        old: the order as it is; keys that only ``new`` has are taken to be there already.
        new: the order as it should be.
        whole: place every key, whatever stands where already.
    """
    still = set() if whole else kept(old, new)
    for at, key in enumerate(new):
        if key not in still:
            after = new[at - 1] if at else ""
            path = f"{parent}/{key}"
            yield {"op": "place", "document": document, "path": path, "after": after}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What is known of a form whose fields are arranged.

    Attributes:
        document: the form.
        items: how each field is laid out (its width).
        fresh: fields that the draft adds; the form takes them up by itself, at its end.
        moved: fields that somebody moved: it is them that are placed, not their neighbours.
        taken_away: paths of items that an earlier version took away: they come back.
    """

    document: str
    items: Mapping[str, Mapping[str, Any]]
    fresh: Collection[str] = ()
    moved: Collection[str] = ()
    taken_away: Collection[str] = ()


def layout_changes(
    layout: Layout, natural: Arrangement, wanted: Arrangement, *, whole: bool = False
) -> list[Change]:
    """Give the changes of a form that turn one arrangement into another.

    Args:
        layout: the form.
        natural: how fields stand without these changes.
        wanted: how they should stand.
        whole: place every item of a section that changes, for orders that depend on earlier ones.
    """
    made: list[Change] = []
    for section, keys in natural.items():
        for key in keys:
            if key not in wanted.get(section, ()) and key not in layout.fresh:
                path = f"{section}/items/{key}"
                made.append({"op": "remove", "document": layout.document, "path": path})
    for section, keys in wanted.items():
        before = list(natural.get(section, ()))
        if before == list(keys):
            continue
        still = set() if whole else kept(before, keys, {*layout.fresh, *layout.moved})
        for at, key in enumerate(keys):
            if key not in still:
                path, after = f"{section}/items/{key}", keys[at - 1] if at else ""
                made.extend(_put_there(layout, path, after, there=key in before, whole=whole))
    return made


def _put_there(
    layout: Layout, path: str, after: str, *, there: bool, whole: bool
) -> Iterator[Change]:
    key = path.rpartition("/")[2]
    at = {"document": layout.document, "path": path}
    if there and key not in layout.fresh:
        yield {"op": "place", **at, "after": after}
    elif path in layout.taken_away:
        yield {"op": "remove", **at}
        yield {"op": "place", **at, "after": after}
    else:
        yield {"op": "add", **at, "after": after, "value": dict(layout.items.get(key, {}))}
        if whole:
            yield {"op": "place", **at, "after": after}
