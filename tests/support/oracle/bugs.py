"""Bugs to plant into the product, each with the check of the oracle that must find it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from engine.access import explain, roles, scope, teams
from engine.exchange import export_rows
from engine.files import reading
from engine.history import read as past
from engine.logs import lines
from engine.query import aggregates, counts, members, organisation
from engine.query.listing import read_page
from engine.query.plans import Plan
from engine.query.predicate import Membership
from engine.query.search_terms import searched_fields
from engine.records import find, read, uniqueness
from engine.storage.snapshot import Snapshot, Unit
from engine.storage.team_tables import slot, team
from ui.api import aggregate as api_aggregate
from ui.api import related as api_related
from ui.pages import lookups

Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True)
class Bug:
    """A mutation. ``found_by``: the check that must fail while it stands."""

    name: str
    found_by: str
    plant: Plant


BUGS: list[Bug] = []


def bug(found_by: str) -> Callable[[Plant], Plant]:
    """List a mutation under the words of its docstring."""

    def register(plant: Plant) -> Plant:
        BUGS.append(Bug(str(plant.__doc__).strip().rstrip("."), found_by, plant))
        return plant

    return register


def everywhere(patch: pytest.MonkeyPatch, original: Any, other: Any) -> None:
    """Put something in the place of a function in every module that has it."""
    for module in list(sys.modules.values()):
        for name, held in list(getattr(module, "__dict__", {}).items()):
            if held is original:
                patch.setattr(module, name, other)


def all_of(predicate: Any) -> Any:
    """Widen a predicate to every record."""
    return replace(predicate, shape="all", owner_ids=(), team=None)


def _as_is(text: str, *_: Any) -> str:
    return text


class _Unmasked:
    """Rights that have forgotten what is covered."""

    def __init__(self, unit: Unit) -> None:
        self._rights = roles.rights_of(unit)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rights, name)

    def field_mask(self, _object: str, _field: str) -> str:
        """Cover nothing."""
        return ""


@bug("api_list")
def count_without_scope(patch: pytest.MonkeyPatch) -> None:
    """Counting drops the scope."""
    real = counts.count
    everywhere(
        patch, real, lambda unit, one, *rest, **more: real(unit, all_of(one), *rest, **more)
    )


@bug("api_aggregate")
def sum_without_scope(patch: pytest.MonkeyPatch) -> None:
    """Sums drop the scope."""
    real = aggregates.aggregate
    everywhere(
        patch, real, lambda unit, one, *rest, **more: real(unit, all_of(one), *rest, **more)
    )


@bug("readers")
def one_level_of_departments(patch: pytest.MonkeyPatch) -> None:
    """Sub-departments count for one level only."""

    def departments(snapshot: Snapshot) -> Any:
        room = snapshot.object("department")
        number, parent = room.table.c.id, room.field("parent").column
        inside, below = number.in_(organisation._starts()), parent.in_(organisation._starts())
        return select(number, number).where(inside).union(select(parent, number).where(below))

    patch.setattr(organisation, "_departments", departments)


@bug("readers")
def direct_reports_only(patch: pytest.MonkeyPatch) -> None:
    """Reports of reports are left out."""

    def reports(snapshot: Snapshot) -> Any:
        user = snapshot.object("user")
        manager = user.field("manager").column
        return select(manager, user.table.c.id).where(manager.in_(organisation._starts()))

    wrong = replace(organisation.REPORTS, make=reports)
    patch.setitem(scope.REACHES, scope.REPORTS, wrong)


@bug("readers")
def disabled_people_lost(patch: pytest.MonkeyPatch) -> None:
    """What a disabled person owns is lost to his department."""
    real = organisation._colleagues

    def colleagues(snapshot: Snapshot) -> Any:
        return real(snapshot).where(snapshot.object("user").field("state").column == "active")

    wrong = replace(organisation.NEAR, make=colleagues)
    patch.setitem(scope.REACHES, scope.DEPARTMENT, wrong)


@bug("readers")
def chosen_for_another_role(patch: pytest.MonkeyPatch) -> None:
    """Departments chosen for one role count for every role."""

    def chosen(snapshot: Snapshot) -> Any:
        user = snapshot.object("user")
        room = user.field("department").column
        given = select(slot.c.record_id).where(slot.c.slot == organisation.CHOSEN)
        roles = select(slot.c.document).where(slot.c.document.in_(organisation._starts()))
        start = roles.distinct().subquery()
        # Of every role that was given departments, whichever they are.
        return select(start.c.document, user.table.c.id).join_from(
            start, user.table, room.in_(given)
        )

    wrong = replace(organisation.PICKED, make=chosen)
    patch.setitem(scope.REACHES, scope.CHOSEN, wrong)


@bug("readers")
def stale_organisation(patch: pytest.MonkeyPatch) -> None:
    """Lists of people are kept although the organisation changed."""
    patch.setattr(organisation, "_stamp", lambda _: 1)
    patch.setattr(organisation, "_STAMP", select(1))


@bug("readers")
def expiry_ignored(patch: pytest.MonkeyPatch) -> None:
    """A membership that has ended still holds."""
    real, long_ago = Membership, datetime(1970, 1, 1, tzinfo=UTC)
    patch.setattr(
        teams,
        "Membership",
        lambda object_id, user, level, _: real(object_id, user, level, long_ago),
    )


@bug("api_viewers")
def ended_places_told(patch: pytest.MonkeyPatch) -> None:
    """Who can see a record counts members whose place has ended."""
    real = members._everybody

    def everybody() -> Plan:
        here = [term for term in real().statement.whereclause if "expires_at" not in str(term)]  # type: ignore[attr-defined]
        return Plan(select(team.c.user_id, team.c.level).where(*here))

    patch.setattr(members, "_everybody", everybody)


@bug("readers")
def team_deletes(patch: pytest.MonkeyPatch) -> None:
    """A team grants deleting."""
    patch.setattr(teams, "WRITES", frozenset({"update", "delete"}))


@bug("readers")
def readers_write(patch: pytest.MonkeyPatch) -> None:
    """A reading member of a team may edit."""
    patch.setattr(teams, "READS", teams.READS | {"update"})
    patch.setattr(teams, "WRITES", frozenset())


@bug("readers")
def wider_than_view(patch: pytest.MonkeyPatch) -> None:
    """An action reaches further than reading."""
    patch.setattr(roles, "_narrower", lambda one, _other: one)


@bug("exports")
def export_uncovered(patch: pytest.MonkeyPatch) -> None:
    """Exports forget to cover."""
    patch.setattr(export_rows, "rights_of", _Unmasked)


@bug("api_list")
def hidden_in_filter(patch: pytest.MonkeyPatch) -> None:
    """Hidden fields filter and order lists."""
    patch.setattr(read, "_check", lambda _unit, _uses: None)


@bug("api_search")
def hidden_in_search(patch: pytest.MonkeyPatch) -> None:
    """Hidden fields find records."""

    def every(unit: Unit, key: str) -> tuple[str, ...]:
        return tuple(field.key for field in searched_fields(unit.snapshot.object(key)))

    everywhere(patch, read.findable_fields, every)


@bug("api_history")
def hidden_in_history(patch: pytest.MonkeyPatch) -> None:
    """History tells hidden fields."""
    patch.setattr(
        past,
        "_visible_keys",
        lambda _unit, bound: {field.id: field.key for field in bound.fields.values()},
    )


@bug("api_history")
def history_of_the_bin(patch: pytest.MonkeyPatch) -> None:
    """The past of what lies in the bin is told to whoever could read it before."""
    patch.setattr(api_related, "_past_action", lambda *_: "read")


@bug("bin_pages")
def bin_by_reading(patch: pytest.MonkeyPatch) -> None:
    """The bin shows all that one could read."""
    patch.setattr(read, "_list_action", lambda _request: "read_list")


@bug("api_related")
def related_without_scope(patch: pytest.MonkeyPatch) -> None:
    """A related list shows every record that links here."""
    real = read_page
    related = read.related

    def widened(*given: Any, **more: Any) -> Any:
        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(read, "read_page", lambda unit, one, ask: real(unit, all_of(one), ask))
            return related(*given, **more)

    patch.setattr(read, "related", widened)


@bug("api_search")
def search_without_scope(patch: pytest.MonkeyPatch) -> None:
    """Search everywhere tells the names of records out of reach."""
    real = find._searched
    patch.setattr(
        find,
        "_searched",
        lambda *given: [replace(one, predicate=all_of(one.predicate)) for one in real(*given)],
    )


@bug("api_aggregate")
def covered_in_sums(patch: pytest.MonkeyPatch) -> None:
    """Sums and groups tell covered fields."""
    patch.setattr(api_aggregate, "_refuse_covered", lambda *_: None)


@bug("pickers")
def facts_uncovered(patch: pytest.MonkeyPatch) -> None:
    """Pickers forget to cover the facts beside names."""
    patch.setattr(lookups, "covered", _as_is)


@bug("pickers")
def picker_without_scope(patch: pytest.MonkeyPatch) -> None:
    """Pickers offer what one may not read."""
    real = read_page
    patch.setattr(read, "read_page", lambda unit, one, ask: real(unit, all_of(one), ask))


@bug("files")
def files_of_hidden_fields(patch: pytest.MonkeyPatch) -> None:
    """Files of a hidden field are given to whoever reads the record."""

    class Blind(_Unmasked):
        def field_level(self, _object: str, _field: str) -> str:
            return "edit"

    patch.setattr(reading, "rights_of", Blind)


@bug("api_data_log")
def data_log_uncovered(patch: pytest.MonkeyPatch) -> None:
    """The data log forgets to cover."""
    patch.setattr(lines, "covered", _as_is)


@bug("api_access")
def explanation_of_its_own(patch: pytest.MonkeyPatch) -> None:
    """The explanation says yes wherever a role grants the action."""
    patch.setattr(explain, "admits", lambda *_: True)


@bug("unique_check")
def taken_by_name(patch: pytest.MonkeyPatch) -> None:
    """A refused double tells which record has the value."""
    patch.setattr(uniqueness, "readable", lambda *_: True)
