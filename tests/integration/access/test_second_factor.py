"""The second factor at sign-in: codes of an app, recovery codes, who may take it away."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pyotp
import pytest
from sqlalchemy import select

from engine.access.accounts import Origin, read_sign_in_log, set_password
from engine.access.actors import read_actor
from engine.access.keys import Keys, SealBroken
from engine.access.links import LinkUsed
from engine.access.second_factor import (
    RECOVERY_CODES,
    SecondFactorExists,
    WrongCode,
    has_factor,
    read_factor,
    recovery_codes_left,
    secret_of,
)
from engine.access.sessions import Session, SessionRules
from engine.access.signed_in import read_signed_in
from engine.access.throttle import TooManyAttempts
from engine.context import Actor, Context
from engine.errors import Forbidden
from engine.people import UnknownPerson, acting, make_sign_in_link
from engine.sign_in import factors
from engine.sign_in.opening import (
    SecondStep,
    SignedIn,
    sign_in,
    sign_in_by_link,
    sign_in_with_code,
)
from engine.storage.audit_tables import system_log
from tests.integration.access.conftest import ADMIN, PASSWORD, Place

KEYS = Keys(b"k" * 32)
RULES = SessionRules()
HERE = Origin("10.0.0.9", "A browser")


@dataclass(frozen=True, slots=True)
class Armed:
    """A person with a second factor in force: his app, his recovery codes, his session."""

    app: pyotp.TOTP
    codes: list[str]
    session: Session


def session_of(place: Place, secret: str) -> Session:
    now = place.clock.now
    with place.live.read(acting(place.live)) as unit:
        found = read_signed_in(unit.connection, unit.snapshot, secret, now=now, rules=RULES)
    assert found is not None
    return found[0]


def first_step(place: Place, mobile: str = ADMIN) -> SignedIn | SecondStep:
    return sign_in(
        place.live, place.passwords, RULES, mobile=mobile, password=PASSWORD, origin=HERE
    )


def second_step(place: Place, secret: str, code: str, drift: int = 1) -> SignedIn:
    return sign_in_with_code(
        place.live, KEYS, RULES, secret=secret, code=code, origin=HERE, drift=drift
    )


def app_of(place: Place, user_id: int) -> pyotp.TOTP:
    with place.live.database.read() as connection:
        factor = read_factor(connection, user_id)
    assert factor is not None
    return pyotp.TOTP(secret_of(KEYS, factor))


def context(place: Place) -> Context:
    ann = Actor(user_id=place.admin, name="Ann Weaver", superadmin=True)
    return Context(actor=ann, now=place.clock.now, address=HERE.address)


def arm(place: Place) -> Armed:
    """Set the administrator's second factor up, then let a while pass."""
    entered = first_step(place)
    assert isinstance(entered, SignedIn)
    session = session_of(place, entered.secret)
    factors.begin(place.live, KEYS, session)
    app = app_of(place, place.admin)
    code = app.at(place.clock.now)
    codes = factors.confirm(place.live, KEYS, context(place), session, code, drift=1)
    place.clock.forward(minutes=5)
    return Armed(app, codes, session_of(place, entered.secret))


def asked(place: Place) -> str:
    """Do the first step; gives what the second one needs."""
    entered = first_step(place)
    assert isinstance(entered, SecondStep)
    return entered.secret


def outcomes(place: Place, count: int) -> list[str]:
    with place.live.database.read() as connection:
        return [entry.outcome for _, entry in read_sign_in_log(connection, limit=count)]


def test_the_password_alone_opens_nothing_once_it_is_on(quick_place: Place) -> None:
    place = quick_place
    armed = arm(place)
    assert armed.session.strong
    step = asked(place)
    with pytest.raises(WrongCode):
        second_step(place, step, "000000" if armed.app.at(place.clock.now) != "000000" else "1")
    opened = second_step(place, step, armed.app.at(place.clock.now))
    assert session_of(place, opened.secret).strong
    with pytest.raises(LinkUsed):
        second_step(place, step, armed.codes[0])
    assert outcomes(place, 4) == [
        "signed_in_with_code",
        "second_step_refused",
        "second_step_asked",
        "signed_in",
    ]
    with place.live.database.read() as connection:
        newest = select(system_log.c.deed).order_by(system_log.c.id.desc())
        assert connection.scalar(newest) == "second_factor.on"


def test_a_code_works_once_and_no_earlier_one_after_it(place: Place) -> None:
    armed = arm(place)
    now = place.clock.now
    used, earlier = armed.app.at(now), armed.app.at(now, counter_offset=-1)
    second_step(place, asked(place), used)
    for code in (used, earlier):
        with pytest.raises(WrongCode):
            second_step(place, asked(place), code)
    second_step(place, asked(place), armed.app.at(now, counter_offset=1))


