"""Samples: repeatable, within the rules of the documents, marked, removable."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from engine.context import Locale
from engine.exchange.demo import (
    DemoOrder,
    DemoRefused,
    DemoThere,
    has_demo,
    make_demo,
    read_mark,
    remove_demo,
)
from engine.exchange.demo_plan import main_object, plan_samples, roles_of_samples
from engine.publish.live import LiveSite
from engine.records.create import create
from engine.storage.snapshot import Unit
from engine.storage.team_tables import team
from tests.invariants import check_all
from tests.support.library import library_site, shipped_site, system_context

NOW = datetime(2026, 11, 23, 9, 42, tzinfo=UTC)
ORDER = DemoOrder(records=60, users=6, seed=3, departments=("North", "South"))


@pytest.fixture
def library(new_database_url: str) -> Iterator[LiveSite]:
    live = library_site(new_database_url)
    live.clock = lambda: NOW
    yield live
    judge(live)
    live.database.close()


@pytest.fixture
def trade(new_database_url: str) -> Iterator[LiveSite]:
    live = shipped_site(new_database_url, lambda: NOW)
    yield live
    judge(live)
    live.database.close()


def judge(live: LiveSite) -> None:
    with live.database.read() as connection:
        check_all(connection, live.snapshot)


def rows(unit: Unit, object_key: str, *columns: str) -> list[Any]:
    bound = unit.snapshot.object(object_key)
    found = [bound.field(key).column for key in columns]
    return list(unit.connection.execute(select(*found).order_by(bound.table.c.id)))


def test_amounts_agree_with_their_lines(trade: LiveSite) -> None:
    make_demo(trade, ORDER, Locale())
    with trade.read(system_context(trade)) as unit:
        found = [
            row
            for key in ("opportunity", "contract")
            for row in rows(unit, key, "lines_count", "lines_net", "lines_total", "amount")
        ]
    with_lines = [row for row in found if row[0]]
    assert with_lines
    assert all(row[1] == row[2] == row[3] for row in with_lines)
    assert any(row[2] is None and row[3] for row in found)


def test_a_library(library: LiveSite) -> None:
    made = make_demo(library, ORDER, Locale())
    assert made["book"] == 60
    assert made["reader"] == 30
    assert made["loan"] == 78
    with library.read(system_context(library)) as unit:
        for lent, due, made_at in rows(unit, "loan", "lent_on", "due_on", "created_at"):
            assert lent <= NOW.date()
            assert made_at <= NOW
            assert due is None or due >= lent


def test_a_trade_with_people(trade: LiveSite) -> None:
    with trade.read(system_context(trade)) as unit:
        plans = plan_samples(unit, 60)
        main = main_object(unit.snapshot, [plan.bound.key for plan in plans])
        assert main == "customer"
        assert roles_of_samples(unit, main)[0] == "salesperson"
    made = make_demo(trade, ORDER, Locale())
    assert made["user"] == 6
    assert all(made[plan.bound.key] for plan in plans)
    with trade.read(system_context(trade)) as unit:
        owners = {owner for (owner,) in rows(unit, main, "owner")}
        assert owners <= {number for (number,) in rows(unit, "user", "id")}
        assert len(owners) > 1
        leaders = dict(rows(unit, "department", "id", "leader"))
        heads = {one for one in leaders.values() if one}
        assert heads
        for person, department, manager in rows(unit, "user", "id", "department", "manager"):
            assert manager == (None if person in heads else leaders[department])
        shared = unit.connection.execute(select(team.c.user_id, team.c.record_id)).all()
        assert {user for user, _ in shared} <= owners | heads
        assert shared
        amounts = dict(rows(unit, "contract", "id", "amount"))
        parts: dict[int, int] = {}
        for whole, amount in rows(unit, "payment", "contract", "amount"):
            parts[whole] = parts.get(whole, 0) + amount
        assert all(part <= amounts[whole] for whole, part in parts.items())
        days = [made_at for (made_at,) in rows(unit, main, "created_at")]
        assert (max(days) - min(days)).days > 365
        held = dict(rows(unit, "contract", "id", "customer"))
        for mine, whole in rows(unit, "payment", "customer", "contract"):
            assert held[whole] == mine


def test_the_same_seed_gives_the_same(library: LiveSite) -> None:
    def content() -> list[Any]:
        with library.read(system_context(library)) as unit:
            return [tuple(row) for row in rows(unit, "book", "title", "author", "price")][1:]

    make_demo(library, ORDER, Locale())
    first = content()
    remove_demo(library, Locale())
    assert content() == []
    make_demo(library, ORDER, Locale())
    assert content() == first
    remove_demo(library, Locale())
    make_demo(library, DemoOrder(records=60, users=6, seed=4), Locale())
    assert content() != first


def test_real_records_are_left_alone(library: LiveSite) -> None:
    context = system_context(library)
    values = {"name": "Di", "mobile": "13800000009", "joined_on": "2020-01-01"}
    with library.write(context) as unit:
        reader = create(unit, "reader", values).id
    with pytest.raises(DemoRefused):
        make_demo(library, ORDER, Locale())
    make_demo(library, DemoOrder(records=10, users=0, force=True), Locale())
    with pytest.raises(DemoThere):
        make_demo(library, DemoOrder(records=10, users=0, force=True), Locale())
    with library.read(context) as unit:
        ((first, _),) = read_mark(unit)["book"]
    with library.write(context) as unit:
        create(unit, "loan", {"reader": reader, "book": first, "lent_on": "2026-01-01"})
    remove_demo(library, Locale())
    with library.read(context) as unit:
        assert [number for (number,) in rows(unit, "reader", "id")] == [reader]
        assert read_mark(unit) == {"book": [[first, first]]}  # somebody has it
    assert has_demo(library)


def test_people_of_samples_stay_disabled_and_come_back(trade: LiveSite) -> None:
    make_demo(trade, ORDER, Locale())
    remove_demo(trade, Locale())
    assert not has_demo(trade)
    with trade.read(system_context(trade)) as unit:
        assert {state for (state,) in rows(unit, "user", "state")} <= {"disabled"}
    made = make_demo(trade, ORDER, Locale())
    assert "user" not in made
    with trade.read(system_context(trade)) as unit:
        assert {state for (state,) in rows(unit, "user", "state")} == {"active"}
