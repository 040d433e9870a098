"""Random sequences of edits, publishes, rollbacks and pack upgrades, with people writing between.

After each sequence the doctor finds nothing, and every value that was ever committed still stands
in its column, shown or not.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

import pytest
from sqlalchemy import bindparam, select, text

from engine.doctor import examine
from engine.errors import InvalidInput
from engine.publish.apply import rollback_to
from engine.publish.live import LiveSite
from engine.publish.packs import packs_with, packs_without
from engine.records.change import change
from engine.records.create import create
from engine.seeds import install_packs
from engine.storage.kernel_tables import field_ledger, object_ledger
from engine.upkeep.handlers import upkeep_handlers
from engine.worker.runner import JobRunner
from metadata.errors import MetadataInvalid
from metadata.load import Pack, conflicts, settle
from tests.invariants import check_all
from tests.support.library import (
    added_field,
    library_packs,
    library_site,
    publish,
    system_context,
)
from tests.support.library_versions import BOOK, GONE, book_field, edited, without_field

QUICK, ALL = 5, 500
STEPS = 14
SEEDS = [pytest.param(seed, marks=[] if seed < QUICK else pytest.mark.deep) for seed in range(ALL)]
KINDS = ("text", "long_text", "integer", "boolean", "date")
KEPT = ("shelf", "place", "pages")
"""Fields of the pack's versions that are written to, beside those of the site."""


def pack_versions() -> list[list[Pack]]:
    """Give versions that change, leave out, remove, rename and add."""
    renamed = {**without_field("shelf"), (BOOK, "fields/place"): book_field("shelf")}
    pages = {"type": "integer", "label": {"zh-CN": "页数", "en": "Pages"}}
    gone = {"fields": {"book.shelf": {"since": "1.1.0", "data": "keep"}}}
    title = {"zh-CN": "题名", "en": "Full title"}
    return [
        library_packs(),
        edited({(BOOK, "fields/title/label"): title, (BOOK, "fields/pages"): pages}),
        edited({(BOOK, "fields/title/max_length"): 150, (BOOK, "fields/author/label"): title}),
        edited(without_field("shelf"), version="1.2.0"),
        edited(without_field("shelf"), removed=gone, version="1.3.0"),
        edited(renamed, renames={"fields": {"book.shelf": "book.place"}}, version="1.4.0"),
        edited({("list/book.main", "columns/price"): GONE}, version="1.5.0"),
    ]


PACKS = pack_versions()


