"""Exports: what the person may see, as he sees it; safe in sheets; and it comes back in."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from engine.errors import FieldError, Forbidden, InvalidInput, UnknownField, UnknownObject
from engine.exchange import exporter
from engine.exchange.exporter import ExportOrder, parse_export, start_export
from engine.exchange.jobs import result_file
from engine.exchange.store import KEPT
from engine.exchange.template import write_template
from engine.files.errors import UnknownFile
from engine.queue.job import UnknownJob
from engine.records.remove import remove
from tests.integration.exchange.desk import Desk, csv_text
from tests.support.library import publish


def test_all_that_matches_in_the_order_of_the_list(desk: Desk) -> None:
    for title, price in (("A", "1"), ("B", "2"), ("C", "3")):
        desk.world.book(title=title, price=price)
    rows = desk.send(
        format="csv",
        columns=("title", "price"),
        where={"field": "price", "op": "gte", "value": "2"},
        sort=("-title",),
    )
    assert rows == [["书名", "定价"], ["C", "3.00"], ["B", "2.00"]]


def test_chosen_records_and_scenes(desk: Desk) -> None:
    ids = [desk.world.book(title=title) for title in "ABCD"]
    chosen = desk.send(format="csv", columns=("title",), ids=(ids[2], ids[0], 999))
    assert chosen == [["书名"], ["C"], ["A"]]
    desk.world.book(title="E", category="children")
    assert desk.send(format="csv", columns=("title",), scene="book.children")[1:] == [["E"]]
    assert len(desk.send(format="csv")) == 6  # the columns of the list


def test_many_pages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporter, "ROWS", 2)
    for number in range(7):
        desk.world.book(title=f"T{number}")
    rows = desk.send(format="csv", columns=("title",), sort=("title",))
    assert [row[0] for row in rows[1:]] == [f"T{number}" for number in range(7)]


def test_cells_of_a_workbook_have_their_types(desk: Desk) -> None:
    desk.world.book(
        title="=1+1", price="12.50", published_on="2020-01-02", x_pages=7, x_lendable=False,
        x_damage="wet", x_arrived_at="2026-01-02T03:04:05Z", x_region="330106",
    )  # fmt: skip
    columns = (
        "title",
        "price",
        "published_on",
        "x_pages",
        "x_arrived_at",
        "x_region",
        "x_lendable",
    )
    content = io.BytesIO(desk.export(format="xlsx", columns=columns).read_bytes())
    sheet = openpyxl.load_workbook(content).active
    assert [cell.value for cell in sheet[2]] == [
        "=1+1",
        12.5,
        datetime.fromisoformat("2020-01-02T00:00:00"),
        7,
        datetime.fromisoformat("2026-01-02T11:04:05"),
        "浙江省杭州市西湖区",
        "否",
    ]
    assert sheet["A2"].data_type == "s"


def test_no_cell_of_a_csv_runs(desk: Desk) -> None:
    texts = ["=1+1", "+cmd|x", "-a", "@SUM(A1)", "'=1"]
    for text in texts:
        desk.world.book(title=text)
    path = desk.export(format="csv", columns=("title",), sort=("created_at",))
    lines = path.read_text("utf-8-sig").splitlines()[1:]
    assert lines == [f"'{text}" for text in texts]


def test_hidden_fields_stay_hidden_and_masked_ones_masked(desk: Desk) -> None:
    desk.world.book(title="A", isbn="978-7-02-000220-7", shelf="A-01")
    rows = desk.send(format="csv", columns=("*",))
    assert "书架" not in rows[0]
    assert dict(zip(rows[0], rows[1], strict=True))["ISBN"] == "978***********0-7"
    with pytest.raises((InvalidInput, UnknownField)):
        desk.export(columns=("shelf",))
    with pytest.raises(UnknownField):
        desk.export(where={"field": "shelf", "op": "eq", "value": "A-01"})
    with pytest.raises(UnknownField):
        desk.export(sort=("shelf",))


def test_rights(desk: Desk) -> None:
    ann = desk.world.ann.user_id
    for object_key, error in (("book", Forbidden), ("reader", UnknownObject)):
        with pytest.raises(error):
            start_export(desk.live, desk.context(ann), ExportOrder(object=object_key))
    with pytest.raises(Forbidden):
        start_export(desk.live, desk.context(), ExportOrder(object="reader"))


def test_only_records_in_reach(desk: Desk) -> None:
    loan: dict[str, Any] = {"reader": desk.world.create("reader").id, "book": desk.world.book()}
    for owner in (desk.cy, desk.world.ann.user_id):
        desk.world.create("loan", owner=owner, **loan)
    rows = desk.send(object="loan", format="csv", columns=("owner", "book.title"))
    assert rows == [["经办人", "图书 · 书名"], ["Cy", "War and Peace"]]


def test_a_record_may_be_read_but_not_exported(desk: Desk) -> None:
    publish(
        desk.live,
        {"op": "set", "document": "role/x_desk", "path": "objects/loan/read", "value": "all"},
    )
    loan: dict[str, Any] = {"reader": desk.world.create("reader").id, "book": desk.world.book()}
    ids = [
        desk.world.create("loan", owner=owner, **loan).id
        for owner in (desk.cy, desk.world.ann.user_id)
    ]
    assert len(desk.send(object="loan", format="csv", columns=("id",))) == 2
    assert desk.send(object="loan", format="csv", columns=("id",), ids=tuple(ids)) == [
        ["编号"],
        [str(ids[0])],
    ]


def test_what_does_not_fit_is_told_when_it_is_ordered(desk: Desk) -> None:
    for order in (
        {"scene": "book.nothing"},
        {"columns": ("nothing",)},
        {"sort": ("nothing",)},
        {"where": {"field": "price", "op": "gte", "value": "x"}},
    ):
        with pytest.raises((InvalidInput, UnknownField)):
            desk.export(**order)
    with pytest.raises(InvalidInput) as caught:
        parse_export("book", {"format": "doc", "ids": [True], "columns": 1, "x": 1}, "en")
    assert {error.field for error in caught.value.errors} == {"format", "ids", "columns", "x"}
    assert all(isinstance(error, FieldError) for error in caught.value.errors)


def test_the_file_is_the_persons_own_and_has_its_time(desk: Desk) -> None:
    number = start_export(desk.live, desk.context(), ExportOrder(object="book", format="csv"))
    assert desk.finish(number).job.state == "done"
    context, theirs = desk.context(), desk.context(desk.world.ann.user_id)
    with desk.live.read(context) as unit:
        found = result_file(unit.connection, context, desk.files, number)
        assert found.path.is_file()
        with pytest.raises(UnknownJob):
            result_file(unit.connection, theirs, desk.files, number)
    clock = desk.live.clock
    desk.live.clock = lambda: clock() + KEPT * 2
    desk.keep(b"name\n")  # what comes sweeps out what is over
    with desk.live.read(context) as unit, pytest.raises(UnknownFile):
        result_file(unit.connection, context, desk.files, number)


FULL: dict[str, Any] = {
    "title": "=Emma", "author": "+Jane", "isbn": "978-1", "category": "science", "price": "1.10",
    "published_on": "2020-01-02", "x_remark": "one\ntwo, 3", "x_pages": 12, "x_weight": "1.250",
    "x_arrived_at": "2026-01-02T03:04:05Z", "x_lendable": False, "x_damage": "'=wet",
    "x_colours": ["blue", "red"], "x_tags": ["a b", "=x"], "x_email": "a@b.example",
    "x_phone": "+8613800000009", "x_site": "https://a.example/x", "x_region": "330106",
}  # fmt: skip


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_what_goes_out_comes_back_the_same(desk: Desk, format: str) -> None:
    publish(
        desk.live,
        {"op": "set", "document": "role/x_desk", "path": "objects/book/fields", "value": {}},
    )
    sequel = desk.world.book(title="First", author="+Jane")
    desk.world.book(**FULL, x_keeper=desk.cy, x_sequel_of=sequel)
    keys = [*FULL, "x_keeper", "x_sequel_of"]
    before = desk.rows("book", *keys)
    path = desk.export(format=format, columns=tuple(keys), sort=("created_at",))
    unchanged = desk.bring(path.read_bytes(), match="title")
    assert (unchanged.counts, unchanged.errors) == ((0, 0, 2, 0), [])
    text = path.read_bytes()
    _, (second,) = desk.rows("book", "id")
    with desk.world.unit() as unit:
        remove(unit, "book", second)
    assert desk.bring(text, match="title").counts == (1, 0, 1, 0)
    assert desk.rows("book", *keys) == before


def test_the_template_holds_what_one_may_fill(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    with desk.live.read(desk.context()) as unit:
        assert write_template(unit, "book", path) == "图书.xlsx"
    book = openpyxl.load_workbook(path)
    heads = [cell.value for cell in book.active[1]]
    assert heads[:3] == ["书名 *", "ISBN", "作者 *"]
    assert "书架" not in heads
    ranges = {str(rule.sqref) for rule in book.active.data_validations.dataValidation}
    assert len(ranges) >= 2
    assert "小说" in {cell.value for row in book["Lists"] for cell in row}
    assert desk.bring(csv_text(heads, ["Emma", "", "Austen"])).counts == (1, 0, 0, 0)
