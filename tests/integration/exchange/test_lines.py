"""Lines in files: several rows of one record, in whole or not at all, out and in again."""

from pathlib import Path
from typing import Any

import pytest

from engine.exchange import importer
from engine.exchange.failed import write_failed_rows
from engine.exchange.mapping import MappingUnclear, map_columns, targets
from engine.exchange.order import make_order, parse_options
from engine.exchange.table import open_table
from engine.exchange.template import write_template
from engine.query.listing import ListRequest
from engine.records.encode import page_json
from engine.records.read import page
from tests.integration.exchange.desk import Desk, csv_text
from tests.integration.lines.shop import LINE, ORDER
from tests.support.library import publish, system_context

HEAD = ("Name", "Off", "Lines · Book", "Lines · Quantity", "Lines · Discount")
MAY = {"read": "own", "create": True, "update": "own", "import": True, "export": "own"}
SELLS = {"op": "add", "document": "role/x_desk", "path": "objects/x_order", "value": MAY}


@pytest.fixture
def shop(desk: Desk) -> Desk:
    """A desk that sells Dune for 30 and Emma for 9.99."""
    publish(desk.live, ORDER, LINE, SELLS)
    desk.world.book(title="Dune", price="30.00")
    desk.world.book(title="Emma", price="9.99")
    return desk


def orders(shop: Desk) -> list[tuple[Any, ...]]:
    """Give name, total and lines of every order."""
    with shop.live.read(system_context(shop.live)) as unit:
        found = page_json(unit, "x_order", page(unit, ListRequest(object="x_order", sort=("id",))))
    return [
        (
            one["name"],
            one["total"],
            [(row["book"]["label"], row["quantity"], row["unit_price"]) for row in one["lines"]],
        )
        for one in found
    ]


def bring(shop: Desk, *rows: Any, head: Any = HEAD, **options: Any) -> Any:
    return shop.bring(csv_text(head, *rows), "x_order", **options)


def test_rows_of_one_record_become_its_lines(shop: Desk) -> None:
    done = bring(
        shop,
        ("A", "10", "Dune", "2", ""),
        ("A", "", "Emma", "1.5", "50"),  # says again which record it is of
        ("", "", "Dune", "", ""),  # or nothing
        ("B", "", "", "", ""),
        ("C", "", "Emma", "", ""),
    )

    assert (done.counts, done.job.done, done.job.total) == ((3, 0, 0, 0), 5, 5)
    assert orders(shop) == [
        ("A", "87.75", [("Dune", "2.00", "30.00"), ("Emma", "1.50", "5.00"),
                        ("Dune", "1.00", "30.00")]),
        ("B", "0.00", []),
        ("C", "9.99", [("Emma", "1.00", "9.99")]),
    ]  # fmt: skip


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("mode", ["create", "both"])
def test_record_with_a_wrong_line_does_not_get_in_half(
    shop: Desk, mode: str, dry_run: bool, tmp_path: Path
) -> None:
    rows = (
        ("A", "", "Dune", "x", ""),  # 2
        ("", "", "Emma", "-1", ""),  # 3
        ("", "", "Dune", "", ""),  # 4
        ("B", "", "Emma", "", ""),  # 5
        ("", "", "Nowhere", "", ""),  # 6
        ("C", "", "Dune", "", ""),  # 7
    )
    done = bring(shop, *rows, mode=mode, dry_run=dry_run)

    assert done.counts == (1, 0, 0, 2)
    assert done.told == [
        (2, "Lines · Quantity", "not_a_number"),
        (3, "Lines · Quantity", "below_minimum"),
        (4, "", "held_back"),
        (5, "", "held_back"),
        (6, "Lines · Book", "linked_not_found"),
    ]
    assert [one.params["row"] for one in done.errors if one.code == "held_back"] == [2, 6]
    assert [order[0] for order in orders(shop)] == ([] if dry_run else ["C"])
    with shop.live.database.read() as connection:
        source = shop.files.path(done.job.payload["file"])
        write_failed_rows(
            connection, done.job.id, source, tmp_path / "f", ("r", "why"), lambda one: one.code
        )
    assert [cells[5] for _, cells in open_table(tmp_path / "f").rows] == ["2", "3", "4", "5", "6"]


def test_rows_that_contradict_each_other_or_stand_apart(shop: Desk) -> None:
    apart = bring(
        shop, ("A", "", "Dune", "", ""), ("B", "", "Emma", "", ""), ("A", "", "Emma", "", "")
    )
    other = bring(shop, ("C", "10", "Dune", "", ""), ("C", "20", "Emma", "", ""))

    assert apart.told == [(2, "Name", "rows_apart"), (4, "Name", "rows_apart")]
    assert [one.params["row"] for one in apart.errors] == [4, 2]
    assert other.told == [(2, "", "held_back"), (3, "Off", "other_than_first")]
    assert [order[0] for order in orders(shop)] == ["B"]
    ragged = bring(shop, ("E", "", "Dune", "", "", "?"), ("", "", "Emma", "", ""))
    assert ragged.told == [(2, "", "ragged_row"), (3, "", "held_back")]
    many = bring(shop, ("D", "", "Dune", "", ""), *[("", "", "Emma", "", "")] * 200)
    assert many.told[0] == (2, "Lines", "too_many_lines")
    assert len(many.told) == 201


