"""Sessions, tokens and links at rest and over time, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.access.links import SET_UP, SIGN_IN, LinkUsed, is_good, make_link, use_link
from engine.access.secret import hash_of
from engine.access.sessions import (
    Session,
    SessionRules,
    close_session,
    close_sessions,
    open_session,
    remove_ended,
    sessions_of,
    touch_session,
)
from engine.access.signed_in import read_signed_in
from engine.access.tokens import (
    TokenExpired,
    create_token,
    read_token,
    revoke_token,
    revoke_tokens,
    tokens_of,
    touch_token,
)
from engine.errors import InvalidInput
from engine.people import acting
from engine.storage.people_tables import link, session, token
from tests.integration.access.conftest import Place

RULES = SessionRules(idle=timedelta(hours=8), absolute=timedelta(days=7))


def opened(place: Place) -> str:
    with place.live.database.write() as connection:
        return open_session(connection, place.admin, now=place.clock(), rules=RULES, agent="A")


def found(place: Place, secret: str) -> Session | None:
    with place.live.read(acting(place.live)) as unit:
        at_door = read_signed_in(
            unit.connection, unit.snapshot, secret, now=place.clock(), rules=RULES
        )
        return at_door[0] if at_door else None


def test_a_session_is_found_by_its_id_alone(place: Place) -> None:
    secret = opened(place)
    known = found(place, secret)
    assert known is not None
    assert known.user_id == place.admin
    assert found(place, secret + "x") is None
    assert found(place, known.csrf) is None
    assert found(place, known.id_hash.hex()) is None


def test_ids_are_hashed_at_rest(place: Place) -> None:
    secret = opened(place)
    with place.live.database.read() as connection:
        rows = connection.execute(select(session)).all()
    assert secret not in repr(rows)
    assert rows[0].id_hash == hash_of(secret)
    assert len(secret) >= 43  # 256 bits


def test_two_sessions_share_nothing(place: Place) -> None:
    first, second = found(place, opened(place)), found(place, opened(place))
    assert first is not None
    assert second is not None
    assert first.id_hash != second.id_hash
    assert first.csrf != second.csrf


def test_an_idle_session_ends(place: Place) -> None:
    secret = opened(place)
    place.clock.forward(hours=8)
    assert found(place, secret) is not None
    place.clock.forward(seconds=1)
    assert found(place, secret) is None


def test_a_session_in_use_ends_too_in_the_end(place: Place) -> None:
    secret = opened(place)
    for _ in range(27):
        place.clock.forward(hours=6)
        known = found(place, secret)
        assert known is not None
        assert known.stale(place.clock())
        with place.live.database.write() as connection:
            touch_session(connection, known.id_hash, place.clock())
    place.clock.forward(hours=6)
    assert found(place, secret) is None


def test_not_every_look_is_a_write(place: Place) -> None:
    secret = opened(place)
    place.clock.forward(minutes=4)
    known = found(place, secret)
    assert known is not None
    assert not known.stale(place.clock())


def test_sessions_are_listed_and_closed_by_their_owner_alone(place: Place) -> None:
    mine, other = opened(place), opened(place)
    kept = found(place, mine)
    assert kept is not None
    with place.live.database.write() as connection:
        lines = sessions_of(connection, place.admin, now=place.clock(), rules=RULES)
        assert len(lines) == 2
        assert not close_session(connection, hash_of(other), user_id=place.admin + 1)
        assert close_sessions(connection, place.admin, keep=kept.id_hash) == 1
    assert found(place, mine) is not None
    assert found(place, other) is None


def test_ended_sessions_are_removed(place: Place) -> None:
    opened(place)
    place.clock.forward(hours=9)
    secret = opened(place)
    with place.live.database.write() as connection:
        assert remove_ended(connection, now=place.clock(), rules=RULES) == 1
    assert found(place, secret) is not None


def test_a_token_holds_until_its_day(place: Place) -> None:
    with place.live.database.write() as connection:
        number, secret = create_token(
            connection, place.admin, name=" nightly ", days=1, now=place.clock()
        )
        _, forever = create_token(connection, place.admin, name="x", days=None, now=place.clock())
    with place.live.database.read() as connection:
        held = read_token(connection, secret, now=place.clock())
        assert held is not None
        assert (held.id, held.user_id, held.name) == (number, place.admin, "nightly")
        assert read_token(connection, secret[:-1], now=place.clock()) is None
        later = place.clock.forward(days=1)
        with pytest.raises(TokenExpired):
            read_token(connection, secret, now=later)
        assert read_token(connection, forever, now=later) is not None
        assert len(tokens_of(connection, place.admin, now=later)) == 2
        later = place.clock.forward(days=31)
        assert [each.name for each in tokens_of(connection, place.admin, now=later)] == ["x"]
        rows = connection.execute(select(token)).all()
    assert secret not in repr(rows)
    assert secret.startswith("hdl_")


def test_the_last_use_of_a_token_is_kept(place: Place) -> None:
    with place.live.database.write() as connection:
        number, secret = create_token(
            connection, place.admin, name="x", days=None, now=place.clock()
        )
        touch_token(connection, number, place.clock())
        held = read_token(connection, secret, now=place.clock())
    assert held is not None
    assert held.used_at == place.clock()
    assert not held.stale(place.clock.forward(minutes=59))
    assert held.stale(place.clock.forward(minutes=1))


def test_a_token_is_revoked_by_its_owner_alone(place: Place) -> None:
    with place.live.database.write() as connection:
        number, secret = create_token(
            connection, place.admin, name="x", days=None, now=place.clock()
        )
        assert not revoke_token(connection, number, user_id=place.admin + 1)
        assert revoke_token(connection, number, user_id=place.admin)
        assert read_token(connection, secret, now=place.clock()) is None
        create_token(connection, place.admin, name="y", days=None, now=place.clock())
        assert revoke_tokens(connection, place.admin) == 1


@pytest.mark.parametrize(("name", "days"), [("", 1), (" ", 1), ("x" * 101, 1), ("x", 0)])
def test_a_token_needs_a_name_and_sensible_days(place: Place, name: str, days: int) -> None:
    with (
        pytest.raises(InvalidInput),
        place.live.database.write() as connection,
    ):
        create_token(connection, place.admin, name=name, days=days, now=place.clock())


def test_a_link_works_once(place: Place) -> None:
    with place.live.database.write() as connection:
        secret = make_link(connection, SIGN_IN, now=place.clock(), user_id=place.admin)
        rows = connection.execute(select(link)).all()
        assert secret not in repr(rows)
        assert is_good(connection, secret, SIGN_IN, now=place.clock())
        assert use_link(connection, secret, SIGN_IN, now=place.clock()).user_id == place.admin
        assert not is_good(connection, secret, SIGN_IN, now=place.clock())
        with pytest.raises(LinkUsed):
            use_link(connection, secret, SIGN_IN, now=place.clock())


def test_a_link_is_good_for_its_purpose_and_half_an_hour(place: Place) -> None:
    with place.live.database.write() as connection:
        secret = make_link(connection, SIGN_IN, now=place.clock(), user_id=place.admin)
        with pytest.raises(LinkUsed):
            use_link(connection, secret, SET_UP, now=place.clock())
        place.clock.forward(minutes=30)
        with pytest.raises(LinkUsed):
            use_link(connection, secret, SIGN_IN, now=place.clock())


def test_a_new_set_up_link_ends_the_one_before(place: Place) -> None:
    with place.live.database.write() as connection:
        first = make_link(connection, SET_UP, now=place.clock())
        second = make_link(connection, SET_UP, now=place.clock())
        assert not is_good(connection, first, SET_UP, now=place.clock())
        assert is_good(connection, second, SET_UP, now=place.clock())
