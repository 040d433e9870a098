"""The same key and call: the same answer, done once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from engine.access.idempotency import Answer, KeyReused, keyed_call, once
from engine.context import Actor
from engine.people import acting
from tests.integration.access.conftest import Place

CALL = keyed_call("k-1", "POST", "/api/v1/records/book", b'{"title":"A"}')


class Work:
    """Counts how often it is done."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self) -> Answer:
        self.done += 1
        return Answer(201, f"answer {self.done}".encode(), {"location": "/x"})


def call(
    place: Place, work: Callable[[], Answer], user_id: int = 1, sent: object = CALL
) -> Answer:
    context = replace(acting(place.live), actor=Actor(user_id=user_id))
    with place.live.write(context) as unit:
        return once(unit, sent, work)  # type: ignore[arg-type]  # a table of cases


def test_the_second_call_gets_the_first_answer(place: Place) -> None:
    work = Work()
    assert call(place, work) == call(place, work)
    assert work.done == 1


def test_without_a_key_each_call_is_done(place: Place) -> None:
    work = Work()
    call(place, work, sent=None)
    call(place, work, sent=None)
    assert work.done == 2


def test_the_same_key_for_another_call_is_refused(place: Place) -> None:
    work = Work()
    call(place, work)
    for other in (
        keyed_call("k-1", "POST", "/api/v1/records/book", b'{"title":"B"}'),
        keyed_call("k-1", "POST", "/api/v1/records/loan", b'{"title":"A"}'),
        keyed_call("k-1", "PATCH", "/api/v1/records/book", b'{"title":"A"}'),
    ):
        with pytest.raises(KeyReused):
            call(place, work, sent=other)
    assert work.done == 1


def test_keys_belong_to_their_user(place: Place) -> None:
    work = Work()
    call(place, work, user_id=1)
    call(place, work, user_id=2)
    assert work.done == 2


def test_a_call_that_failed_may_be_repeated(place: Place) -> None:
    def fail() -> Answer:
        raise ValueError("nothing is kept")

    with pytest.raises(ValueError, match="nothing"):
        call(place, fail)
    assert call(place, Work()).status == 201


def test_a_key_is_forgotten_after_a_day(place: Place) -> None:
    work = Work()
    call(place, work)
    place.clock.forward(hours=24, seconds=1)
    call(place, work)
    assert work.done == 2


def test_equal_calls_at_once_are_done_once(place: Place) -> None:
    work = Work()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: call(place, work), range(4)))
    assert work.done == 1
    assert len({answer.body for answer in answers}) == 1


def test_a_key_that_is_too_long_is_refused() -> None:
    with pytest.raises(KeyReused):
        keyed_call("k" * 201, "POST", "/", b"")
