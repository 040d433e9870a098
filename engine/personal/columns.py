"""How one person likes a list: differences from the document only, so news reaches everybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.personal.store import Body, change_personal, read_personal
from engine.storage.snapshot import Unit
from metadata.model import EMPTY, ColumnDef, ListDef

KIND = "list"
NARROWEST, WIDEST, STEP = 60, 480, 20
PAGE_SIZES = (20, 50, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTaste:
    """One person's differences. ``shown``: column -> visible; ``order``: from left to right.

    ``view`` is the view he chose last, ``by`` the field that he chose for each; ``scenes`` are
    those pinned to the tabs, in order: empty means all of them.
    """

    shown: Mapping[str, bool] = field(default_factory=lambda: EMPTY)
    order: tuple[str, ...] = ()
    widths: Mapping[str, int] = field(default_factory=lambda: EMPTY)
    sort: tuple[str, ...] = ()
    page_size: int = 0
    view: str = ""
    by: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    scenes: tuple[str, ...] = ()


PLAIN = ListTaste()


def read_taste(unit: Unit, definition: ListDef) -> ListTaste:
    """Give the actor's differences for a list, as far as its document lets people differ."""
    body = read_personal(unit, KIND, definition.key)
    if not body:
        return PLAIN
    allowed = definition.personal
    return ListTaste(
        shown=dict(body.get("shown", {})) if "columns" in allowed else EMPTY,
        order=tuple(body.get("order", ())) if "order" in allowed else (),
        widths=dict(body.get("widths", {})) if "width" in allowed else EMPTY,
        sort=tuple(body.get("sort", ())) if "sort" in allowed else (),
        page_size=int(body.get("page_size", 0)) if "page_size" in allowed else 0,
        view=str(body.get("view", "")),
        by=dict(body.get("by", {})),
        scenes=tuple(body.get("scenes", ())),
    )


def save_taste(unit: Unit, definition: ListDef, taste: ListTaste) -> None:
    """Keep the actor's differences for a list; a plain taste forgets them."""
    change_personal(unit, KIND, definition.key, lambda _: _body(taste))


def forget_taste(unit: Unit, definition: ListDef) -> None:
    """Go back to the columns as the list's document has them."""
    taste = read_taste(unit, definition)
    save_taste(unit, definition, replace(PLAIN, view=taste.view, by=taste.by, scenes=taste.scenes))


def remember_page_size(unit: Unit, definition: ListDef, size: int) -> None:
    """Keep how many rows the actor wants on a page."""
    if size in PAGE_SIZES:
        taste = read_taste(unit, definition)
        kept = 0 if size == definition.page_size else size
        save_taste(unit, definition, replace(taste, page_size=kept))


def remember_view(unit: Unit, definition: ListDef, view: str, by: str = "") -> None:
    """Keep which view of the list the actor chose, and by which field it is drawn."""
    taste = read_taste(unit, definition)
    fields = {**taste.by, view: by} if by else taste.by
    save_taste(unit, definition, replace(taste, view=view, by=fields))


def pin_scenes(unit: Unit, definition: ListDef, keys: Sequence[str]) -> None:
    """Keep which scenes the actor wants among the tabs, in his order; none means all of them."""
    taste = read_taste(unit, definition)
    save_taste(unit, definition, replace(taste, scenes=tuple(dict.fromkeys(keys))))


def chosen_columns(
    definition: ListDef, taste: ListTaste, others: Sequence[str] = ()
) -> tuple[ColumnDef, ...]:
    """Give the columns a person sees, in his order.

    Args:
        definition: the list.
        taste: his differences.
        others: fields that the document does not list but he may add.
    """
    known = {**definition.columns}
    for key in others:
        known.setdefault(key, ColumnDef(path=key))
    listed = [key for key in known if taste.shown.get(key, key in definition.columns)]
    place = {key: at for at, key in enumerate([*taste.order, *listed][::-1])}
    listed.sort(key=place.__getitem__, reverse=True)
    return tuple(_sized(known[key], taste.widths.get(key)) for key in listed)


def fitting_width(width: int) -> int:
    """Give the nearest width that a column can have."""
    return min(WIDEST, max(NARROWEST, round(width / STEP) * STEP))


def _sized(column: ColumnDef, width: int | None) -> ColumnDef:
    wanted = width or column.width
    return replace(column, width=fitting_width(wanted)) if wanted else column


def _body(taste: ListTaste) -> Body:
    full = {
        "shown": dict(taste.shown),
        "order": list(taste.order),
        "widths": dict(taste.widths),
        "sort": list(taste.sort),
        "page_size": taste.page_size,
        "view": taste.view,
        "by": dict(taste.by),
        "scenes": list(taste.scenes),
    }
    return {key: value for key, value in full.items() if value}
