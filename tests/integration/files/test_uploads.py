"""What comes in: what it is, how large, and what is left on the disk."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from PIL.ExifTags import Base

from engine.files.content import INCOMING
from engine.files.errors import FileRefused, FileTooLarge, QuotaExceeded
from engine.files.upload import Limits, take_in, used
from tests.integration.files.desk import EVERYTHING, PDF, Desk, picture


def on_disk(desk: Desk) -> list[Path]:
    """Give every file of the store."""
    return [path for path in desk.store._folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("报价 (1).pdf", PDF, "application/pdf"),
        ("list.CSV", "名称,金额\n甲,1\n".encode("gb18030"), "text/csv"),
        ("wide.txt", "\ufeff宽".encode("utf-16"), "text/plain"),
        ("a.zip", b"PK\x03\x04" + b"\x00" * 30, "application/zip"),
        ("p.png", picture(), "image/png"),
    ],
)
def test_file_is_kept_as_it_is(desk: Desk, name: str, content: bytes, media_type: str) -> None:
    made = desk.upload(name, content)

    assert (made.name, made.type, made.size) == (name, media_type, len(content))
    book = desk.book(x_papers=[made.id])
    assert desk.files("book", book, "x_papers") == (made,)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("tool.exe", b"MZ\x90\x00", "type_not_allowed"),
        ("noname", b"x", "type_not_allowed"),
        ("offer.pdf", b"MZ\x90\x00", "program"),
        ("offer.pdf", b"<html><script>", "other_content"),
        ("photo.png", PDF, "other_content"),
        ("notes.txt", PDF, "other_content"),
        ("run.txt", b"#!/bin/sh\n", "program"),
        ("list.csv", b"a\x00b", "other_content"),
        ("letter.docx", PDF, "other_content"),
        ("nothing.txt", b"", "empty"),
    ],
)
def test_file_that_is_not_what_it_says_is_refused(
    desk: Desk, name: str, content: bytes, reason: str
) -> None:
    with pytest.raises(FileRefused) as refused:
        desk.upload(name, content)

    assert refused.value.params["reason"] == reason
    assert on_disk(desk) == []


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.pdf", PDF, "type_not_allowed"),
        ("a.svg", b"<svg onload=alert(1)>", "type_not_allowed"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 40, "not_a_picture"),
        ("a.jpg", picture("PNG"), "other_content"),
    ],
)
def test_what_is_no_picture_is_refused_by_a_field_of_pictures(
    desk: Desk, name: str, content: bytes, reason: str
) -> None:
    with pytest.raises(FileRefused) as refused:
        desk.upload(name, content, place="book.x_cover")

    assert refused.value.params["reason"] == reason
    assert on_disk(desk) == []


def test_bomb_of_pixels_is_refused(desk: Desk) -> None:
    out = BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, format="PNG")

    with pytest.raises(FileRefused) as refused:
        desk.upload("bomb.png", out.getvalue(), place="book.x_cover")

    assert refused.value.params["reason"] == "not_a_picture"


def test_picture_is_written_anew_without_what_was_said_of_it(desk: Desk) -> None:
    exif = Image.Exif()
    exif[Base.Make] = "SecretCamera"
    exif[Base.Orientation] = 6
    content = picture("JPEG", (640, 480), exif=exif) + b"<script>alert(1)</script>"

    made = desk.upload("photo.jpg", content, place="book.x_cover")

    book = desk.book(x_cover=made.id)
    (path,) = [path for path in on_disk(desk) if path.read_bytes().startswith(b"\xff\xd8")]
    assert b"SecretCamera" not in path.read_bytes()
    assert b"script" not in path.read_bytes()
    with Image.open(path) as kept:
        assert kept.size == (480, 640)
    assert desk.files("book", book, "x_cover")[0].size == path.stat().st_size


def test_gif_becomes_png_by_name_too(desk: Desk) -> None:
    made = desk.upload("move.gif", picture("GIF"), place="book.x_cover")

    assert (made.name, made.type) == ("move.png", "image/png")


def test_too_large_a_file_is_stopped_while_it_comes_in(desk: Desk) -> None:
    field = desk.web.live.snapshot.object("book").field("x_papers").definition
    given = 0

    def endless() -> Iterator[bytes]:
        nonlocal given
        while True:
            given += 1
            yield b"%PDF-" + b"x" * 100_000

    with pytest.raises(FileTooLarge):
        take_in(desk.store, desk.limits, field, "big.pdf", endless())

    assert given < 15
    assert on_disk(desk) == []


def test_quota_counts_each_content_once(desk: Desk) -> None:
    tight = Limits(largest=1 << 20, quota=len(PDF) + 10, types=EVERYTHING)

    desk.upload("a.pdf", PDF, limits=tight)
    desk.upload("b.pdf", PDF, limits=tight)
    with pytest.raises(QuotaExceeded):
        desk.upload("c.pdf", PDF + b"more than ten bytes", limits=tight)

    with desk.unit() as unit:
        assert used(unit) == len(PDF)
    assert len([path for path in on_disk(desk) if INCOMING not in path.parts]) == 1


def test_name_cannot_lead_anywhere(desk: Desk) -> None:
    made = desk.upload("../../etc/\u202ecod.pdf", PDF)

    assert made.name == "cod.pdf"
