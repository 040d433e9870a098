"""Files as tables: every character set, every kind of damage, and the limits."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from engine.exchange import sheet, xlsx_file
from engine.exchange.sheet import FileUnreadable
from engine.exchange.table import glance, open_table

MOMENT = datetime.fromisoformat("2020-01-02T03:04:05")
MIDNIGHT = datetime.fromisoformat("2020-01-02T00:00:00")
TEXT = "名称,日期,备注\n红楼梦,2020-01-02,四大名著之一\n三国演义,2021-03-04,群雄逐鹿\n"
ROWS = [
    (2, ["红楼梦", "2020-01-02", "四大名著之一"]),
    (3, ["三国演义", "2021-03-04", "群雄逐鹿"]),
]


def written(folder: Path, content: bytes) -> Path:
    path = folder / "upload"
    path.write_bytes(content)
    return path


def rows_of(path: Path) -> list[Any]:
    found = open_table(path)
    return [(number, list(cells)) for number, cells in found.rows]


def workbook(folder: Path, *rows: Sequence[Any]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    path = folder / "upload"
    book.save(path)
    return path


def reason_of(path: Path) -> str:
    with pytest.raises(FileUnreadable) as caught:
        rows_of(path)
    return caught.value.reason


@pytest.mark.parametrize(
    ("charset", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("gb18030", "GB18030"),
        ("utf-16", "UTF-16"),
    ],
)
def test_every_character_set_gives_the_same_rows(tmp_path: Path, charset: str, name: str) -> None:
    path = written(tmp_path, TEXT.encode(charset))
    found = open_table(path)
    assert (list(found.header), found.written_as) == (["名称", "日期", "备注"], name)
    assert rows_of(path) == ROWS


@pytest.mark.parametrize("sign", ["\t", ";"])
def test_other_delimiters(tmp_path: Path, sign: str) -> None:
    assert rows_of(written(tmp_path, TEXT.replace(",", sign).encode())) == ROWS


def test_utf8_with_a_broken_place_is_not_taken_for_another_set(tmp_path: Path) -> None:
    data = (TEXT * 20).encode()
    at = data.index("三国".encode()) + 1
    assert reason_of(written(tmp_path, data[:at] + data[at + 1 :])) == "broken_utf8"


def test_utf8_that_ends_in_the_middle_of_a_character(tmp_path: Path) -> None:
    assert reason_of(written(tmp_path, (TEXT * 20).encode()[:-3])) == "broken_utf8"


def test_a_character_on_the_edge_of_a_block_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.exchange.csv_file.BLOCK", 7)
    assert rows_of(written(tmp_path, TEXT.encode())) == ROWS


def test_damage(tmp_path: Path) -> None:
    assert reason_of(written(tmp_path, b"name\nan\0na\n")) == "not_text"
    assert reason_of(written(tmp_path, b"\xff\xfea")) == "unknown_charset"
    assert reason_of(written(tmp_path, b"name\n\x81\xff\xff\xfe\n")) == "unknown_charset"
    assert reason_of(written(tmp_path, b'name\n"anna"x\n')) == "broken_row"
    assert reason_of(written(tmp_path, b"")) == "no_header"
    assert reason_of(written(tmp_path, b"\n\n")) == "no_header"
    assert reason_of(written(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest")) == "old_workbook"


def test_rows_keep_the_numbers_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, b'name,note\na,"two\nlines"\n\n,,\nb\n')
    assert rows_of(path) == [(2, ["a", "two\nlines"]), (5, ["b"])]


def test_too_many_rows_and_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MOST_ROWS", 3)
    assert len(rows_of(written(tmp_path, b"name\n" + b"a\n" * 3))) == 3
    assert reason_of(written(tmp_path, b"name\n" + b"a\n" * 4)) == "too_many_rows"
    assert reason_of(written(tmp_path, b"a," * 501 + b"a\n")) == "too_many_columns"


def test_cells_of_a_workbook_keep_their_types(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        ["名称", "数", "比", "日", "时", "真"],
        ["甲", 12, 1.5, date(2020, 1, 2), MOMENT, True],
    )
    (row,) = rows_of(path)
    number, cells = row
    assert number == 2
    assert cells[:3] == ["甲", 12, 1.5]
    assert isinstance(cells[1], int)
    assert cells[3] in {date(2020, 1, 2), MIDNIGHT}
    assert cells[4:] == [MOMENT, True]


def test_an_archive_that_is_no_workbook(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert reason_of(written(tmp_path, packed.getvalue())) == "not_a_workbook"
    assert reason_of(written(tmp_path, b"PK\x03\x04 and nothing more")) == "not_a_workbook"


def test_a_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_file, "_rows", lambda _path: pytest.fail("it was unpacked"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    assert reason_of(written(tmp_path, packed.getvalue())) == "archive_too_large"


def test_a_glance_counts_and_samples(tmp_path: Path) -> None:
    seen = glance(written(tmp_path, b"name\n" + b"".join(b"%d\n" % n for n in range(12))))
    assert (seen.header, seen.rows, seen.written_as) == (("name",), 12, "UTF-8")
    assert [cells for _, cells in seen.samples] == [["0"], ["1"], ["2"], ["3"], ["4"]]
