"""Rules of fields, whoever writes: hidden, needed, fixed, which options, what comes along."""

from typing import Any

import pytest

from engine.errors import InvalidInput
from engine.records.bulk import change_each
from engine.records.change import change
from engine.records.change_many import change_many
from engine.records.create_many import create_many
from engine.records.read import get
from engine.records.writing import USUAL, Writing
from metadata.errors import MetadataInvalid
from tests.integration.records.world import World
from tests.support.library import publish

LENT = {"field": "state", "op": "eq", "value": "lent"}
LOST = {"field": "state", "op": "eq", "value": "lost"}
SIZES = {"s": {"label": "Small"}, "m": {"label": "Medium"}, "l": {"label": "Large"}}


@pytest.fixture
def ruled(world: World) -> World:
    """Loans with one field under each kind of rule."""
    fields: dict[str, dict[str, Any]] = {
        "x_fee": {"type": "integer", "label": "Fee", "readonly_if": LOST},
        "x_box": {
            "type": "select",
            "label": "Box",
            "options": SIZES,
            "options_if": {"l": LOST, "m": LENT},
        },
        "x_kinds": {
            "type": "multi_select",
            "label": "Kinds",
            "options": SIZES,
            "options_if": {"l": LOST},
        },
        "x_why": {"type": "text", "label": "Why", "visible_if": LOST, "required_if": LOST},
        "x_how": {
            "type": "text",
            "label": "How",
            "visible_if": {"field": "x_why", "op": "not_empty"},
        },
        "x_desk": {"type": "department", "label": "Desk", "default": {"my_department": True}},
        "x_seen": {"type": "date", "label": "Seen", "default": {"period": "today"}},
        "x_by": {"type": "user", "label": "By", "default": {"me": True}},
        "x_author": {"type": "text", "label": "Author"},
        "x_price": {"type": "money", "label": "Price", "scale": 2, "readonly": True},
    }
    copies = {
        "op": "set",
        "document": "object/loan",
        "path": "fields/book/copies",
        "value": {"x_author": "author", "x_price": "price"},
    }
    publish(world.live, *(added("loan", key, value) for key, value in fields.items()), copies)
    return world


def added(object_key: str, key: str, value: dict[str, Any]) -> dict[str, Any]:
    return {
        "op": "add",
        "document": f"object/{object_key}",
        "path": f"fields/{key}",
        "value": value,
    }


def loan(world: World, **values: Any) -> int:
    """Lend a book; gives the loan's id."""
    book = values.pop("book", None) or world.book()
    mobile = f"138{world.create('department', name='x').id:08}"
    reader = world.create("reader", mobile=mobile).id
    return world.create("loan", book=book, reader=reader, **values).id


def changed(world: World, number: int, **values: Any) -> None:
    with world.unit() as unit:
        change(unit, "loan", number, values, version=None, writing=Writing(unversioned=True))


def stored(world: World, number: int, *keys: str) -> list[Any]:
    with world.unit() as unit:
        found = get(unit, "loan", number, keys)
        return [getattr(found.value(key), "id", found.value(key)) for key in keys]


def faults(refused: pytest.ExceptionInfo[InvalidInput]) -> dict[str, str]:
    return {error.field: error.code for error in refused.value.errors}


def test_a_field_that_a_condition_fixes_keeps_its_value(ruled: World) -> None:
    number = loan(ruled, x_fee=5)
    changed(ruled, number, x_fee=6)
    changed(ruled, number, state="lost", x_why="left on a train")
    with pytest.raises(InvalidInput) as refused:
        changed(ruled, number, x_fee=7)
    assert faults(refused) == {"x_fee": "readonly"}
    changed(ruled, number, x_fee=6, x_why="stolen")  # the same value is no change
    changed(ruled, number, x_fee=7, state="lent")
    assert stored(ruled, number, "x_fee") == [7]


