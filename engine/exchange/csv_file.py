"""CSV as people have it: UTF-8 with or without a mark, or GB18030; comma, semicolon or tab."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.exchange.sheet import LONGEST_CELL, Cell, FileUnreadable, Sheet, clean_header, limited

CHARSETS = ("utf-8-sig", "gb18030")
DELIMITERS = (",", "\t", ";")


def read_csv(path: Path) -> Sheet:
    """Read a CSV file.

    Raises:
        FileUnreadable: in no charset that we know, with NUL characters, or without a header.
    """
    text = _decoded(path.read_bytes())
    csv.field_size_limit(LONGEST_CELL)
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = _rows(reader)
    header = next(rows, None)
    if header is None:
        raise FileUnreadable("no_header")
    return Sheet(header=clean_header(header[1]), rows=limited(rows))


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decode(data, "utf-16")
    if b"\0" in data:
        raise FileUnreadable("not_text")
    for charset in CHARSETS:
        try:
            return data.decode(charset)
        except UnicodeDecodeError:
            continue
    raise FileUnreadable("unknown_charset")


def _decode(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset)
    except UnicodeDecodeError:
        raise FileUnreadable("unknown_charset") from None


def _rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, Sequence[Cell]]]:
    number = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise FileUnreadable("broken_row", row=number + 1) from None
        number += 1
        yield number, cells
