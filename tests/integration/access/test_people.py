"""The first administrator, signing in, disabling; scopes over real people."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy.exc import DatabaseError

from engine.access.accounts import Origin, WrongCredentials, read_sign_in_log, save_preferences
from engine.access.actors import (
    admin_exists,
    find_person,
    people,
    read_actor,
    read_person,
)
from engine.access.links import LinkUsed
from engine.access.scope import owner_ids
from engine.access.sessions import Session, SessionRules
from engine.access.signed_in import read_signed_in
from engine.access.throttle import TooManyAttempts
from engine.access.tokens import create_token, read_token
from engine.errors import InvalidInput
from engine.people import (
    AdminExists,
    LastAdmin,
    NewPerson,
    UnknownPerson,
    acting,
    company_name,
    department_named,
    disable_person,
    make_first_admin,
    make_set_up_link,
    make_sign_in_link,
)
from engine.publish.live import LiveSite
from engine.records.change import change
from engine.records.create import create
from engine.records.writing import Writing
from engine.sign_in.opening import Entered, sign_in, sign_in_by_link, sign_out
from engine.storage.people_tables import sign_in_log
from engine.storage.snapshot import Unit
from tests.integration.access.conftest import ADMIN, PASSWORD, Place

RULES = SessionRules()
HERE = Origin("10.0.0.9", "A browser")
ANN = NewPerson(name="Ann Weaver", mobile=ADMIN)


def first(live: LiveSite, link: str | None = None, new: NewPerson = ANN) -> int:
    return make_first_admin(
        live, new=new, hashed=None, root_department="Office", company="Weavers", link=link
    )


def enter(place: Place, mobile: str, password: str, origin: Origin = HERE) -> Entered:
    return sign_in(
        place.live, place.passwords, RULES, mobile=mobile, password=password, origin=origin
    )


def test_the_first_admin_comes_with_a_department_and_every_right(bare: LiveSite) -> None:
    user_id = first(bare)
    with bare.read(acting(bare)) as unit:
        assert admin_exists(unit.connection, unit.snapshot)
        actor = read_actor(unit.connection, unit.snapshot, user_id)
        assert actor is not None
        assert actor.superadmin
        assert actor.department_id is not None
        assert company_name(unit.connection) == "Weavers"


def test_there_is_one_first_admin(bare: LiveSite) -> None:
    first(bare)
    with pytest.raises(AdminExists):
        first(bare, new=replace(ANN, mobile="13800000009"))
    assert make_set_up_link(bare) is None


def test_of_two_who_set_up_at_once_one_wins(bare: LiveSite) -> None:
    numbers = [f"1380000000{n}" for n in range(4)]

    def attempt(mobile: str) -> int:
        try:
            return first(bare, new=replace(ANN, mobile=mobile))
        except AdminExists:
            return 0

    with ThreadPoolExecutor(4) as pool:
        made = [user_id for user_id in pool.map(attempt, numbers) if user_id]
    assert len(made) == 1


def test_a_set_up_that_fails_leaves_the_link_good(bare: LiveSite) -> None:
    link = make_set_up_link(bare)
    with pytest.raises(InvalidInput):
        first(bare, link, replace(ANN, mobile="no number"))
    assert first(bare, link)
    with pytest.raises(AdminExists):
        first(bare, link)


def test_a_person_is_found_however_the_number_is_typed(place: Place) -> None:
    with place.live.read(acting(place.live)) as unit:
        for typed in (ADMIN, " 138 0000 0000", "+86 138-0000-0000"):
            person = find_person(unit.connection, unit.snapshot, typed)
            assert person is not None
            assert person.id == place.admin
        assert find_person(unit.connection, unit.snapshot, "13800000001") is None
        assert find_person(unit.connection, unit.snapshot, "' OR 1=1") is None


def session_of(unit: Unit, secret: str, place: Place) -> Session | None:
    found = read_signed_in(unit.connection, unit.snapshot, secret, now=place.clock(), rules=RULES)
    return found[0] if found else None


def test_signing_in_opens_a_session(place: Place) -> None:
    opened = enter(place, ADMIN, PASSWORD)
    assert opened.person.id == place.admin
    with place.live.read(acting(place.live)) as unit:
        session = session_of(unit, opened.secret, place)
        person = unit.snapshot.object("user")
        stamp = person.field("last_signed_in_at").column
        assert unit.connection.scalar(stamp.table.select().with_only_columns(stamp)) is not None
    assert session is not None
    assert (session.address, session.agent) == ("10.0.0.9", "A browser")


def test_why_signing_in_fails_is_never_told(place: Place) -> None:
    place.hire("Bob", "13800000002")
    place.hire("Cy", "13800000003", state="disabled")
    errors = []
    for mobile, password in [
        (ADMIN, "wrong-password"),
        ("13800000002", PASSWORD),
        ("13800000003", PASSWORD),
        ("13800000004", PASSWORD),
        ("not a number", PASSWORD),
        ("", ""),
    ]:
        with pytest.raises(WrongCredentials) as caught:
            enter(place, mobile, password)
        errors.append((caught.value.code, caught.value.status, caught.value.params))
    assert len({repr(error) for error in errors}) == 1


def test_an_account_is_slowed_down_after_some_failures(place: Place) -> None:
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            enter(place, ADMIN, "wrong")
    with pytest.raises(TooManyAttempts) as caught:
        enter(place, ADMIN, PASSWORD, Origin("10.9.9.9"))
    assert 0 < caught.value.retry_after <= 61
    place.clock.forward(seconds=61)
    assert enter(place, "+86 138 0000 0000", PASSWORD).person.id == place.admin
    assert enter(place, ADMIN, PASSWORD).person.id == place.admin


def test_blocks_grow_while_guessing_goes_on(place: Place) -> None:
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            enter(place, ADMIN, "wrong")
    place.clock.forward(seconds=61)
    with pytest.raises(WrongCredentials):
        enter(place, ADMIN, "wrong")
    with pytest.raises(TooManyAttempts) as caught:
        enter(place, ADMIN, PASSWORD)
    assert caught.value.retry_after > 61


def test_an_unknown_account_is_slowed_down_like_a_known_one(place: Place) -> None:
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            enter(place, "13811111111", "wrong")
    with pytest.raises(TooManyAttempts):
        enter(place, "13811111111", "wrong")


def test_an_address_that_tries_many_accounts_is_slowed_down(place: Place) -> None:
    for number in range(30):
        with pytest.raises(WrongCredentials):
            enter(place, f"138222222{number:02}", "wrong")
    with pytest.raises(TooManyAttempts):
        enter(place, ADMIN, PASSWORD)
    assert enter(place, ADMIN, PASSWORD, Origin("10.0.0.10")).person.id == place.admin


def test_guesses_at_once_are_all_counted(place: Place) -> None:
    def guess(_: int) -> str:
        try:
            enter(place, ADMIN, "wrong")
        except WrongCredentials:
            return "looked at"
        except TooManyAttempts:
            return "refused"
        return "in"

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(guess, range(12)))
    assert outcomes.count("looked at") == 5
    assert outcomes.count("refused") == 7


def test_a_sign_in_link_opens_one_session(place: Place) -> None:
    secret = make_sign_in_link(place.live, ADMIN)
    assert sign_in_by_link(place.live, RULES, secret=secret, origin=HERE).person.id == place.admin
    with pytest.raises(LinkUsed):
        sign_in_by_link(place.live, RULES, secret=secret, origin=HERE)
    with pytest.raises(UnknownPerson):
        make_sign_in_link(place.live, "13800000001")


def test_a_link_activates_an_invited_account_but_no_disabled_one(place: Place) -> None:
    invited = place.hire("Bob", "13800000002", state="invited")
    secret = make_sign_in_link(place.live, "13800000002")
    sign_in_by_link(place.live, RULES, secret=secret, origin=HERE)
    with place.live.read(acting(place.live)) as unit:
        person = read_person(unit.connection, unit.snapshot, invited)
        assert person is not None
        assert person.state == "active"
    secret = make_sign_in_link(place.live, "13800000002")
    disable_person(place.live, "13800000002")
    with pytest.raises(LinkUsed):
        sign_in_by_link(place.live, RULES, secret=secret, origin=HERE)


def test_disabling_ends_sessions_and_tokens(place: Place) -> None:
    bob = place.hire("Bob", "13800000002")
    secret = make_sign_in_link(place.live, "13800000002")
    opened = sign_in_by_link(place.live, RULES, secret=secret, origin=HERE)
    with place.live.database.write() as connection:
        _, token = create_token(connection, bob, name="x", days=None, now=place.clock())
    disable_person(place.live, "13800000002")
    with place.live.read(acting(place.live)) as unit:
        now = place.clock()
        assert session_of(unit, opened.secret, place) is None
        assert read_token(unit.connection, token, now=now) is None
        assert read_actor(unit.connection, unit.snapshot, bob) is None


def test_the_last_admin_stays(place: Place) -> None:
    with pytest.raises(LastAdmin):
        disable_person(place.live, ADMIN)
    place.hire("Bob", "13800000002", "superadmin")
    disable_person(place.live, ADMIN)
    with pytest.raises(LastAdmin):
        disable_person(place.live, "13800000002")
    with pytest.raises(UnknownPerson):
        disable_person(place.live, "13800000003")


def test_roles_hold_at_once(place: Place) -> None:
    bob = place.hire("Bob", "13800000002")
    with place.live.write(acting(place.live)) as unit:
        before = read_actor(unit.connection, unit.snapshot, bob)
        trusted = Writing(system_fields=True, unversioned=True)
        change(unit, "user", bob, {"roles": ["people_admin"]}, version=None, writing=trusted)
        after = read_actor(unit.connection, unit.snapshot, bob)
    assert before is not None
    assert after is not None
    assert before.roles == {"librarian"}
    assert after.roles == {"people_admin"}


def test_the_log_tells_who_came_and_cannot_be_changed(place: Place) -> None:
    opened = enter(place, ADMIN, PASSWORD)
    with pytest.raises(WrongCredentials):
        enter(place, "13800000002", "wrong")
    with place.live.read(acting(place.live)) as unit:
        session = session_of(unit, opened.secret, place)
    assert session is not None
    sign_out(place.live, session, HERE)
    with place.live.database.read() as connection:
        lines = read_sign_in_log(connection, limit=10)
        assert [line.outcome for _, line in lines] == ["signed_out", "refused", "signed_in"]
        assert lines[1][1].account == "+8613800000002"
        assert len(read_sign_in_log(connection, limit=10, before=lines[0][0])) == 2
    with pytest.raises(DatabaseError), place.live.database.write() as connection:
        connection.execute(sign_in_log.delete())


def test_preferences_come_with_the_session(place: Place) -> None:
    opened = enter(place, ADMIN, PASSWORD)
    with place.live.database.write() as connection:
        for language in ("zh-CN", "en"):
            body = {"language": language}
            save_preferences(connection, place.admin, body, now=place.clock())
    with place.live.read(acting(place.live)) as unit:
        session = session_of(unit, opened.secret, place)
    assert session is not None
    assert session.preferences == {"language": "en"}


def test_scopes_reach_the_people_they_name(place: Place) -> None:
    live = place.live
    trusted = Writing(system_fields=True, check_links=False)
    with live.write(acting(live)) as unit:
        admin = read_person(unit.connection, unit.snapshot, place.admin)
        assert admin is not None
        office = admin.department_id
        desk = create(unit, "department", {"name": "Desk", "parent": office}).id
        attic = create(unit, "department", {"name": "Attic", "parent": desk}).id
        assert department_named(unit, "Attic") == attic
        assert department_named(unit, "Moon") is None

        def hire(name: str, number: int, department: int | None, manager: int | None) -> int:
            values = {
                "name": name,
                "mobile": f"1390000000{number}",
                "department": department,
                "manager": manager,
                "roles": ["librarian"],
                "state": "active",
            }
            return create(unit, "user", values, writing=trusted).id

        bob = hire("Bob", 1, desk, place.admin)
        cy = hire("Cy", 2, attic, bob)
        di = hire("Di", 3, desk, None)
        ed = hire("Ed", 4, attic, cy)
        person = read_person(unit.connection, unit.snapshot, bob)
        assert person is not None
        acting_bob = replace(unit, context=replace(unit.context, actor=person.actor))
        reach = {
            scope: owner_ids(acting_bob, [scope])
            for scope in ("own", "own_and_reports", "department", "department_tree")
        }
        assert reach == {
            "own": (bob,),
            "own_and_reports": (bob, cy, ed),
            "department": (bob, di),
            "department_tree": (bob, cy, di, ed),
        }
        assert owner_ids(acting_bob, ["department", "own_and_reports"]) == (bob, cy, di, ed)
        assert owner_ids(acting_bob, ["chosen_departments:librarian"]) == (bob,)
        assert owner_ids(unit, ["department_tree"]) == ()
        assert len(people(unit.connection, unit.snapshot)) == 5
