"""Let the people of one company look, each at another part of what there is to read."""

from collections.abc import Sequence
from random import Random

from tests.support.oracle.hall import Hall, Look, looks
from tests.support.oracle.inventory import MODULES
from tests.support.oracle.registry import CHECKS
from tests.support.oracle.world import some_world

NAMES = tuple(CHECKS) if MODULES else ()


def ask(hall: Hall, random: Random, names: Sequence[str] = NAMES) -> None:
    """Hold a company and compare what its people read with the model.

    Every way to read is asked once, and the people take turns: a company costs what one of them
    would cost.
    """
    world = some_world(random, hall.web.live.clock(), hall.next_ids())
    hall.hold(world)
    people = looks(hall, world)
    first = random.randrange(len(people))
    for at, name in enumerate(names):
        _look(people[(first + at) % len(people)], name)


def _look(look: Look, name: str) -> None:
    try:
        CHECKS[name].run(look)
    except AssertionError as error:
        error.add_note(f"{name}, as {look.me} with {look.model.me.roles}")
        error.add_note(f"{look.world}")
        raise
