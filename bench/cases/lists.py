"""Reading lists: the id walk, the rows it leads to with the names of what they link to, counts."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from bench.measure import backend_of, measure, measure_floor
from bench.result import Result, Timing
from bench.world import World
from engine.access.roles import rights_of
from engine.context import Actor, Context
from engine.query.counts import count
from engine.query.listing import ListRequest, Page, read_page
from engine.storage.snapshot import Unit
from metadata.conditions import AllOf, Test

COLUMNS = (
    "name", "level", "industry", "source", "deal_status", "mobile", "region", "tags", "owner",
    "owner_department", "next_contact_at", "last_followed_up_at",
)  # fmt: skip
LIST = ListRequest(object="customer", columns=COLUMNS, sort=("-updated_at",), limit=50)
FILTERED = replace(
    LIST, where=AllOf((Test("level", "eq", "a"), Test("industry", "eq", "finance")))
)
SEARCHED = replace(LIST, search="科技")
DEEP = 1000
TIMES = 400
QUERY_TARGET = 1.0
SEARCH_TARGET = 1.0

Reading = Callable[[Unit], Any]


def run(world: World) -> Iterator[Result]:
    """Measure pages and counts of 50 rows with 12 columns, two of them links."""
    admin, seller = world.person(everything=True), world.person(everything=False)
    yield reading(world, "list, everybody's records", admin, page_of(LIST), QUERY_TARGET)
    yield reading(world, "list, own records", seller, page_of(LIST), QUERY_TARGET)
    last = read_first(world, admin)
    following = replace(LIST, cursor=last.next_cursor)
    yield reading(world, "list, next page by cursor", admin, page_of(following), QUERY_TARGET)
    deep = replace(LIST, page=DEEP)
    yield reading(world, f"list, page {DEEP} by number", admin, page_of(deep))
    yield reading(world, "list, two filters", admin, page_of(FILTERED))
    by_name = replace(LIST, sort=("name",))
    yield reading(world, "list, sorted by name", admin, page_of(by_name), QUERY_TARGET)
    by_owner = replace(LIST, sort=("next_contact_at",))
    yield reading(world, "list, sorted by next contact", admin, page_of(by_owner), QUERY_TARGET)
    yield reading(world, "count up to 10,000, everybody's", admin, count_of(LIST))
    yield reading(world, "count up to 10,000, two filters", admin, count_of(FILTERED))


def page_of(request: ListRequest) -> Reading:
    """Read a page as the list does."""

    def read(unit: Unit) -> Page:
        return read_page(unit, rights_of(unit).predicate(request.object, "read_list"), request)

    return read


def count_of(request: ListRequest) -> Reading:
    """Count what a list holds, up to the cap."""

    def read(unit: Unit) -> Any:
        return count(unit, rights_of(unit).predicate(request.object, "read_list"), request)

    return read


def read_first(world: World, actor: Actor) -> Page:
    """Read the first page."""
    with world.live.read(Context(actor=actor, now=world.live.clock())) as unit:
        page: Page = page_of(LIST)(unit)
    return page


def reading(
    world: World,
    case: str,
    actor: Actor,
    read: Reading,
    target: float | None = None,
    *,
    whole: bool = False,
) -> Result:
    """Measure something that reads, inside a unit of work that is open already.

    ``whole``: the target counts for both sides of the connection.
    """
    context = Context(actor=actor, now=world.live.clock())
    engine = world.live.database.engine
    with world.live.read(context) as unit:
        driver = unit.connection.connection.driver_connection
        ours = measure(lambda: read(unit), times=TIMES, backend=backend_of(driver))
        floor = measure_floor(engine, lambda: read(unit), times=TIMES)
    return result(world, case, ours, floor, target, whole=whole)


def result(
    world: World,
    case: str,
    ours: Timing,
    floor: Timing | None,
    target: float | None,
    *,
    whole: bool = False,
) -> Result:
    """Put timings into a row.

    Of PostgreSQL the target counts for our side of the connection, unless for the ``whole``.
    """
    note = f"of it {ours.backend:.2f} in the database" if ours.backend else ""
    ours_alone = target is not None and not whole
    return Result(
        case=case,
        database=world.database,
        value=ours.cpu - (ours.backend if ours_alone else 0.0),
        unit="ms CPU",
        wall=ours.wall,
        floor=None if floor is None else floor.cpu - (floor.backend if ours_alone else 0.0),
        target=target,
        note=note,
    )
