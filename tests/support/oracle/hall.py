"""A site in which one company after another is written down, and looked at by its people.

The site is made once. What holds rights is then written with plain inserts: a company costs
milliseconds. Every value that somebody may not see carries a mark of its own, so that it is
recognised wherever it turns up.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import delete, insert, update

from engine.access.actors import read_person
from engine.context import SYSTEM, Actor, Context
from engine.fields.file import FileRef
from engine.files.content import ContentStore
from engine.files.upload import Limits, keep, take_in
from engine.query.stars import KIND
from engine.records.shape import shape_of
from engine.records.uniqueness import add_conflicts
from engine.records.writing import Faults
from engine.storage.kernel_tables import attachment, content, history
from engine.storage.people_tables import personal
from engine.storage.snapshot import BoundObject, Unit
from engine.storage.tables import unique_column
from metadata.model import EMPTY
from tests.support.oracle.model import Viewer
from tests.support.oracle.papers import FOLDER, LINE, SHEET, SHELF, documents
from tests.support.oracle.world import FIRST_PERSON, PEOPLE, Paper, World
from tests.support.web import PART, Web, library_web
from tests.support.worlds import Rows
from ui.security.cookies import SESSION

STEP = 1_000
"""Ids that one company may use."""
LINE_STEP = 10
MOST_LOOKED_AT = 4
DIGEST_OF = b"what a paper says\n"
MARK = re.compile(r"([NCMLF])(\d{5,9})Z")
PHONE = re.compile(r"139[ -]?(\d{4})[ -]?(\d{4})(?!\d)")
MONEY = re.compile(r"(?<!\d)(\d[\d,]{5,})\.25")
FIELD_OF: Mapping[str, str] = {"N": "name", "C": "code", "M": "memo", "L": "lines", "F": "papers"}
Mark = tuple[str, int]
"""A field and the record whose value was found."""


def marks_in(text: str) -> set[Mark]:
    """Find every value of a record in an answer, whatever stands around it."""
    found = {(FIELD_OF[kind], int(number)) for kind, number in MARK.findall(text)}
    found |= {("phone", int(one + two)) for one, two in PHONE.findall(text)}
    return found | {("price", int(one.replace(",", ""))) for one in MONEY.findall(text)}


def line_ids(folder: Paper) -> list[int]:
    """Give the ids of a folder's lines."""
    return [folder.id * LINE_STEP + at for at in range(folder.lines)]


def api_value(paper: Paper, key: str) -> Any:
    """Give the value of a plain field as the API does."""
    texts = {
        "name": f"N{paper.id}Z",
        "code": f"C{paper.id}Z",
        "memo": f"M{paper.id}Z",
        "price": f"{paper.id}.25",
        "phone": f"+86139{paper.id:08d}",
        "kind": paper.kind,
        "due_on": paper.due_on.isoformat() if paper.due_on else None,
    }
    return texts[key]


