"""Nobody grants what he does not hold: random edits and assignments against sets of rights."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.access.granting import WIDER, ungrantable
from engine.access.roles import SUPERADMIN
from engine.context import Actor, Context, Limits
from engine.publish.widening import widened
from engine.storage.snapshot import Unit
from metadata.catalog import SCOPES
from metadata.compile_objects import role_from
from metadata.documents import Document
from metadata.layers import Layered, Layers
from metadata.load import Compiled
from metadata.model import ActionDef, MenuDef, MenuItemDef
from tests.support.worlds import NOW, an_object, bound_snapshot
from tests.support.worlds import field as a_field

OBJECTS = ("book",)
ACTIONS = ("read", "update", "export", "create")
FIELDS = ("name", "price")
ADMIN = ("people", "roles")
ITEMS = ("first", "second")
PEOPLE = ("ann", "bob", "cy")
ROLES = ("r1", "r2", "r3")
DECLARED = {key: ActionDef(key=key, label={"": key}) for key in ACTIONS}
PLAIN = bound_snapshot(
    [replace(an_object(key, a_field("name", "text"), a_field("price", "text"), owned=True),
             actions=DECLARED)
     for key in OBJECTS]
)  # fmt: skip
MENUS = {"main": MenuDef(key="main", label={"": "m"}, items={
    key: MenuItemDef(key=key, opens="object/book") for key in ITEMS})}  # fmt: skip

Body = Mapping[str, Any]


def atoms(key: str, body: Body) -> set[tuple[str, ...]]:
    """Spell out every single right of a role, the smaller ones that it holds included."""
    found: set[tuple[str, ...]] = set()
    for name, grant in body.get("objects", {}).items():
        actions = {action: scope for action, scope in grant.items() if action != "fields"}
        for action, scope in actions.items():
            for word in SCOPES:
                if word == scope or word in below(scope):
                    mine = f"{word} of {key}" if word == scope == "chosen_departments" else word
                    found.add(("do", name, action, mine))
            if scope == "all":
                found |= {("do", name, action, f"chosen_departments of {one}") for one in ROLES}
        if actions:
            for one in FIELDS:
                found |= {("field", name, one, what) for what in seen(grant, one)}
    found |= {("admin", right) for right in body.get("admin", {})}
    found |= {("menu", item) for item in body.get("menus", {}).get("main", {})}
    return found


def below(scope: str) -> set[str]:
    """Give the scopes that a scope holds, said apart from the code."""
    return {
        "own": set(),
        "own_and_reports": {"own"},
        "department": {"own"},
        "department_tree": {"own", "department"},
        "chosen_departments": set(),
        "all": {*SCOPES} - {"all"},
    }[scope]


def seen(grant: Body, key: str) -> set[str]:
    """Give what a role lets one do with a field."""
    one = grant.get("fields", {}).get(key, {"level": "edit"})
    if one["level"] == "hidden":
        return set()
    shown = {"list": {"detail"}, "always": set()}.get(one.get("mask"), {"list", "detail"})
    return {"see", *shown, *({"edit"} if one["level"] == "edit" else ())}


@dataclass
class Model:
    """Who has which role, and what the roles say."""

    roles: dict[str, Body]
    members: dict[str, frozenset[str]]
    log: list[str] = field(default_factory=list)

    def held(self, person: str) -> set[tuple[str, ...]]:
        """Give every single right that somebody has."""
        return set().union(*(atoms(key, self.roles[key]) for key in self.members[person]))

    def compiled(self) -> Compiled:
        """Give what the engine is told of these roles."""
        documents = {f"role/{key}": document(key, body) for key, body in self.roles.items()}
        site = replace(
            PLAIN.site,
            roles={key: role_from(documents[f"role/{key}"]) for key in self.roles},
            menus=MENUS,
        )
        return Compiled(Layers(), Layered({}, roles=documents), site)

    def actor(self, person: str) -> Actor:
        return Actor(user_id=1, name=person, roles=self.members[person])

    def assign(self, granter: str, person: str, roles: frozenset[str]) -> None:
        """Let somebody give and take roles, if the engine lets him."""
        snapshot = replace(PLAIN, site=self.compiled().site, memo={})
        unit = Unit(Context(self.actor(granter), NOW), cast("Any", None), snapshot)
        if not ungrantable(unit, sorted(roles ^ self.members[person])):
            self.members[person] = roles

    def edit(self, granter: str, key: str, body: Body) -> None:
        """Let somebody change or make a role, if the engine lets him."""
        old = self.compiled()
        new = Model({**self.roles, key: body}, self.members).compiled()
        ledger: Any = dict.fromkeys(OBJECTS)
        if not widened(self.actor(granter), old, new, ledger):
            self.roles[key] = body


def document(key: str, body: Body) -> Document:
    return Document("role", key, {"label": key, **body}, None, "local")


SCOPE = st.sampled_from(SCOPES)
LEVEL = st.fixed_dictionaries(
    {"level": st.sampled_from(["hidden", "read", "edit"])},
    optional={"mask": st.sampled_from(["list", "always"])},
)
GRANT = st.fixed_dictionaries(
    {"read": SCOPE, "fields": st.dictionaries(st.sampled_from(FIELDS), LEVEL)},
    optional=dict.fromkeys(ACTIONS[1:], SCOPE),
)
BODY = st.fixed_dictionaries(
    {
        "objects": st.fixed_dictionaries({"book": GRANT}),
        "admin": st.dictionaries(st.sampled_from(ADMIN), st.just(value=True)),
        "menus": st.fixed_dictionaries(
            {"main": st.dictionaries(st.sampled_from(ITEMS), st.just(value=True))}
        ),
    }
)
NOTHING = st.none()
TWIST = st.one_of(
    st.tuples(st.just("objects"), st.just("book"), st.sampled_from(ACTIONS), SCOPE | NOTHING),
    st.tuples(st.just("objects"), st.just("fields"), st.sampled_from(FIELDS), LEVEL | NOTHING),
    st.tuples(st.just("admin"), st.just(""), st.sampled_from(ADMIN), st.just(value=True)),
    st.tuples(st.just("menus"), st.just(""), st.sampled_from(ITEMS), st.just(value=True)),
)
"""One change of a role, as an edit of the screen makes it: the small holes are found by these."""
SOME = st.frozensets(st.sampled_from(ROLES))
WHO, WHICH = st.sampled_from(PEOPLE), st.sampled_from(ROLES)
STEP = st.tuples(st.sampled_from(["assign", "edit"]), WHO, WHO, WHICH, WHICH, SOME, TWIST)


def twisted(body: Body, twist: tuple[str, str, str, Any]) -> Body:
    """Change one thing of a role."""
    part, within, key, value = twist
    book = dict(body["objects"]["book"])
    if part != "objects":
        place = dict(body[part] if part == "admin" else body[part]["main"])
        place[key] = value
        return {**body, part: place if part == "admin" else {"main": place}}
    place = dict(book["fields"]) if within == "fields" else book
    place.pop(key, None)
    if value is not None:
        place[key] = value
    book = {**book, "fields": place} if within == "fields" else place
    return {**body, "objects": {"book": book}}


@settings(max_examples=150)
@given(
    body=BODY,
    twists=st.tuples(TWIST, TWIST),
    members=st.fixed_dictionaries(dict.fromkeys(PEOPLE, SOME)),
    steps=st.lists(STEP, min_size=1, max_size=6),
)
def test_no_edit_and_no_assignment_yields_more_than_the_granter_had(
    body: Body,
    twists: tuple[Any, Any],
    members: dict[str, frozenset[str]],
    steps: list[tuple[Any, ...]],
) -> None:
    alike = {"r1": body, "r2": twisted(body, twists[0]), "r3": twisted(body, twists[1])}
    model = Model(alike, dict(members))
    for what, granter, person, target, source, wish, twist in steps:
        before = {one: model.held(one) for one in PEOPLE}
        if what == "assign":
            model.assign(granter, person, wish)
        else:
            model.edit(granter, target, twisted(model.roles[source], twist))
        for one in PEOPLE:
            more = model.held(one) - before[one] - before[granter]
            assert not more, f"{granter} gave {one} {sorted(more)}"


@pytest.mark.parametrize(("one", "other"), [*product(SCOPES, SCOPES)])
def test_what_one_scope_holds_of_another(one: str, other: str) -> None:
    assert (other in WIDER[one]) == (one in below(other))


def unit_of(bodies: Mapping[str, Body], actor: Actor) -> Unit:
    snapshot = replace(PLAIN, site=Model(dict(bodies), {}).compiled().site, memo={})
    return Unit(Context(actor, NOW), cast("Any", None), snapshot)


READS: Body = {"objects": {"book": {"read": "all"}}}


def test_a_field_that_one_sees_in_part_is_passed_on_in_part() -> None:
    half = {"objects": {"book": {"read": "all", "fields": {"price": {"level": "read"}}}}}
    less = {"objects": {"book": {"read": "own", "fields": {"price": {"level": "hidden"}}}}}
    covered = {
        "objects": {
            "book": {"read": "all", "fields": {"price": {"level": "read", "mask": "list"}}}
        }
    }
    roles = {"half": half, "less": less, "whole": READS, "covered": covered}
    unit = unit_of(roles, Actor(1, "Ann", roles=frozenset({"half"})))
    assert ungrantable(unit, [*roles]) == ["whole"]
    unit = unit_of(roles, Actor(1, "Ann", roles=frozenset({"covered"})))
    assert ungrantable(unit, [*roles]) == ["half", "whole"]


def test_only_superadmins_appoint_superadmins() -> None:
    roles = {SUPERADMIN: {}, "reader": READS}
    keeper = unit_of(roles, Actor(1, "Ann", roles=frozenset({"reader"})))
    assert ungrantable(keeper, [SUPERADMIN, "reader"]) == [SUPERADMIN]
    ruler = Actor(1, "Root", superadmin=True, roles=frozenset({SUPERADMIN}))
    assert ungrantable(unit_of(roles, ruler), [SUPERADMIN, "reader"]) == []


def test_a_token_passes_on_no_more_than_it_leaves() -> None:
    token = Actor(
        1, "Root", superadmin=True, roles=frozenset({SUPERADMIN}), limits=Limits(reads=True)
    )
    writer = {"objects": {"book": {"read": "all", "update": "all"}}}
    unit = unit_of({SUPERADMIN: {}, "reader": READS, "writer": writer}, token)
    assert ungrantable(unit, [SUPERADMIN, "reader", "writer"]) == [SUPERADMIN, "writer"]


def changed(
    actor_roles: Iterable[str], old: Mapping[str, Body], new: Mapping[str, Body]
) -> list[str]:
    ledger: Any = {"book": None}
    actor = Actor(1, "Ann", roles=frozenset(actor_roles))
    before, after = (Model(dict(one), {}).compiled() for one in (old, new))
    return [one.path for one in widened(actor, before, after, ledger)]


def test_a_line_about_a_hidden_field_is_not_lost_while_nobody_sees_it() -> None:
    shut = {"book": {"read": "all", "fields": {"gone": {"level": "hidden"}}}}
    old, new = {"r1": {"objects": shut}}, {"r1": READS}
    assert changed(["r1"], old, new) == ["objects/book/fields/gone"]
    assert changed(["r2"], {**old, "r2": READS}, {**new, "r2": READS}) == []


def test_an_action_that_is_new_takes_the_right_to_change_the_records() -> None:
    reader, writer = READS, {"objects": {"book": {"read": "all", "update": "own"}}}
    old = {"r1": reader, "r2": writer}
    more = {"objects": {"book": {"read": "all", "lend": "own"}}}
    wider = {"objects": {"book": {"read": "all", "lend": "all"}}}
    assert changed(["r1"], old, {**old, "r1": more}) == ["objects/book/lend"]
    assert changed(["r2"], old, {**old, "r1": more}) == []
    assert changed(["r2"], old, {**old, "r1": wider}) == ["objects/book/lend"]


def test_who_takes_away_needs_to_hold_nothing() -> None:
    assert changed([], {"r1": READS}, {"r1": {}}) == []


def test_of_what_a_publish_makes_everybody_may_grant() -> None:
    fresh = {"objects": {"film": {"read": "all"}}, "menus": {"main": {"third": True}}}
    assert changed([], {}, {"r1": fresh}) == []
    assert changed([], {}, {"r1": {"menus": {"main": {"first": True}}}}) == ["menus/main/first"]
