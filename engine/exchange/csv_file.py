"""CSV as people have it: UTF-8 with or without a mark, UTF-16 or GB18030; comma, semicolon or tab.

The file is walked twice, in blocks: once to find its character set, once for its rows. However
large it is, only a block of it is held.
"""

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path

from engine.exchange.sheet import LONGEST_CELL, FileUnreadable, NumberedRow, Sheet, clean_header
from engine.exchange.sheet import limited as without_empty
from engine.exchange.writers import as_typed

UTF_8, UTF_16, GB18030 = "utf-8-sig", "utf-16", "gb18030"
NAMES = {UTF_8: "UTF-8", UTF_16: "UTF-16", GB18030: "GB18030"}
DELIMITERS = (",", "\t", ";")
BLOCK = 1 << 18
LONGEST_HEADER = 1 << 16
MOSTLY = 5
"""So many good characters for each bad one make a damaged UTF-8 file, not one of another set."""


def read_csv(path: Path) -> Sheet:
    """Read a CSV file.

    Raises:
        FileUnreadable: in no character set that we know, with NUL characters, without a header,
            or with quotes that do not close.
    """
    charset = _charset(path)
    rows = _rows(path, charset)
    header = next(rows, None)
    if header is None:
        raise FileUnreadable("no_header")
    return Sheet(clean_header(header[1]), without_empty(rows), NAMES[charset])


def _charset(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(2)
    if start in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        if not _is_written_in(path, UTF_16):
            raise FileUnreadable("unknown_charset")
        return UTF_16
    if _is_written_in(path, UTF_8):
        return UTF_8
    if _is_written_in(path, GB18030):
        return GB18030
    raise FileUnreadable("unknown_charset")


def _is_written_in(path: Path, charset: str) -> bool:
    decoder = codecs.getincrementaldecoder(charset)()
    before = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if charset != UTF_16 and b"\0" in block:
                raise FileUnreadable("not_text")
            try:
                text = decoder.decode(block)
            except UnicodeDecodeError:
                if charset == UTF_8 and _is_damaged(block, before):
                    raise FileUnreadable("broken_utf8") from None
                return False
            before += _foreign(text)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        if charset == UTF_8 and before:
            raise FileUnreadable("broken_utf8") from None
        return False
    return True


def _is_damaged(block: bytes, before: int) -> bool:
    """Tell UTF-8 with a broken place from text of another character set."""
    text = block.decode("utf-8", errors="replace")
    bad = text.count("�")
    return before + _foreign(text) - bad > MOSTLY * bad


def _foreign(text: str) -> int:
    return len(text) - len(text.encode("ascii", errors="ignore"))


def _rows(path: Path, charset: str) -> Iterator[NumberedRow]:
    csv.field_size_limit(LONGEST_CELL)
    with path.open(encoding=charset, newline="") as file:
        first = file.readline(LONGEST_HEADER)
        file.seek(0)
        delimiter = max(DELIMITERS, key=first.count)
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        number = 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                raise FileUnreadable("broken_row", row=number + 1) from None
            number += 1
            yield number, [as_typed(cell) for cell in cells]
