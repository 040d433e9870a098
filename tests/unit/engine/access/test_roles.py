"""Rights: denied by default, what roles grant adds up, an edit never wider than the view."""

from dataclasses import replace
from typing import Any, cast

import pytest

from engine.access.roles import Rights, rights_of
from engine.access.scope import ALL, OWN, REACHES
from engine.context import Actor, Context
from engine.errors import Forbidden, UnknownObject
from engine.storage.snapshot import Snapshot, Unit
from metadata.catalog import SCOPES
from metadata.model import FieldGrant, ObjectGrant, RoleDef
from tests.support.worlds import NOW, an_object, bound_snapshot, field

BOOKS = (
    an_object("book", field("name", "text"), field("price", "money"), owned=True),
    an_object("shelf", field("name", "text")),
)


def role(key: str, admin: frozenset[str] = frozenset(), **objects: Any) -> RoleDef:
    grants = {
        name: grant if isinstance(grant, ObjectGrant) else ObjectGrant(actions=grant)
        for name, grant in objects.items()
    }
    menus = {"main": frozenset({key})}
    return RoleDef(key=key, label={"": key}, objects=grants, menus=menus, admin=admin)


ROLES = (
    role("reader", book={"read": "all"}),
    role("writer", book={"read": "own", "create": "all", "update": "all"}),
    role("editor", book={"update": "all"}),
    role("donor", book={"create": "all"}),
    role("keeper", book={"read": "own", "update": "own", "read_list": "all"}),
    role("warden", shelf={"read": "own"}, admin=frozenset({"people"})),
    role("slot", book={"read": "chosen_departments"}),
    role(
        "blind",
        book=ObjectGrant(actions={"read": "all"}, fields={"price": FieldGrant("hidden")}),
    ),
    role(
        "masked",
        book=ObjectGrant(actions={"read": "all"}, fields={"price": FieldGrant("read", "list")}),
    ),
)


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    plain = bound_snapshot(BOOKS)
    roles = {each.key: each for each in ROLES}
    return replace(plain, site=replace(plain.site, roles=roles))


def rights(snapshot: Snapshot, *roles: str, superadmin: bool = False) -> Rights:
    actor = Actor(user_id=7, name="Ann", superadmin=superadmin, roles=frozenset(roles))
    unit = Unit(Context(actor=actor, now=NOW), cast("Any", None), snapshot)
    return rights_of(unit)


def test_without_a_role_everything_is_denied(snapshot: Snapshot) -> None:
    nobody = rights(snapshot)
    assert nobody.objects() == ()
    assert not nobody.admin("people")
    assert not nobody.menu("main", "reader")
    assert nobody.field_level("book", "price") == "hidden"
    with pytest.raises(UnknownObject):
        nobody.predicate("book", "read")


def test_an_unknown_role_grants_nothing(snapshot: Snapshot) -> None:
    assert rights(snapshot, "ghost").objects() == ()


def test_an_action_that_no_role_names_is_denied(snapshot: Snapshot) -> None:
    reader = rights(snapshot, "reader")
    assert reader.allows("book", "read")
    for action in ("create", "update", "delete", "export", "no_such_action"):
        with pytest.raises(Forbidden):
            reader.require("book", action)


def test_an_object_out_of_reach_looks_like_one_that_is_not_there(snapshot: Snapshot) -> None:
    reader = rights(snapshot, "reader")
    with pytest.raises(UnknownObject) as hidden:
        reader.require("shelf", "update")
    with pytest.raises(UnknownObject) as absent:
        reader.require("nothing", "update")
    assert type(hidden.value) is type(absent.value)


def test_the_widest_scope_is_that_of_the_action_itself(snapshot: Snapshot) -> None:
    both = rights(snapshot, "reader", "keeper")
    assert both.predicate("book", "read").shape == "all"
    assert both.predicate("book", "update").owner_ids == (7,)


def test_an_update_is_never_wider_than_the_read(snapshot: Snapshot) -> None:
    writer = rights(snapshot, "writer").predicate("book", "update")
    assert (writer.shape, writer.owner_ids) == ("owners", (7,))


def test_an_update_without_a_read_is_nothing(snapshot: Snapshot) -> None:
    assert not rights(snapshot, "editor").allows("book", "update")


def test_creating_needs_no_reading(snapshot: Snapshot) -> None:
    donor = rights(snapshot, "donor")
    assert donor.allows("book", "create")
    assert donor.predicate("book", "create").shape == "all"
    assert "book" not in donor.objects()


def test_lists_follow_the_read_unless_granted_apart(snapshot: Snapshot) -> None:
    assert rights(snapshot, "writer").predicate("book", "read_list").owner_ids == (7,)
    keeper = rights(snapshot, "keeper")
    assert keeper.predicate("book", "read_list").owner_ids == (7,)
    assert rights(snapshot, "reader").allows("book", "read_list")


def test_own_records_of_an_object_without_owners_are_none(snapshot: Snapshot) -> None:
    assert rights(snapshot, "warden").predicate("shelf", "read").shape == "none"


def test_every_scope_that_a_document_may_name_is_served() -> None:
    assert {ALL, OWN, *REACHES} == set(SCOPES)


def test_fields_are_as_open_as_the_most_open_role_that_reads(snapshot: Snapshot) -> None:
    assert rights(snapshot, "blind").field_level("book", "price") == "hidden"
    assert rights(snapshot, "blind").field_level("book", "name") == "edit"
    assert rights(snapshot, "blind", "masked").field_level("book", "price") == "read"
    assert rights(snapshot, "blind", "masked").field_mask("book", "price") == "list"
    assert rights(snapshot, "blind", "reader").field_level("book", "price") == "edit"
    assert rights(snapshot, "masked", "reader").field_mask("book", "price") == ""
    assert rights(snapshot, "blind", "editor").field_level("book", "price") == "hidden"


def test_administration_and_menus_are_rights_of_their_own(snapshot: Snapshot) -> None:
    warden = rights(snapshot, "warden")
    assert warden.admin("people")
    assert not warden.admin("metadata")
    warden.require_admin("people")
    with pytest.raises(Forbidden):
        warden.require_admin("metadata")
    assert warden.menu("main", "warden")
    assert not warden.menu("main", "reader")


def test_the_superadmin_may_do_everything_with_everything(snapshot: Snapshot) -> None:
    chief = rights(snapshot, superadmin=True)
    assert chief.objects() == ("book", "shelf")
    assert chief.predicate("shelf", "delete").shape == "all"
    assert chief.field_level("book", "price") == "edit"
    assert chief.admin("metadata")
    assert chief.menu("main", "anything")
    assert not chief.allows("nothing", "read")
