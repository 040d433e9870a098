"""A library with people, notes and a field of every type: the world of these tests."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.context import SYSTEM, Actor, Context
from engine.publish.live import LiveSite
from engine.records.create import create
from engine.records.writing import Written
from engine.storage.snapshot import Unit
from tests.invariants import check_all
from tests.support.library import added_field, library_site, opened, publish
from tests.support.templates import fill

NOW = datetime(2026, 11, 23, 9, 42, tzinfo=UTC)
OPTIONS = {"red": {"label": "Red"}, "blue": {"label": "Blue"}, "grey": {"label": "Grey"}}


@dataclass(slots=True)
class World:
    """One site. ``ann`` and ``bob`` are clerks of the department ``desk``, who see their own."""

    live: LiveSite
    desk: int
    ann: Actor
    bob: Actor
    typed: frozenset[str] = frozenset()

    @contextmanager
    def unit(self, actor: Actor = SYSTEM, now: datetime = NOW) -> Iterator[Unit]:
        """Open a transaction of ``actor``."""
        with self.live.write(Context(actor=actor, now=now, request_id="r-1")) as unit:
            yield unit

    def create(self, object_key: str, actor: Actor = SYSTEM, **values: Any) -> Written:
        """Create a record in a transaction of its own."""
        with self.unit(actor) as unit:
            return create(unit, object_key, {**NEEDED.get(object_key, {}), **values})

    def book(self, actor: Actor = SYSTEM, **values: Any) -> int:
        """Create a book; gives its id."""
        return self.create("book", actor, **values).id

    def judge(self) -> None:
        """Hold the database against everything that must be true."""
        with self.live.database.read() as connection:
            check_all(connection, self.live.snapshot, typed=self.typed)


NEEDED: Mapping[str, Mapping[str, Any]] = {
    "book": {"title": "War and Peace", "author": "Tolstoy"},
    "reader": {"name": "Cy", "mobile": "13800000001", "joined_on": "2026-01-02"},
    "loan": {"lent_on": "2026-11-20"},
    "user": {"roles": ["x_clerk"]},
}


def make_world(url: str) -> World:
    """Install the library, add what only these tests need, and hire two clerks."""
    desk, ann, bob = fill(url, "world", _furnish)
    return World(opened(url), desk, ann, bob)


def _furnish(url: str) -> tuple[int, Actor, Actor]:
    live = library_site(url)
    publish(live, *FIELDS, NOTE, TASK, CLERK)
    world = World(live, 0, SYSTEM, SYSTEM)
    world.desk = world.create("department", name="Desk").id
    ann, bob = _clerk(world, "Ann", "13900000001"), _clerk(world, "Bob", "13900000002")
    live.database.close()
    return world.desk, ann, bob


def _clerk(world: World, name: str, mobile: str) -> Actor:
    made = world.create("user", name=name, mobile=mobile, department=world.desk)
    return Actor(
        user_id=made.id, name=name, roles=frozenset({"x_clerk"}), department_id=world.desk
    )


FIELDS = (
    added_field("x_remark", type="long_text"),
    added_field("x_story", type="rich_text", search=True),
    added_field("x_pages", type="integer", min=1),
    added_field("x_weight", type="decimal", scale=3),
    added_field("x_share", type="percent", scale=1, max="100.0"),
    added_field("x_arrived_at", type="datetime"),
    added_field("x_shown", type="date_range"),
    added_field("x_lendable", type="boolean", default=True),
    added_field("x_colours", type="multi_select", options=OPTIONS),
    added_field("x_tags", type="tags", allow_new=True),
    added_field("x_papers", type="file", many=True),
    added_field("x_photos", type="image", many=True),
    added_field("x_email", type="email"),
    added_field("x_phone", type="phone", country="CN"),
    added_field("x_site", type="url"),
    added_field("x_region", type="region", depth=3),
    added_field("x_keeper", type="user"),
    added_field("x_room", type="department"),
    added_field("x_readers", type="users"),
    added_field("x_about", type="any_link", to=["book", "user"]),
    added_field("x_sources", type="any_link", to=["book", "user"], many=True),
    added_field(
        "x_related", type="links", to="book",
        inverse={"key": "x_related_from", "label": "Related from"},
        where={"field": "author", "op": "eq", "value": {"field": "this.author"}},
    ),
    added_field(
        "x_sequel_of", type="link", to="book", on_delete="clear",
        inverse={"key": "x_sequels", "label": "Sequels"},
        where={"field": "author", "op": "eq", "value": {"field": "this.author"}},
    ),
    added_field(
        "x_damage",
        visible_if={"field": "x_lendable", "op": "eq", "value": False},
        required_if={"field": "x_lendable", "op": "eq", "value": False},
    ),
)  # fmt: skip


def _object(key: str, fields: Mapping[str, Any], abilities: Mapping[str, Any]) -> dict[str, Any]:
    body = {
        "kind": "object", "key": key, "label": key, "name_field": "name", "abilities": abilities,
        "fields": {"name": {"type": "text", "label": "Name", "required": True}, **fields},
    }  # fmt: skip
    return {"op": "add", "document": f"object/{key}", "path": "", "value": body}


NOTE = _object(
    "x_note",
    {"loan": {"type": "link", "label": "Loan", "to": "loan", "on_delete": "cascade"}},
    {"recycle_bin": True},
)
TASK = _object(
    "x_task",
    {
        "secret": {"type": "text", "label": "Secret"},
        "code": {"type": "text", "label": "Code", "unique": True},
        "book": {"type": "link", "label": "Book", "to": "book", "on_delete": "clear"},
    },
    {"owner": True, "recycle_bin": True, "search": True},
)
CLERK = {
    "op": "add",
    "document": "role/x_clerk",
    "path": "",
    "value": {
        "kind": "role",
        "key": "x_clerk",
        "label": "Clerk",
        "objects": {
            "book": {"read": "all", "create": True},
            "x_task": {
                "read": "own", "create": True, "update": "own", "delete": "own",
                "restore": "own", "fields": {"secret": "hidden", "code": "read"},
            },
        },
    },
}  # fmt: skip