@dataclass
class Story:
    """One sequence: the site, the dice, and every value that was committed."""

    live: LiveSite
    dice: Random
    books: list[int] = field(default_factory=list)
    values: dict[tuple[int, int], Any] = field(default_factory=dict)  # record, field id -> value
    told: list[str] = field(default_factory=list)

    def write(self) -> None:
        """Somebody creates a book, or changes one."""
        bound = self.live.snapshot.objects.get("book")
        if bound is None:
            return
        own = [f for key, f in bound.fields.items() if key in KEPT or key.startswith("x_")]
        chosen = self.dice.sample(own, min(len(own), self.dice.randint(0, 3)))
        given = {one.key: self.value(one.definition.type) for one in chosen}
        with self.live.write(system_context(self.live)) as unit:
            if self.books and self.dice.random() < 0.6:
                number = self.dice.choice(self.books)
                held = bound.table.c.version
                found = select(held).where(bound.table.c.id == number)
                version = unit.connection.execute(found).scalar_one()
                change(unit, "book", number, given, version=version)
            else:
                base = {"title": "红楼梦", "author": "曹雪芹"}
                number = create(unit, "book", {**base, **given}).id
                self.books.append(number)
        for one in chosen:
            self.values[number, one.id] = given[one.key]

    def value(self, kind: str) -> Any:
        if kind == "integer":
            return self.dice.randint(-999, 999)
        if kind == "boolean":
            return self.dice.random() < 0.5
        if kind == "date":
            return date(2020, 1, self.dice.randint(1, 28)).isoformat()
        return f"v{self.dice.randint(0, 9999)}"

    def edit(self) -> None:
        """An administrator changes something on site and publishes."""
        bound = self.live.snapshot.objects.get("book")
        if bound is None:
            return
        mine = [key for key in bound.fields if key.startswith("x_")]
        shown = [key for key in (*mine, *KEPT) if key in bound.fields]
        compiled = self.live.compiled
        assert compiled is not None
        hidden = [*compiled.layered.removed_fields.get("book", {})]
        wishes: list[dict[str, Any]] = [
            added_field(f"x_f{self.dice.randint(0, 6)}", type=self.dice.choice(KINDS)),
            {"op": "set", "document": BOOK, "path": "fields/title/label/en",
             "value": f"Title {self.dice.randint(0, 3)}"},
            {"op": "set", "document": BOOK, "path": "fields/title/max_length",
             "value": self.dice.choice([120, 150, 200])},
            {"op": "place", "document": "list/book.main", "path": "columns/author",
             "after": self.dice.choice(["", "title"])},
        ]  # fmt: skip
        for key in (*shown, *hidden):
            wishes.append({"op": "remove", "document": BOOK, "path": f"fields/{key}"})
        for key in shown:
            path = f"fields/{key}/label"
            label = f"名{self.dice.randint(0, 9)}"
            wishes.append({"op": "set", "document": BOOK, "path": path, "value": label})
            if compiled.site.objects["book"].fields[key].type in {"text", "long_text", "integer"}:
                other = self.dice.choice(["text", "long_text", "integer"])
                path = f"fields/{key}/type"
                wishes.append({"op": "set", "document": BOOK, "path": path, "value": other})
        publish(self.live, *self.dice.sample(wishes, self.dice.randint(1, 2)))

    def roll_back(self) -> None:
        """An administrator goes back."""
        number = self.dice.randint(1, self.live.snapshot.number)
        rollback_to(self.live, system_context(self.live), number)

    def upgrade(self) -> None:
        """Another version of the pack comes."""
        packs = packs_with(self.live, self.dice.choice(PACKS))
        install_packs(self.live, system_context(self.live), packs)

    def work(self) -> None:
        """A worker does what publishes left to it."""
        JobRunner(self.live, upkeep_handlers()).run_waiting()

    def settle(self) -> None:
        """Somebody settles the conflicts there are."""
        compiled = self.live.compiled
        assert compiled is not None
        side = self.dice.random() < 0.5
        wishes = [settle(one, mine=side) for one in conflicts(compiled.layers)]
        if wishes:
            publish(self.live, *wishes)

    def uninstall(self) -> None:
        """The pack goes, its tables stay."""
        if "book" in self.live.snapshot.objects:
            packs = packs_without(self.live, "library")
            install_packs(self.live, system_context(self.live), packs)

    def run(self) -> None:
        """Do random things; what is refused changes nothing."""
        doings: list[Callable[[], None]] = [
            *[self.write] * 6, *[self.edit] * 4, self.roll_back, *[self.upgrade] * 2,
            self.settle, self.uninstall, self.work,
        ]  # fmt: skip
        for _ in range(STEPS):
            doing = self.dice.choice(doings)
            before = self.live.snapshot.number
            self.told.append(doing.__name__)
            try:
                doing()
            except (MetadataInvalid, InvalidInput) as refused:
                self.told.append(f"refused: {getattr(refused, 'problems', refused)}")
                assert self.live.snapshot.number == before
            self.check_values()

    def check_values(self) -> None:
        """Whatever was committed stands in the column that the ledger gives its field."""
        with self.live.database.read() as connection:
            rows = connection.execute(select(object_ledger.c.id, object_ledger.c.table_name))
            tables = {row.id: row.table_name for row in rows}
            places = {
                row.id: (tables[row.object_id], row.columns[0])
                for row in connection.execute(select(field_ledger))
            }
            for (record, field_id), value in self.values.items():
                table, column = places[field_id]
                query = text(f"SELECT {column} FROM {table} WHERE id = :id").bindparams(  # noqa: S608
                    bindparam("id", record)
                )
                held = connection.execute(query).scalar_one()
                assert _plain(held) == _plain(value), self.told


def _plain(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


@pytest.fixture
def live(new_database_url: str) -> Iterator[LiveSite]:
    site = library_site(new_database_url)
    yield site
    site.database.close()


@pytest.mark.parametrize("seed", SEEDS)
def test_no_drift_and_nothing_lost_whatever_is_published(live: LiveSite, seed: int) -> None:
    story = Story(live, Random(seed))  # noqa: S311
    story.run()
    story.work()
    found = examine(live, system_context(live))
    assert found.findings == (), story.told
    with live.read(system_context(live)) as unit:
        check_all(unit.connection, unit.snapshot)
