"""Seeds of packs: planted once, kept as people leave them, renewed where their mode says so."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from engine.publish.live import LiveSite
from engine.records.change import change
from engine.records.remove import remove
from engine.seeds import install_first, install_packs, plant_seeds
from engine.storage.database import Database
from metadata.documents import Document
from metadata.load import Pack
from tests.support.library import library_packs, system_context


@pytest.fixture
def live(database_url: str) -> Iterator[LiveSite]:
    site = LiveSite(Database(database_url))
    install_first(site, library_packs())
    yield site
    site.database.close()


def shelves(live: LiveSite) -> list[str | None]:
    with live.read(system_context(live)) as unit:
        book = unit.snapshot.object("book")
        living = book.table.c.deleted_at.is_(None)
        found = unit.connection.execute(select(book.field("shelf").column).where(living))
        return list(found.scalars())


def moved(mode: str) -> list[Pack]:
    """Give the packs with the seeded book on another shelf, in a seed of ``mode``."""
    packs = library_packs()
    library = packs[-1]
    body = dict(library.manifest.body)
    row = {**body["seeds"]["book"]["rows"]["first"], "shelf": "B-02"}
    body["seeds"] = {"book": {"mode": mode, "rows": {"first": row}}}
    body["version"] = "1.1.0"
    manifest = Document(library.manifest.kind, library.manifest.key, body, None, library.key)
    return [*packs[:-1], replace(library, manifest=manifest)]


def test_a_seed_is_planted_once(live: LiveSite) -> None:
    assert shelves(live) == ["A-01"]
    assert plant_seeds(live) == 0
    assert not install_first(live, library_packs())
    assert shelves(live) == ["A-01"]


@pytest.mark.parametrize(
    ("mode", "touched", "left"),
    [
        ("once", False, "A-01"),
        ("if_untouched", False, "B-02"),
        ("if_untouched", True, "C-03"),
        ("always", True, "B-02"),
    ],
)
def test_an_upgrade_renews_a_seed_as_its_mode_says(
    live: LiveSite, mode: str, touched: bool, left: str
) -> None:
    if touched:
        with live.write(system_context(live)) as unit:
            change(unit, "book", 1, {"shelf": "C-03"}, version=1)
    install_packs(live, system_context(live), moved(mode))
    assert shelves(live) == [left]


def test_a_seed_that_was_deleted_stays_deleted(live: LiveSite) -> None:
    with live.write(system_context(live)) as unit:
        remove(unit, "book", 1)
    install_packs(live, system_context(live), moved("always"))
    assert shelves(live) == []