@dataclass(slots=True)
class Hall:
    """The site, and the company that is in it."""

    web: Web
    rows: Rows
    digest: str
    folder: Path
    world: World | None = None
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    tokens: dict[int, dict[str, str]] = field(default_factory=dict)
    visits: dict[int, tuple[str, str]] = field(default_factory=dict)
    answered: set[tuple[str, str]] = field(default_factory=set)
    """Method and path of whatever was answered with success."""

    def next_ids(self) -> int:
        """Give the first id of a company that comes: history is never taken back."""
        return 100_000 + next(self.numbers) * STEP

    def hold(self, world: World) -> None:
        """Put a company into the site, in the place of the one before."""
        self.rows.clear()
        self._clear_rest()
        self._add_people(world)
        for key in (SHELF, FOLDER, SHEET):
            records = [_record(self, one) for one in world.papers if one.object == key]
            if records:
                self.rows.add(key, *records)
        lines = [
            {"id": one, "name": f"L{paper.id}Z", "folder": paper.id, "sort_order": at}
            for paper in world.papers
            for at, one in enumerate(line_ids(paper), 1)
        ]
        if lines:
            self.rows.add(LINE, *lines)
        self._add_rest(world)
        self.world = world

    @contextmanager
    def unit(self, user: int | None = None) -> Iterator[Unit]:
        """Open a transaction that reads, of a person or of the platform."""
        with self.web.live.read(self.context()) as unit:
            if user is None:
                yield unit
                return
            yield replace(
                unit, context=replace(unit.context, actor=self.actor(unit, user)), memo={}
            )

    def context(self, actor: Actor = SYSTEM) -> Context:
        """Give a context of now."""
        return Context(actor=actor, now=self.web.live.clock())

    def actor(self, unit: Unit, user: int) -> Actor:
        """Give somebody as he acts, whether or not he may sign in."""
        person = read_person(unit.connection, unit.snapshot, user)
        assert person is not None
        return person.actor

    def _clear_rest(self) -> None:
        with self.web.live.database.write() as connection:
            connection.execute(delete(attachment).where(attachment.c.object_id.is_not(None)))
            connection.execute(delete(personal))

    def _add_people(self, world: World) -> None:
        rooms = ({"id": one, "name": f"R{one}", "parent": up} for one, up in world.parents.items())
        self.rows.add("department", *rooms)
        admin = {
            "id": self.web.admin_id,
            "name": "A",
            "mobile": "1",
            "state": "active",
            "roles": ("superadmin",),
        }
        people = (
            {
                "id": one.id,
                "name": f"P{one.id}",
                "mobile": f"+86138{one.id:08d}",
                "state": "disabled" if one.disabled else "active",
                "roles": one.roles,
                "manager": one.manager,
                "department": one.department,
            }
            for one in world.people
        )
        self.rows.add("user", admin, *people)
        for role, rooms_of in world.chosen.items():
            if rooms_of:
                self.rows.choose(role, *rooms_of)

    def _add_rest(self, world: World) -> None:
        for key in (FOLDER, SHEET):
            shares = [
                {
                    "record_id": one.record,
                    "user_id": one.user,
                    "level": one.level,
                    "expires_at": one.expires_at,
                }
                for one in world.shares
                if one.object == key
            ]
            if shares:
                self.rows.share(key, *shares)
        folder = self.rows.snapshot.object(FOLDER)
        folders = [one for one in world.papers if one.object == FOLDER]
        ids = [one.id for one in folders]
        with self.web.live.database.write() as connection:
            shadow = unique_column(folder.field("code"))
            assert shadow is not None
            for one in folders:
                mine = folder.table.c.id == one.id
                code = folder.field("code")
                folded = code.type.unique_key(api_value(one, "code"), code.definition)
                connection.execute(update(folder.table).where(mine).values({shadow: folded}))
            connection.execute(insert(history), _past(self.rows, world))
            files = _attached(self, folder, folders)
            if files:
                connection.execute(insert(attachment), files)
            stars = [
                {"user_id": one.id, "kind": KIND, "key": FOLDER, "body": {"ids": ids},
                 "updated_at": world.now}
                for one in world.people
            ]  # fmt: skip
            connection.execute(insert(personal), stars)


@dataclass(frozen=True, slots=True)
class Look:
    """A person who looks at the company in the hall, and the model of what he should see."""

    hall: Hall
    model: Viewer
    headers: Mapping[str, str]
    cookies: tuple[str, str]

    @property
    def world(self) -> World:
        """Give the company."""
        return self.model.world

    @property
    def me(self) -> int:
        """Give who looks."""
        return self.model.me.id

    def prefix(self, mark: str) -> str:
        """Give what all values of a kind begin with in this company, and in no other."""
        return f"{mark}{str(self.world.papers[0].id)[:3]}"

    def some(self, papers: Sequence[Paper]) -> Sequence[Paper]:
        """Choose a few of many records, others for everybody who looks."""
        random = Random(f"{self.me} {self.world.papers[0].id}")  # noqa: S311 - a choice
        return random.sample(list(papers), min(MOST_LOOKED_AT, len(papers)))

    def taken(self, unit: Unit, key: str, value: str) -> dict[str, Any]:
        """Give what somebody is told of the record that holds a unique value."""
        faults = Faults()
        add_conflicts(unit, shape_of(unit, FOLDER), {key: value}, faults)
        (error,) = faults.found
        return {name: one for name, one in error.params.items() if name in {"id", "name"}}

    def api(self, path: str, **query: Any) -> Any:
        """Ask the API as he does."""
        return self._ask("GET", f"/api/v1{path}", dict(self.headers), params=query)

    def page(
        self, path: str, query: Mapping[str, str] = EMPTY, *, part: bool = False, **more: str
    ) -> Any:
        """Ask for a page as his browser does; ``part``: for a fragment of it."""
        headers = {"cookie": self.cookies[0], **(PART if part else {})}
        return self._ask("GET", path, headers, params={**query, **more})

    def post(self, path: str, /, **data: Any) -> Any:
        """Send a form as his browser does."""
        form = {"_csrf": self.cookies[1], **data}
        return self._ask("POST", path, {"cookie": self.cookies[0]}, data=form)

    def post_api(self, path: str, body: Any) -> Any:
        """Call the API with a body."""
        return self._ask("POST", path, dict(self.headers), json=body)

    def _ask(self, method: str, path: str, headers: dict[str, str], **sent: Any) -> Any:
        client = self.hall.web.client
        client.cookies.clear()
        answer = client.request(method, path, headers=headers, follow_redirects=False, **sent)
        if answer.status_code < 300:
            self.hall.answered.add((method, path))
        return answer

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        """Open a transaction in which he reads."""
        with self.hall.unit(self.me) as unit:
            yield unit


