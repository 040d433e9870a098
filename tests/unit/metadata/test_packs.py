"""Packs from folders and archives: only what belongs in a pack, in memory, within limits."""

import hashlib
import io
import os
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from metadata.errors import MetadataInvalid
from metadata.load import Pack, layers_of, parse_layers, read_archive, read_pack, read_shipped
from metadata.packs import LARGEST_ARCHIVE, assemble
from metadata.versions import fits
from tests.unit.metadata.shelf import FILES, MANIFEST, pack_of, told


def archive(files: Mapping[str, str | bytes], *, deep: bool = False) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED if deep else zipfile.ZIP_STORED) as out:
        for name, content in files.items():
            out.writestr(name, content)
    return memory.getvalue()


def codes(data: bytes) -> list[str]:
    reading = read_archive(data, "shelf.zip")
    assert not (reading.problems and reading.packs)
    return [problem.code for problem in told(reading.problems)]


def test_a_folder_and_an_archive_give_the_same_pack(tmp_path: Path) -> None:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    (from_folder,) = read_pack(tmp_path).packs
    (from_archive,) = read_archive(archive(FILES), "shelf.zip").packs
    assert from_folder.documents == from_archive.documents
    assert from_folder.key == "shelf"
    assert from_folder.version == "1.0.0"
    assert from_folder.languages == ("zh-CN", "en")


def test_one_folder_around_everything_is_no_matter() -> None:
    inside = {f"shelf-1.0.0/{name}": text for name, text in FILES.items()}
    (pack,) = read_archive(archive(inside), "shelf.zip").packs
    assert len(pack.documents) == len(pack_of().documents)


@pytest.mark.parametrize(
    "name",
    ["../book.yaml", "/book.yaml", "a/../../book.yaml", "a\\b.yaml", "C:book.yaml", "a//b.yaml"],
)
def test_a_name_that_leaves_the_pack_is_refused(name: str) -> None:
    assert codes(archive({**FILES, name: "a: 1"})) == ["path_not_allowed"]


@pytest.mark.parametrize("name", ["run.py", "page.html", ".hidden.yaml", "a/.git/b.yaml"])
def test_files_that_do_not_belong_in_a_pack_are_refused(name: str) -> None:
    assert codes(archive({**FILES, name: "a: 1"})) == ["file_not_allowed"]


def test_a_link_in_an_archive_is_refused() -> None:
    memory = io.BytesIO(archive(FILES))
    with zipfile.ZipFile(memory, "a") as out:
        link = zipfile.ZipInfo("link.yaml")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        out.writestr(link, "/etc/passwd")
    assert codes(memory.getvalue()) == ["link_not_allowed"]


def test_a_link_in_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text(MANIFEST, "utf-8")
    os.symlink("/etc/hostname", tmp_path / "link.yaml")
    assert [p.code for p in read_pack(tmp_path).problems] == ["link_not_allowed"]


def test_a_bomb_is_refused_by_its_ratio_and_by_its_size() -> None:
    assert codes(archive({**FILES, "bomb.yaml": b" " * 900_000}, deep=True)) == [
        "archive_too_large"
    ]
    many = {f"f{n}.yaml": b" " * 1_000_000 for n in range(17)}
    assert codes(archive(many, deep=True)) == ["archive_too_large"]


def test_a_member_that_lies_about_its_size_breaks_nothing() -> None:
    data = bytearray(archive({"pack.yaml": b" " * 500_000}, deep=True))
    start = data.rindex(b"PK\x01\x02")
    data[start + 24 : start + 28] = (10).to_bytes(4, "little")
    assert codes(bytes(data))


def test_too_large_too_many_and_broken_archives_are_refused() -> None:
    assert codes(b"PK" + b"0" * LARGEST_ARCHIVE) == ["file_too_large"]
    assert codes(b"no archive") == ["archive_broken"]
    assert codes(archive(FILES)[:-30]) == ["archive_broken"]
    assert codes(archive({f"f{n}.yaml": "a: 1" for n in range(2_001)})) == ["too_many_files"]


def test_a_manifest_is_needed() -> None:
    assert codes(archive({"books.yaml": "kind: object\nkey: book"})) == ["manifest_missing"]
    assert codes(archive({"pack.yaml": "kind: object\nkey: book"})) == ["manifest_missing"]
    assert codes(archive({"pack.yaml": MANIFEST + "---" + MANIFEST})) == ["manifest_missing"]