def test_of_two_who_send_the_same_code_at_once_one_gets_in(place: Place) -> None:
    armed = arm(place)
    code = armed.app.at(place.clock.now)
    steps = [asked(place) for _ in range(4)]

    def attempt(step: str) -> bool:
        try:
            second_step(place, step, code)
        except WrongCode:
            return False
        return True

    with ThreadPoolExecutor(4) as people:
        assert sum(people.map(attempt, steps)) == 1


@pytest.mark.parametrize(
    ("drift", "offset", "holds"), [(0, 1, False), (2, -2, True), (2, 3, False)]
)
def test_how_far_a_clock_may_be_off_is_a_setting(
    quick_place: Place, drift: int, offset: int, holds: bool
) -> None:
    place = quick_place
    armed = arm(place)
    code = armed.app.at(place.clock.now, counter_offset=offset)
    step = asked(place)
    if holds:
        second_step(place, step, code, drift)
    else:
        with pytest.raises(WrongCode):
            second_step(place, step, code, drift)


def test_each_recovery_code_works_once_and_new_ones_replace_them(place: Place) -> None:
    armed = arm(place)
    assert len(set(armed.codes)) == RECOVERY_CODES
    second_step(place, asked(place), armed.codes[0].upper().replace("-", " "))
    with pytest.raises(WrongCode):
        second_step(place, asked(place), armed.codes[0])
    with place.live.database.read() as connection:
        assert recovery_codes_left(connection, place.admin) == RECOVERY_CODES - 1
    fresh = factors.renew_codes(place.live, KEYS, armed.session)
    with pytest.raises(WrongCode):
        second_step(place, asked(place), armed.codes[1])
    second_step(place, asked(place), fresh[1])


def test_guessing_codes_is_slowed_down_whatever_the_password_does(quick_place: Place) -> None:
    place = quick_place
    armed = arm(place)
    step = asked(place)
    for _ in range(5):
        with pytest.raises(WrongCode):
            second_step(place, step, "not-a-code")
    with pytest.raises(TooManyAttempts):
        second_step(place, asked(place), armed.app.at(place.clock.now))


def test_the_first_step_runs_out_and_ends_with_the_password(quick_place: Place) -> None:
    place = quick_place
    armed = arm(place)
    late = asked(place)
    place.clock.forward(minutes=11)
    with pytest.raises(LinkUsed):
        second_step(place, late, armed.app.at(place.clock.now))
    stolen = asked(place)
    with place.live.database.write() as connection:
        set_password(connection, place.admin, "another hash", now=place.clock.now)
    with pytest.raises(LinkUsed):
        second_step(place, stolen, armed.app.at(place.clock.now))


def test_a_sign_in_link_stands_for_the_password_alone(quick_place: Place) -> None:
    place = quick_place
    armed = arm(place)
    link = make_sign_in_link(place.live, ADMIN)
    entered = sign_in_by_link(place.live, RULES, secret=link, origin=HERE)
    assert isinstance(entered, SecondStep)
    second_step(place, entered.secret, armed.app.at(place.clock.now))


def test_switching_it_on_ends_other_sessions_and_it_is_not_begun_twice(quick_place: Place) -> None:
    place = quick_place
    other = first_step(place)
    assert isinstance(other, SignedIn)
    armed = arm(place)
    with pytest.raises(AssertionError):
        session_of(place, other.secret)
    with pytest.raises(SecondFactorExists):
        factors.begin(place.live, KEYS, armed.session)
    factors.switch_off(place.live, context(place), armed.session)
    assert isinstance(first_step(place), SignedIn)


def test_a_superadmin_is_reset_by_another_one_or_on_the_server_alone(quick_place: Place) -> None:
    place = quick_place
    arm(place)
    bob = place.hire("Bob", "13800000002")
    other = place.hire("Cy", "13800000003", "superadmin")
    with place.live.read(acting(place.live)) as unit:
        clerk = read_actor(unit.connection, unit.snapshot, bob)
        chief = read_actor(unit.connection, unit.snapshot, other)
    assert clerk is not None
    assert chief is not None
    with pytest.raises(Forbidden):
        reset(place, clerk)
    reset(place, chief)
    assert isinstance(first_step(place), SignedIn)
    arm(place)
    factors.reset_on_server(place.live, ADMIN)
    with pytest.raises(UnknownPerson):
        factors.reset_on_server(place.live, "13999999999")
    with place.live.database.read() as connection:
        assert not has_factor(connection, place.admin)


def reset(place: Place, by: Actor) -> None:
    factors.reset(place.live, Context(actor=by, now=place.clock.now), place.admin)


def test_nothing_of_it_can_be_read_in_the_database(quick_place: Place) -> None:
    place = quick_place
    arm(place)
    with place.live.database.read() as connection:
        factor = read_factor(connection, place.admin)
    assert factor is not None
    assert secret_of(KEYS, factor).encode() not in factor.sealed
    with pytest.raises(SealBroken):
        secret_of(Keys(b"x" * 32), factor)
    with pytest.raises(SealBroken):
        KEYS.unseal("second factor", factor.sealed, "another person")
    with pytest.raises(SealBroken):
        KEYS.unseal("something else", factor.sealed, str(place.admin))