def looks(hall: Hall, world: World) -> list[Look]:
    """Give everybody of a company who may sign in."""
    return [look_of(hall, world, one.id) for one in world.people if not one.disabled]


def look_of(hall: Hall, world: World, user: int) -> Look:
    """Let somebody look."""
    if user not in hall.tokens:
        hall.tokens[user] = hall.web.token(user)
        secret, csrf = hall.web.session(user)
        hall.visits[user] = (f"{SESSION}={secret}", csrf)
    return Look(hall, Viewer(world, user), hall.tokens[user], hall.visits[user])


@contextmanager
def open_hall(url: str, folder: Path) -> Iterator[Hall]:
    """Serve a site that has the papers, with one file whose content all files share."""
    with library_web(url, folder, *documents()) as web:
        digest = _stored(web, folder)
        yield Hall(web, Rows(web.live.database, web.live.snapshot), digest, folder)


def _stored(web: Web, folder: Path) -> str:
    field_of = web.live.snapshot.object(FOLDER).field("papers")
    limits = Limits(largest=1 << 20, quota=1 << 30, types=frozenset({"txt"}))
    store = ContentStore(folder)
    arrived = take_in(store, limits, field_of.definition, "a.txt", [DIGEST_OF])
    with web.live.write(Context(actor=SYSTEM, now=web.live.clock())) as unit:
        keep(unit, store, limits, arrived, field_of)
    arrived.throw_away()
    with web.live.database.read() as connection:
        return str(connection.scalar(content.select().with_only_columns(content.c.digest)))


def _record(hall: Hall, paper: Paper) -> dict[str, Any]:
    bound = hall.rows.snapshot.object(paper.object)
    found: dict[str, Any] = {"id": paper.id}
    for key in ("name", "code", "phone", "price", "memo", "kind", "due_on"):
        if key in bound.fields:
            each = bound.field(key)
            found[key] = each.type.parse(api_value(paper, key), each.definition)
    for key in ("owner", "shelf", "folder", "lines"):
        if key in bound.fields:
            found[key] = getattr(paper, key)
    if paper.files:
        found["papers"] = tuple(_file(paper, one) for one in paper.files)
    if paper.binned:
        found["deleted_at"] = hall.web.live.clock() - timedelta(days=1)
    return found


def _file(paper: Paper, file_id: str) -> FileRef:
    return FileRef(file_id, f"F{paper.id}Z.txt", "text/plain", len(DIGEST_OF))


def _attached(hall: Hall, folder: BoundObject, folders: list[Paper]) -> list[dict[str, Any]]:
    return [
        {
            "id": one,
            "digest": hall.digest,
            "name": f"F{paper.id}Z.txt",
            "type": "text/plain",
            "size": len(DIGEST_OF),
            "created_at": hall.web.live.clock(),
            "object_id": folder.id,
            "field_id": folder.field("papers").id,
            "record_id": paper.id,
        }
        for paper in folders
        for one in paper.files
    ]


def _past(rows: Rows, world: World) -> list[dict[str, Any]]:
    """Write what happened to each record: it was made, and every plain field was changed."""
    found = []
    for paper in world.papers:
        bound = rows.snapshot.object(paper.object)
        keys = [key for key in ("code", "phone", "price", "memo") if key in bound.fields]
        changes = [
            [bound.field(key).id, None, api_value(paper, key), "", api_value(paper, key)]
            for key in keys
        ]
        found.append(
            {
                "object_id": bound.id,
                "record_id": paper.id,
                "at": world.now,
                "by": FIRST_PERSON + paper.id % PEOPLE,
                "by_name": "somebody",
                "action": "update",
                "version": 1,
                "changes": changes,
            }
        )
    return found