def test_a_document_that_is_there_twice_is_told_with_the_first() -> None:
    reading = assemble(
        {
            "pack.yaml": MANIFEST.encode(),
            "a.yaml": b"kind: menu\nkey: desk",
            "b.yaml": b"\nkind: menu\nkey: desk",
        },
        "shelf",
    )
    (problem,) = reading.problems
    assert (problem.code, problem.file, problem.line) == ("duplicate_document", "b.yaml", 3)
    assert problem.params["first_file"] == "a.yaml"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("key: a", ("missing_property", 1)), ("kind: menu\nkey: [a]", ("wrong_type", 2))],
)
def test_a_document_needs_a_kind_and_a_key(text: str, expected: tuple[str, int]) -> None:
    reading = assemble({"pack.yaml": MANIFEST.encode(), "a.yaml": text.encode()}, "shelf")
    assert [(p.code, p.line) for p in reading.problems] == [expected]


def test_a_built_pack_must_be_the_one_that_was_built() -> None:
    text = b"kind: menu\nkey: desk"
    listed = f"files:\n  a.yaml: {hashlib.sha256(text).hexdigest()}\n"
    files = {"pack.yaml": (MANIFEST + listed).encode(), "a.yaml": text}
    assert assemble(files, "shelf").problems == ()
    changed = assemble({**files, "a.yaml": text + b"2"}, "shelf")
    assert [p.code for p in changed.problems] == ["file_changed"]
    more = assemble({**files, "b.yaml": b"kind: menu\nkey: door"}, "shelf")
    assert [p.params["file"] for p in more.problems] == ["b.yaml"]


def test_tests_and_readme_files_of_a_pack_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "a.yaml").write_text("kind: test\nkey: a", "utf-8")
    (tmp_path / "README.md").write_text("# Shelf", "utf-8")
    (tmp_path / "pack.yaml").write_text(MANIFEST, "utf-8")
    (pack,) = read_pack(tmp_path).packs
    assert pack.documents == ()


def test_a_shipped_pack_that_is_not_there_is_told() -> None:
    reading = read_shipped(["base", "gone"])
    assert [pack.key for pack in reading.packs] == ["base"]
    assert [(p.code, p.params["pack"]) for p in reading.problems] == [("pack_missing", "gone")]


def named(key: str, requires: str = "{}", version: str = "1.2.0", more: str = "") -> Pack:
    manifest = MANIFEST.replace("key: shelf", f"key: {key}").replace("1.0.0", version)
    return pack_of({"pack.yaml": f"{manifest}requires: {requires}\n{more}"})


def test_packs_come_after_what_they_need() -> None:
    layers = layers_of([named("c", "{b: '>=1'}"), named("a"), named("b", "{a: '<2'}")])
    assert [pack.key for pack in layers.packs] == ["a", "b", "c"]
    assert [pack.key for pack in parse_layers(layers.dump()).packs] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("packs", "code"),
    [
        ([named("a", "{b: '>=1'}")], "pack_missing"),
        ([named("a", "{b: '>=2'}"), named("b")], "pack_version"),
        ([named("a", "{b: '>=1'}"), named("b", "{a: '>=1'}")], "pack_circle"),
        ([named("a"), named("a")], "duplicate_pack"),
        ([named("a", more="conflicts: {b: '>=1'}"), named("b")], "pack_conflict"),
    ],
)
def test_packs_that_do_not_fit_together_are_refused(packs: list[Pack], code: str) -> None:
    with pytest.raises(MetadataInvalid) as caught:
        layers_of(packs)
    assert [problem.code for problem in told(caught.value.problems)] == [code]


@pytest.mark.parametrize(
    ("version", "accepted", "answer"),
    [
        ("1.2.3", ">=1.0,<2", True),
        ("2.0.0", ">=1.0,<2", False),
        ("1.10.0", ">=1.9", True),
        ("1.2.0", "==1.2", True),
        ("1.2.1", ">1.2,<=1.2.1", True),
    ],
)
def test_versions_are_compared_by_number(version: str, accepted: str, answer: bool) -> None:
    assert fits(version, accepted) is answer


def test_layers_of_another_format_are_not_guessed() -> None:
    with pytest.raises(ValueError, match="not written"):
        parse_layers('{"format": 99}')
