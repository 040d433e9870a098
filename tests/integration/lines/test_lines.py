"""Lines of a record: one transaction, one version, errors at their place, rights of the parent."""

from typing import Any

import pytest

from engine.access.roles import rights_of
from engine.errors import Forbidden, InvalidInput, RecordNotFound, SaveConflict, UnknownObject
from engine.history.read import read_history
from engine.query.listing import ListRequest
from engine.records.change import change
from engine.records.create import create
from engine.records.create_many import create_many
from engine.records.encode import page_json
from engine.records.line_plans import EditedWithParent
from engine.records.purge import purge
from engine.records.read import count, get, page
from engine.records.remove import remove
from engine.records.restore import restore
from metadata.conditions import parse_condition
from tests.integration.lines.shop import Shop
from tests.support.library import publish
from tests.support.statements import counted


def rows(order: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Give the lines of an order, cut to what was typed."""
    return [
        (row["book"]["label"], row["unit_price"], row["quantity"], row["discount"])
        for row in order["lines"]
    ]


def codes(refused: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str, str]]:
    """Give what was wrong."""
    return [(error.field, error.code) for error in refused.value.errors]


def test_lines_are_made_with_their_record_in_order(shop: Shop) -> None:
    dune, emma = shop.book("Dune", "30.00"), shop.book("Emma", "10.00")

    number = shop.order(
        [
            {"book": emma},
            {"book": dune, "quantity": "2.5", "discount": "10"},
            {"book": dune, "unit_price": "24.00"},
        ]
    )

    found = shop.read(number)
    assert rows(found) == [
        ("Emma", "10.00", "1.00", "0.00"),
        ("Dune", "27.00", "2.50", "10.00"),
        ("Dune", "24.00", "1.00", "20.00"),
    ]
    assert [row["list_price"] for row in found["lines"]] == ["10.00", "30.00", "30.00"]
    assert found["version"] == 1
    with shop.unit() as unit:
        assert get(unit, "x_order", number).value("lines") == 3


def test_table_is_saved_as_a_whole(shop: Shop) -> None:
    dune, emma = shop.book("Dune", "30.00"), shop.book("Emma", "10.00")
    number = shop.order([{"book": dune}, {"book": emma}, {"book": dune, "quantity": "7"}])
    first, second, third = shop.read(number)["lines"]

    version = shop.save(
        number,
        1,
        lines=[third, {"book": emma, "quantity": "4"}, {**first, "quantity": "3"}],
    )

    found = shop.read(number)
    assert version == found["version"] == 2
    assert [row[2] for row in rows(found)] == ["7.00", "4.00", "3.00"]
    assert [row["id"] for row in found["lines"]][::2] == [third["id"], first["id"]]
    assert second["id"] not in [row["id"] for row in found["lines"]]


def test_saving_what_was_read_changes_nothing(shop: Shop) -> None:
    dune = shop.book("Dune", "30.00")
    number = shop.order([{"book": dune, "discount": "33.33"}, {"book": dune}])

    assert shop.save(number, 1, lines=shop.read(number)["lines"]) == 1
    assert shop.save(number, 1, name="Other") == 2
    assert len(shop.read(number)["lines"]) == 2
    assert shop.save(number, 2, lines=None) == 3
    assert shop.read(number)["lines"] == []


def test_everything_wrong_is_told_at_its_place_and_nothing_is_written(shop: Shop) -> None:
    dune = shop.book("Dune", "30.00")
    number = shop.order([{"book": dune}])
    (line,) = shop.read(number)["lines"]

    with pytest.raises(InvalidInput) as refused:
        shop.save(
            number,
            1,
            name="",
            lines=[
                {**line, "quantity": "0"},
                {"quantity": "x"},
                {"book": 999_999, "colour": "red"},
                {"id": 999_999},
                {"id": line["id"]},
            ],
        )

    assert sorted(codes(refused)) == [
        ("lines/0/quantity", "below_minimum"),
        ("lines/1/book", "required"),
        ("lines/1/quantity", "not_a_number"),
        ("lines/1/unit_price", "required"),
        ("lines/2/book", "link_not_found"),
        ("lines/2/colour", "unknown_field"),
        ("lines/2/unit_price", "required"),
        ("lines/3", "no_such_line"),
        ("lines/4", "no_such_line"),
        ("name", "required"),
    ]
    assert shop.read(number)["version"] == 1


@pytest.mark.parametrize(
    ("raw", "code"),
    [("x", "not_a_list"), (3, "not_a_list"), ([1], "not_a_line"), ([{}] * 201, "too_many_lines")],
)
def test_what_is_no_table_is_refused(shop: Shop, raw: Any, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        shop.order(raw)

    assert codes(refused) == [("lines", code)]


def test_discount_and_price_follow_each_other(shop: Shop) -> None:
    dune, gift = shop.book("Dune", "29.99"), shop.book("Gift", "0.00")
    number = shop.order([{"book": dune}])
    (line,) = shop.read(number)["lines"]

    def saved(**values: Any) -> tuple[str, str]:
        now = shop.read(number)
        shop.save(number, now["version"], lines=[{"id": line["id"], **values}])
        (row,) = shop.read(number)["lines"]
        return row["unit_price"], row["discount"]

    assert saved(discount="15") == ("25.49", "15.00")
    assert saved(unit_price="20") == ("20.00", "33.31")
    assert saved(unit_price="0") == ("0.00", "100.00")
    assert saved(book=gift) == ("0.00", "100.00")
    assert saved(unit_price="5") == ("5.00", "0.00")


def test_stale_table_meets_another_and_both_are_shown(shop: Shop) -> None:
    dune = shop.book("Dune", "30.00")
    number = shop.order([{"book": dune}])
    (line,) = shop.read(number)["lines"]
    shop.save(number, 1, lines=[{**line, "quantity": "2"}])

    with pytest.raises(SaveConflict) as conflict:
        shop.save(number, 1, lines=[{**line, "quantity": "3"}])
    merged = shop.save(number, 1, name="Other")

    assert list(conflict.value.theirs) == ["lines"]
    assert merged == 3
    assert rows(shop.read(number)) == [("Dune", "30.00", "2.00", "0.00")]


def test_lines_are_read_and_written_by_the_rights_of_their_record(shop: Shop) -> None:
    dune = shop.book("Dune", "30.00")
    number = shop.order([{"book": dune}], shop.ann)
    (line,) = shop.read(number)["lines"]

    with pytest.raises(RecordNotFound):
        shop.read(number, shop.bob)
    with pytest.raises(RecordNotFound):
        shop.save(number, 1, shop.bob, lines=[])
    for actor in (shop.ann, shop.bob):
        with shop.unit(actor) as unit:
            assert count(unit, ListRequest(object="x_line")).value == 0
            with pytest.raises(RecordNotFound):
                get(unit, "x_line", line["id"])
            with pytest.raises((Forbidden, UnknownObject)):
                create(unit, "x_line", {"order": number, "book": dune})


def test_nobody_writes_a_line_without_its_record(shop: Shop) -> None:
    dune = shop.book("Dune", "30.00")
    number = shop.order([{"book": dune}])
    (line,) = shop.read(number)["lines"]

    with shop.unit() as unit:
        with pytest.raises(EditedWithParent):
            create(unit, "x_line", {"order": number, "book": dune})
        with pytest.raises(EditedWithParent):
            create_many(unit, "x_line", [{"order": number, "book": dune}])
        with pytest.raises(EditedWithParent):
            change(unit, "x_line", line["id"], {"quantity": "2"}, version=1)
        with pytest.raises(EditedWithParent):
            remove(unit, "x_line", line["id"])


def test_line_of_another_record_cannot_be_taken(shop: Shop) -> None:
    dune = shop.book("Dune", "30.00")
    theirs = shop.order([{"book": dune}], shop.bob)
    (line,) = shop.read(theirs, shop.bob)["lines"]
    mine = shop.order([], shop.ann)

    with pytest.raises(InvalidInput) as refused:
        shop.save(mine, 1, lines=[{"id": line["id"], "quantity": "9"}])

    assert codes(refused) == [("lines/0", "no_such_line")]
    assert rows(shop.read(theirs, shop.bob))[0][2] == "1.00"


def test_history_of_the_record_tells_what_happened_to_lines(shop: Shop) -> None:
    dune, emma = shop.book("Dune", "30.00"), shop.book("Emma", "10.00")
    number = shop.order([{"book": dune}, {"book": emma}])
    lines = shop.read(number)["lines"]
    shop.save(number, 1, lines=[{**lines[0], "quantity": "2"}, lines[1]])

    with shop.unit(shop.ann) as unit:
        predicate = rights_of(unit).predicate("x_order", "read")
        newest, first = read_history(unit, predicate, "x_order", number).entries
    (changed,) = newest.changes
    made = next(one for one in first.changes if one.key == "lines")
    assert "Dune" in changed.change.old_text
    assert "Emma" not in changed.change.old_text
    assert ("1" in changed.change.old_text, "2" in changed.change.new_text) == (True, True)
    assert made.change.new_text.count("\n") == 1


def test_lines_fall_rise_and_go_with_their_record(shop: Shop) -> None:
    dune = shop.book("Dune", "30.00")
    number = shop.order([{"book": dune}, {"book": dune}])
    shop.save(number, 1, lines=shop.read(number)["lines"][:1])

    with shop.unit(shop.ann) as unit:
        fallen = remove(unit, "x_order", number).records
        back = restore(unit, "x_order", number)
    assert len(fallen["x_line"]) == len(back["x_line"]) == 1
    assert len(shop.read(number)["lines"]) == 1
    with shop.unit(shop.ann) as unit:
        remove(unit, "x_order", number)
        gone = purge(unit, "x_order", number)
    assert len(gone["x_line"]) == 2
    with shop.unit() as unit:
        remove(unit, "book", dune)


def test_many_records_bring_their_lines(shop: Shop) -> None:
    dune = shop.book("Dune", "30.00")
    made = [{"name": f"O{at}", "lines": [{"book": dune}] * at} for at in range(4)]
    made.append({"name": "Bad", "lines": [{"book": dune, "quantity": "-1"}]})

    with shop.unit() as unit:
        outcomes = create_many(unit, "x_order", made)
        request = ListRequest(object="x_order", sort=("name",))
        listed = page_json(unit, "x_order", page(unit, request))
        where = parse_condition({"field": "lines", "op": "not_empty"})
        filled = count(unit, ListRequest(object="x_order", where=where)).value

    assert [one.good for one in outcomes] == [True] * 4 + [False]
    assert [len(one["lines"]) for one in listed] == [0, 1, 2, 3]
    assert filled == 3


def test_save_is_judged_by_the_sums_that_it_will_have(shop: Shop) -> None:
    dune = shop.book("Dune", "30.00")
    few = {"field": "total", "op": "lte", "value": "100.00"}
    rule = {"check": few, "message": {"en": "Too much: {total}", "zh-CN": "超额：{total}"}}
    rules = {"op": "add", "document": "object/x_order", "path": "rules/few", "value": rule}
    publish(shop.live, rules)

    number = shop.order([{"book": dune, "quantity": "3"}])
    (line,) = shop.read(number)["lines"]
    with pytest.raises(InvalidInput) as dear:
        shop.order([{"book": dune, "quantity": "4"}])
    with pytest.raises(InvalidInput) as dearer:
        shop.save(number, 1, lines=[{**line, "quantity": "4"}])

    assert codes(dear) == codes(dearer) == [("total", "rule_broken")]
    assert "120.00" in dearer.value.errors[0].params["message"]
    assert shop.save(number, 1, lines=[{**line, "quantity": "4"}], discount="20") == 2
    assert [shop.read(number)[key] for key in ("lines_sum", "total")] == ["120.00", "96.00"]


def test_more_lines_ask_little_more(shop: Shop) -> None:
    dune, emma = shop.book("Dune", "30.00"), shop.book("Emma", "10.00")

    def asked(count: int) -> tuple[int, int]:
        lines: list[dict[str, Any]] = [
            {"book": (dune, emma)[at % 2], "quantity": at + 1} for at in range(count)
        ]
        with shop.unit(shop.ann) as unit, counted(unit.connection) as making:
            number = create(unit, "x_order", {"name": "A", "lines": lines}).id
        lines = [{"id": row["id"], "quantity": "7.5"} for row in shop.read(number)["lines"]]
        with shop.unit(shop.ann) as unit, counted(unit.connection) as changing:
            change(unit, "x_order", number, {"lines": lines}, version=1)
        return len(making), len(changing)

    asked(2)  # the first one composes
    few, many = asked(2), asked(12)

    assert many[0] - few[0] <= 10  # what the chosen record brings along
    assert many[1] - few[1] <= 40  # read, write, history and event of each
