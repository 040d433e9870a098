"""Searching by characters and by initials: in one list, and across everything."""

from collections.abc import Iterator
from dataclasses import replace

from bench.cases.lists import LIST, Reading, page_of, reading
from bench.result import Result
from bench.world import World
from engine.records.find import find

COMMON, RARE, INITIALS = "科技", "晨曦", "cxkj"
TARGET = 1.0
HITS = 20


def run(world: World) -> Iterator[Result]:
    """Measure a common and a rare word, as somebody who sees all and who sees his own."""
    admin, seller = world.person(everything=True), world.person(everything=False)
    for word, how in ((COMMON, "common"), (RARE, "rare")):
        case = f"search everywhere, two {how} characters"
        yield reading(world, case, admin, _everywhere(word), TARGET)
    yield reading(world, "search everywhere, own records", seller, _everywhere(COMMON), TARGET)
    yield reading(world, "search everywhere, initials", admin, _everywhere(INITIALS), TARGET)
    case = "search everywhere, initials, own records"
    yield reading(world, case, seller, _everywhere(INITIALS), TARGET)
    for word, how in ((COMMON, "common"), (RARE, "rare")):
        asked = replace(LIST, search=word, limit=HITS)
        case = f"search in a list, two {how} characters"
        yield reading(world, case, admin, page_of(asked), TARGET)

    asked = replace(LIST, search=INITIALS, limit=HITS)
    yield reading(world, "search in a list, initials", admin, page_of(asked), TARGET)


def _everywhere(word: str) -> Reading:
    """Search all objects that a person may read, as the search field does."""
    return lambda unit: find(unit, word, limit=HITS)
