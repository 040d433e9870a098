"""A shop of books with a field of every type: the world of these tests."""

from datetime import date, timedelta
from random import Random
from typing import Any

from engine.context import Actor
from engine.query.predicate import AccessPredicate
from engine.storage.database import Database
from metadata.model import InverseDef
from tests.support.worlds import NOW, Rows, an_object, bound_snapshot, field

OPTIONS = ("red", "blue", "grey")
USERS = 6
BOOKS = 60
ANN = Actor(user_id=1, name="Ann", superadmin=True, department_id=1)

TITLES = (
    "War and Peace", "war", "WAR", "Wär", "100%", "100_", "a\\b", "北京华信科技", "华信", "华信科",
    "物流公司", "O'Brien", "Peace", "ﬁle", "𠮷野家", "🚚 truck",
)  # fmt: skip
REGIONS = ("33", "3301", "330106", "3302", "11", "110105", "44")

USER = an_object(
    "user",
    field("name", "text", search=True),
    field("manager", "user"),
    field("department", "department"),
)
DEPARTMENT = an_object("department", field("name", "text"), field("parent", "department"))
BOOK = an_object(
    "book",
    field("name", "text", search=True, sortable=True),
    field("notes", "long_text"),
    field("story", "rich_text"),
    field("pages", "integer", sortable=True),
    field("stock", "integer"),
    field("weight", "decimal", scale=3),
    field("price", "money", scale=2),
    field("share", "percent", scale=1),
    field("due_on", "date", sortable=True),
    field("seen_at", "datetime"),
    field("shown", "date_range"),
    field("open", "boolean"),
    field("level", "select", options=OPTIONS),
    field("colours", "multi_select", options=OPTIONS),
    field("tags", "tags", allow_new=True),
    field("email", "email"),
    field("phone", "phone", country="CN", search=True),
    field("site", "url"),
    field("region", "region"),
    field("writer", "user"),
    field("room", "department"),
    field("readers", "users"),
    field("related", "links", to="book"),
    field("about", "any_link", to=["book", "user"]),
    field("sources", "any_link", to=["book", "user"], many=True),
    field("sequel_of", "link", to="book", on_delete="clear"),
    owned=True,
)
LOAN = an_object(
    "loan",
    field("name", "text"),
    field("book", "link", to="book", on_delete="restrict"),
    field("days", "integer"),
    owned=True,
)
RELATED = {
    "book": {
        "loans": InverseDef(key="loans", label={"": "Loans"}, object="loan", field="book"),
        "related_from": InverseDef(
            key="related_from", label={"": "Related"}, object="book", field="related"
        ),
        "discussed": InverseDef(
            key="discussed", label={"": "About"}, object="book", field="about"
        ),
        "sourced": InverseDef(
            key="sourced", label={"": "Sources"}, object="book", field="sources"
        ),
        "sequels": InverseDef(
            key="sequels", label={"": "Sequels"}, object="book", field="sequel_of"
        ),
    },
}


def everything(object_key: str) -> AccessPredicate:
    """Reach every record of an object."""
    return AccessPredicate(object_key, "read", "all")


def owned_by(object_key: str, *owners: int) -> AccessPredicate:
    """Reach the records of some owners."""
    return AccessPredicate(object_key, "read", "owners", owners)


def open_shop(url: str, *, seed: int = 1, books: int = BOOKS) -> tuple[Rows, dict[str, Any]]:
    """Create and fill the tables; gives the records too: object key -> list of stored values."""
    rows = Rows(Database(url), bound_snapshot([USER, DEPARTMENT, BOOK, LOAN], RELATED))
    rows.create()
    records = make_records(Random(seed), books)  # noqa: S311 - sample rows
    for key, made in records.items():
        rows.add(key, *made)
    return rows, records


def make_records(random: Random, books: int) -> dict[str, list[dict[str, Any]]]:
    """Make records of stored values: many ties, many empty ones."""
    departments = [(1, None), (2, 1), (3, 2), (4, None)]
    managers = [None, 1, 2, 1, 6, 5]  # 5 and 6 manage each other
    return {
        "department": [
            {"id": number, "name": f"Room {number}", "parent": parent}
            for number, parent in departments
        ],
        "user": [
            {
                "id": number,
                "name": f"User {number % 4}",
                "manager": managers[number - 1],
                "department": random.choice([1, 2, 3, 4, None]),
            }
            for number in range(1, USERS + 1)
        ],
        "book": [_book(random, number, books) for number in range(1, books + 1)],
        "loan": [
            {
                "id": number,
                "name": f"L{number}",
                "book": random.randint(1, books),
                "days": random.choice([None, 3, 7, 30]),
                "owner": random.choice([1, 2, None]),
                **_bin(random),
            }
            for number in range(1, books + 1)
        ],
    }


def _book(random: Random, number: int, books: int) -> dict[str, Any]:
    def some(*choices: Any) -> Any:
        return random.choice([None, *choices, *choices])

    moment = NOW + timedelta(hours=random.randint(-1500, 1500))
    return {
        "id": number,
        "name": some(*TITLES),
        "notes": some(*TITLES),
        "story": some(*((title, f"<p>{title}</p>") for title in TITLES)),
        "pages": some(-1, 0, 1, 2, 300),
        "stock": some(-1, 0, 2, 300),
        "weight": some(-1500, 0, 1, 2000),
        "price": some(0, 1, 128000, 10**18 - 1),
        "share": some(0, 125, 1000, -5),
        "due_on": some(*((NOW + timedelta(days=days)).date() for days in (-40, -1, 0, 1, 8, 400))),
        "seen_at": some(moment, NOW),
        "shown": some(*(_stretch(*days) for days in ((-40, -1), (-1, 8), (0, 0), (8, 400)))),
        "open": some(True, False),
        "level": some(*OPTIONS),
        "colours": some(("red",), ("blue", "grey"), ("red", "grey")),
        "tags": some(("new",), ("sale", "new")),
        "email": some("ann@example.com", "bob@example.org"),
        "phone": some("+8613812345678", "+8613900005678", "+861012345678"),
        "site": some("https://example.com/a", "https://example.org"),
        "region": some(*REGIONS),
        "writer": some(*range(1, USERS + 1)),
        "room": some(1, 2, 3),
        "readers": some((1,), (2, 5), (6, 1, 3)),
        "related": some((1,), (2, 3), (4, 1)),
        "about": some(("book", 1), ("book", 2), ("user", 1), ("user", 3)),
        "sources": some(("book/1",), ("user/1", "book/2"), ("user/3", "user/1")),
        "sequel_of": some(*range(1, min(books, 9))),
        "owner": some(1, 2, 3),
        "created_by": some(1, 2),
        "created_at": NOW - timedelta(days=random.randint(0, 60)),
        "updated_at": NOW - timedelta(minutes=random.randint(0, 20)),
        **_bin(random),
    }


def _bin(random: Random) -> dict[str, Any]:
    return {"deleted_at": NOW if random.random() < 0.1 else None}


def _stretch(first: int, last: int) -> tuple[date, date]:
    return (NOW + timedelta(days=first)).date(), (NOW + timedelta(days=last)).date()
