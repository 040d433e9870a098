"""Files that we write: no cell is a formula, nothing is lost on the way back."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exchange.table import open_table
from engine.exchange.writers import CsvWriter, XlsxWriter, as_typed, harmless
from engine.files.names import safe_name

MOMENT = datetime.fromisoformat("2020-01-02T03:04:05")
MIDNIGHT = datetime.fromisoformat("2020-01-02T00:00:00")
DANGEROUS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "'=1"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_a_sheet_would_run_begins_with_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-12.50", "+86", "-1,280.00", "+12%", "plain", "", "'quoted'"])
def test_plain_numbers_and_texts_stay(text: str) -> None:
    assert harmless(text) == text


@given(st.text(max_size=12))
def test_as_typed_undoes_harmless(text: str) -> None:
    safe = harmless(text)
    assert as_typed(safe) == text
    assert not safe.startswith(("=", "@", "\t", "\r"))


def test_csv(tmp_path: Path) -> None:
    path = tmp_path / "out"
    writer = CsvWriter(path, ["名称", "数"])
    writer.row(["=1+1", Decimal("-1.50")])
    writer.row([None, MOMENT])
    writer.row([date(2020, 1, 2), 7])
    writer.close()
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert "'=1+1,-1.50" in path.read_text("utf-8-sig")
    assert [list(cells) for _, cells in open_table(path).rows] == [
        ["=1+1", "-1.50"],
        ["", "2020-01-02 03:04:05"],
        ["2020-01-02", "7"],
    ]


def test_xlsx_has_no_formulas_and_keeps_long_numbers(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    writer = XlsxWriter(path, ["=A", "b", "c", "d", "e"])
    writer.row(
        ["=1+1", "https://a.example", Decimal("12345678901234567.89"), Decimal("1.5"), "007"]
    )
    writer.row([date(2020, 1, 2), MOMENT, None, 3, "@x"])
    writer.close()
    sheet = openpyxl.load_workbook(path).active
    assert {cell.data_type for row in sheet for cell in row} <= {"s", "n", "d"}
    rows = [[cell.value for cell in row] for row in sheet]
    assert rows[0][0] == "=A"
    assert rows[1] == ["=1+1", "https://a.example", "12345678901234567.89", 1.5, "007"]
    assert rows[2][0] == MIDNIGHT
    assert sheet["A2"].hyperlink is None


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\books\\list.csv", "list.csv"),
        ('a"b<c>.csv', "abc.csv"),
        ("a\x00b\u202ecsv.exe", "abcsv.exe"),
        ("..", "file"),
        ("", "file"),
        ("书目.csv", "书目.csv"),
    ],
)
def test_names_hold_no_path_and_no_tricks(name: str, safe: str) -> None:
    assert safe_name(name) == safe