def test_without_a_match_equal_rows_are_one_record(shop: Desk) -> None:
    done = bring(
        shop,
        ("A", "5", "Dune", "", ""),
        ("A", "5", "Emma", "", ""),
        ("A", "", "Emma", "", ""),
        mode="create",
    )

    assert done.counts == (2, 0, 0, 0)
    assert [len(order[2]) for order in orders(shop)] == [2, 1]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_was_exported_comes_in_again_and_changes_nothing(
    shop: Desk, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "ROWS", 3)  # a record is never cut in two
    bring(
        shop,
        ("A", "10", "Dune", "2", "12.5"),
        ("", "", "Emma", "3", ""),
        ("", "", "Dune", "1", ""),
        ("B", "", "", "", ""),
        ("C", "", "Emma", "", "33.33"),
        ("", "", "Emma", "", ""),
    )
    before = orders(shop), shop.rows("x_line", "id", "version", "sort_order")

    path = shop.export(
        "x_order", format=kind, columns=("name", "discount", "lines", "total"), sort=("id",)
    )
    sheet = open_table(path)
    rows = [cells for _, cells in sheet.rows]
    again = shop.bring(path.read_bytes(), "x_order")

    assert list(sheet.header) == [
        "Name", "Off", "Lines · Book", "Lines · List price", "Lines · Price", "Lines · Quantity",
        "Lines · Discount", "Lines · Subtotal", "Total",
    ]  # fmt: skip
    assert [row[0] for row in rows] == ["A", "A", "A", "B", "C", "C"]
    assert [row[1] not in (None, "") for row in rows] == [True, False, False, True, True, False]
    assert (again.counts, again.told) == ((0, 0, 3, 0), [])
    assert (orders(shop), shop.rows("x_line", "id", "version", "sort_order")) == before


def test_lines_of_a_file_replace_those_of_the_record(shop: Desk) -> None:
    bring(shop, ("A", "", "Dune", "2", "10"), ("", "", "Emma", "3", ""), ("B", "", "Emma", "", ""))
    dune, emma, other = (number for (number,) in shop.rows("x_line", "id"))

    done = bring(
        shop,
        ("A", "", "Emma", "4", ""),  # the same line, moved up; its discount stays
        ("", "", "Dune", "", ""),
        ("", "", "Dune", "7", ""),
        ("B", "50", "", "", ""),  # says nothing of lines
    )

    assert done.counts == (0, 2, 0, 0)
    assert orders(shop) == [
        ("A", "303.96", [("Emma", "4.00", "9.99"), ("Dune", "2.00", "27.00"),
                         ("Dune", "7.00", "30.00")]),
        ("B", "5.00", [("Emma", "1.00", "9.99")]),
    ]  # fmt: skip
    assert [number for (number,) in shop.rows("x_line", "id")][:3] == [dune, emma, other]
    assert bring(shop, ("A", "", "Dune", "", "")).counts == (0, 1, 0, 0)
    assert orders(shop)[0][2] == [("Dune", "2.00", "27.00")]


@pytest.mark.parametrize("path", ["total", "lines.subtotal", "lines_sum"])
def test_nothing_that_is_computed_is_imported(shop: Desk, path: str) -> None:
    text = csv_text(("Name", "Other"), ("A", "5"))
    with pytest.raises(MappingUnclear) as refused:
        shop.order(text, "x_order", map={"Other": path})
    with shop.live.read(shop.context()) as unit:
        bound = unit.snapshot.object("x_order")
        known = targets(unit, bound)
        (column,) = map_columns(unit, bound, ["Lines · Subtotal"], {})

    assert refused.value.params == {"reason": "computed", "header": "Other", "field": path}
    assert path not in known
    assert (column.path, column.computed) == ("", True)
    left_out = bring(shop, ("A", "1"), head=("Name", "Total"))
    assert (left_out.counts, left_out.told) == ((1, 0, 0, 0), [])


@pytest.mark.parametrize("head", ["lines.book", "Lines/Book", "LINES·book *", "Lines-Book"])
def test_columns_of_lines_are_called_by_key_or_label(shop: Desk, head: str) -> None:
    assert bring(shop, ("A", "Dune"), head=("Name", head)).counts == (1, 0, 0, 0)
    assert orders(shop) == [("A", "30.00", [("Dune", "1.00", "30.00")])]


def test_the_template_has_columns_for_lines(shop: Desk, tmp_path: Path) -> None:
    with shop.live.read(shop.context()) as unit:
        write_template(unit, "x_order", tmp_path / "t.xlsx")
        header = open_table(tmp_path / "t.xlsx").header
        file = shop.keep(b"x")
        order = make_order(unit, "x_order", file, header, parse_options({}))

    assert "Lines · Book *" in header
    assert {"lines.book", "lines.unit_price", "lines.quantity"} <= set(order.columns)
    assert not {"lines", "lines.list_price", "lines.subtotal", "lines.order"} & set(order.columns)
