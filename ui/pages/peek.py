"""A record over its list: the panel has an address of its own."""

from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup

from engine.errors import RecordNotFound
from engine.storage.snapshot import Unit
from ui.pages.list_state import ListState
from ui.pages.record_read import Seen, read_record
from ui.pages.values import SectionView, ValueView, badges_of, facts_of, sections_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PeekView:
    """What the panel's template needs."""

    id: int
    name: str
    url: str
    close_url: str
    badges: tuple[Markup, ...]
    facts: tuple[ValueView, ...]
    sections: tuple[SectionView, ...]
    edit_url: str = ""


def read_peek(unit: Unit, state: ListState) -> PeekView | None:
    """Read the record that a list's address puts over it; None where it is out of reach."""
    try:
        return read_panel(unit, state.object, state.peek or 0, state)
    except RecordNotFound:
        return None


def read_panel(
    unit: Unit, object_key: str, record_id: int, state: ListState | None = None
) -> PeekView:
    """Read a record for the panel.

    Raises:
        RecordNotFound: no such record, or out of reach.
    """
    detail = unit.snapshot.site.detail_of(object_key)
    seen = read_record(unit, object_key, record_id, (*detail.facts, *detail.badges))
    back = (state or ListState(object=object_key)).url(peek=record_id)
    return PeekView(
        id=record_id,
        name=seen.name,
        url=seen.path,
        close_url=(state or ListState(object=object_key)).url(),
        badges=badges_of(seen, detail.badges),
        facts=facts_of(seen, detail.facts),
        sections=_filled(seen, frozenset({*detail.facts, *detail.badges})),
        edit_url=f"{seen.path}/edit?back={quote(back)}" if seen.may("update") else "",
    )


def _filled(seen: Seen, told: frozenset[str]) -> tuple[SectionView, ...]:
    """Give the sections without what is empty, or stands above already."""
    found = []
    for section in sections_of(seen):
        items = tuple(
            item
            for item in section.items
            if item.key not in told
            and item.key != seen.bound.name.key
            and not seen.is_empty(item.key)
        )
        if items:
            found.append(SectionView(section.label, items))
    return tuple(found)