def test_an_option_is_taken_only_while_it_is_offered(ruled: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        loan(ruled, x_box="l", x_kinds=["s", "l"])
    assert faults(refused) == {"x_box": "option_not_offered", "x_kinds": "option_not_offered"}
    number = loan(ruled, x_box="m", x_kinds=["s"])
    changed(ruled, number, state="lost", x_why="fire", x_box="l", x_kinds=["s", "l"])
    changed(ruled, number, state="lent")  # what is there stays
    changed(ruled, number, x_kinds=["l"])
    with pytest.raises(InvalidInput):
        changed(ruled, number, x_box="m", x_kinds=["m", "l"], state="lost")
    assert stored(ruled, number, "x_box", "x_kinds") == ["l", ("l",)]


def test_hidden_fields_keep_their_values_however_long_the_chain(ruled: World) -> None:
    number = loan(ruled, state="lost", x_why="fire", x_how="by night")
    changed(ruled, number, state="lent", x_why="water", x_how="by day")
    assert stored(ruled, number, "x_why", "x_how") == ["fire", "by day"]
    fresh = loan(ruled, x_why="water", x_how="by day")  # hidden why, so hidden how
    assert stored(ruled, fresh, "x_why", "x_how") == [None, None]


def test_imports_and_bulk_changes_obey_the_same_rules(ruled: World) -> None:
    book, reader = ruled.book(), ruled.create("reader", mobile="13800007777").id
    base = {"book": book, "reader": reader, "lent_on": "2026-11-20"}
    with ruled.unit() as unit:
        rows = [{**base, "x_box": "l"}, {**base, "state": "lost"}, {**base, "x_box": "m"}]
        outcomes = create_many(unit, "loan", rows, writing=USUAL)
    wrong = [
        [error.field for error in one.error.errors] if isinstance(one.error, InvalidInput) else []
        for one in outcomes
    ]
    assert wrong == [["x_box"], ["x_why"], []]
    made = outcomes[2].id
    assert made is not None
    with ruled.unit() as unit:
        many = change_many(
            unit, "loan", [(made, {"x_box": "l"})], writing=Writing(unversioned=True)
        )
    assert many[0].error is not None
    with ruled.unit() as unit:
        bulk = change_each(unit, "loan", [made], {"x_box": "l"})
    assert bulk[0].error is not None


def test_defaults_of_the_moment(ruled: World) -> None:
    grant = {"op": "add", "document": "role/x_clerk", "path": "objects/loan"}
    read = {"op": "add", "document": "role/x_clerk", "path": "objects/reader"}
    publish(
        ruled.live,
        {**grant, "value": {"read": "all", "create": True}},
        {**read, "value": {"read": "all"}},
    )
    book, reader = ruled.book(), ruled.create("reader").id
    number = ruled.create("loan", ruled.ann, book=book, reader=reader).id
    today, by, desk = stored(ruled, number, "x_seen", "x_by", "x_desk")
    assert str(today) == "2026-11-23"
    assert (by, desk) == (ruled.ann.user_id, ruled.desk)


def test_a_link_brings_values_once_and_never_over_what_was_entered(ruled: World) -> None:
    first, second = ruled.book(price="45.00"), ruled.book(author="Dickens", price="12.00")
    number = loan(ruled, book=first)
    assert stored(ruled, number, "x_author", "x_price") == ["Tolstoy", 4500]
    changed(ruled, number, book=second)
    assert stored(ruled, number, "x_author", "x_price") == ["Tolstoy", 1200]
    changed(ruled, number, x_author="")
    changed(ruled, number, book=first)
    assert stored(ruled, number, "x_author") == ["Tolstoy"]
    given = loan(ruled, book=first, x_author="Somebody")
    assert stored(ruled, given, "x_author") == ["Somebody"]


def test_no_rule_tells_what_its_reader_may_not_see(ruled: World) -> None:
    rule = {
        "op": "add",
        "document": "object/x_task",
        "path": "rules/x_secret",
        "value": {
            "when": {"field": "secret", "op": "not_empty"},
            "check": {"field": "secret", "op": "ne", "value": "plum"},
            "message": "Not {secret}, {name}",
        },
    }
    publish(ruled.live, rule)
    with pytest.raises(InvalidInput) as told:
        ruled.create("x_task", name="pie", secret="plum")
    assert told.value.errors[0].field == "secret"
    assert told.value.errors[0].params["message"] == "Not plum, pie"
    needed = {"op": "set", "document": "object/x_task", "path": "fields/secret/required"}
    publish(ruled.live, {**needed, "value": True})
    with pytest.raises(InvalidInput) as unseen:
        ruled.create("x_task", ruled.ann, name="pie")
    assert faults(unseen) == {"": "required_unseen"}
    publish(
        ruled.live,
        {**needed, "op": "remove"},
        {
            "op": "set",
            "document": "object/x_task",
            "path": "fields/secret/default",
            "value": "plum",
        },
    )
    with pytest.raises(InvalidInput) as dark:
        ruled.create("x_task", ruled.ann, name="pie")
    (fault,) = dark.value.errors
    assert (fault.field, fault.params["message"]) == ("", "Not …, pie")


def test_values_out_of_reach_do_not_come_along(ruled: World) -> None:
    publish(
        ruled.live,
        {"op": "add", "document": "role/x_clerk", "path": "objects/loan",
         "value": {"read": "all", "create": True}},
        {"op": "add", "document": "role/x_clerk", "path": "objects/reader",
         "value": {"read": "all"}},
        {"op": "set", "document": "role/x_clerk", "path": "objects/book",
         "value": {"read": "all", "fields": {"price": "hidden"}}},
    )  # fmt: skip
    book, reader = ruled.book(price="45.00"), ruled.create("reader").id
    number = ruled.create("loan", ruled.ann, book=book, reader=reader).id
    assert stored(ruled, number, "x_author", "x_price") == ["Tolstoy", None]


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ({"type": "text", "label": "x", "default": {"me": True}}, "wrong_type"),
        ({"type": "date", "label": "x", "default": {"me": True}}, "bad_default"),
        ({"type": "text", "label": "x", "options_if": {"s": LENT}}, "unknown_option"),
        (
            {"type": "select", "label": "x", "options": SIZES, "options_if": {"xl": LENT}},
            "unknown_option",
        ),
        ({"type": "text", "label": "x", "readonly_if": {"field": "nix", "op": "empty"}}, None),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    world: World, field: dict[str, Any], code: str | None
) -> None:
    with pytest.raises(MetadataInvalid) as refused:
        publish(world.live, added("loan", "x_odd", field))
    assert code is None or code in {problem.code for problem in refused.value.problems}
