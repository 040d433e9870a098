"""Packs that mean harm, made up: each with the code that it must be refused with.

Those of `ARCHIVES` are refused by their container, those of `TEXTS` and `MANIFESTS` by what stands
at a line.
"""

import io
import stat
import struct
import zipfile
from collections.abc import Callable, Mapping

MANIFEST = """kind: pack
key: evil
label: {zh-CN: 书架, en: Shelf}
version: 1.0.0
engine: ">=0.1,<2"
languages: [zh-CN, en]
"""
BOOK = """kind: object
key: tome
label: {zh-CN: 图书, en: Tome}
name_field: title
fields:
  title: {type: text, label: {zh-CN: 书名, en: Title}, required: true}
  pages: {type: integer, label: {zh-CN: 页数, en: Pages}}
"""
FILES: Mapping[str, str | bytes] = {"pack.yaml": MANIFEST, "objects/tome.yaml": BOOK}


def zipped(files: Mapping[str, str | bytes], *, deflated: bool = False) -> bytes:
    """Put files into an archive."""
    into = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
    with zipfile.ZipFile(into, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return into.getvalue()


def named(name: str) -> bytes:
    """Give a pack with one more file of this name."""
    return zipped({**FILES, name: "kind: menu\nkey: desk\n"})


def special(mode: int, content: str = "/etc/passwd") -> bytes:
    """Give a pack with a file of another kind: a link, a device, a pipe."""
    into = io.BytesIO(zipped(FILES))
    with zipfile.ZipFile(into, "a") as archive:
        entry = zipfile.ZipInfo("objects/door.yaml")
        entry.create_system = 3
        entry.external_attr = (mode | 0o644) << 16
        archive.writestr(entry, content)
    return into.getvalue()


def twice() -> bytes:
    """Give a pack with two files of one name."""
    data = zipped({**FILES, "objects/tomf.yaml": BOOK})
    return data.replace(b"objects/tomf.yaml", b"objects/tome.yaml")


def locked() -> bytes:
    """Give a pack whose file says that it is encrypted."""
    data = bytearray(zipped(FILES))
    start = data.rindex(b"PK\x01\x02")
    data[start + 8 : start + 10] = struct.pack("<H", 1)
    return bytes(data)


def liar() -> bytes:
    """Give a bomb that says it is small."""
    data = bytearray(zipped({**FILES, "objects/bomb.yaml": b" " * 9_000_000}, deflated=True))
    start = data.rindex(b"PK\x01\x02")
    data[start + 24 : start + 28] = (10).to_bytes(4, "little")
    return bytes(data)


def listed(files: str) -> bytes:
    """Give a pack whose manifest lists files."""
    return zipped({**FILES, "pack.yaml": MANIFEST + files})


ARCHIVES: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "a path that climbs out": (lambda: named("../door.yaml"), "path_not_allowed"),
    "a path that climbs out later": (lambda: named("a/../../door.yaml"), "path_not_allowed"),
    "an absolute path": (lambda: named("/etc/door.yaml"), "path_not_allowed"),
    "a path of another system": (lambda: named("..\\door.yaml"), "path_not_allowed"),
    "a drive": (lambda: named("C:door.yaml"), "path_not_allowed"),
    "an empty part": (lambda: named("objects//door.yaml"), "path_not_allowed"),
    "a part that is a dot": (lambda: named("./door.yaml"), "path_not_allowed"),
    "a script": (lambda: named("run.py"), "file_not_allowed"),
    "a template": (lambda: named("page.html"), "file_not_allowed"),
    "a pack in the pack": (lambda: named("inner.zip"), "file_not_allowed"),
    "a hidden file": (lambda: named("objects/.door.yaml"), "file_not_allowed"),
    "a symbolic link": (lambda: special(stat.S_IFLNK), "link_not_allowed"),
    "a device": (lambda: special(stat.S_IFCHR), "link_not_allowed"),
    "a pipe": (lambda: special(stat.S_IFIFO), "link_not_allowed"),
    "one name twice": (twice, "archive_broken"),
    "an encrypted file": (locked, "archive_broken"),
    "a bomb": (
        lambda: zipped({**FILES, "bomb.yaml": b" " * 1_000_000}, deflated=True),
        "archive_too_large",
    ),
    "many small bombs": (
        lambda: zipped({f"f{n}.yaml": b" " * 1_000_000 for n in range(40)}, deflated=True),
        "archive_too_large",
    ),
    "a bomb that lies": (liar, "archive_broken"),
    "thousands of files": (
        lambda: zipped({f"f{n}.yaml": "a: 1" for n in range(3_000)}),
        "too_many_files",
    ),
    "no archive": (lambda: b"#!/bin/sh\nrm -rf /", "archive_broken"),
    "half an archive": (lambda: zipped(FILES)[:-40], "archive_broken"),
    "too many bytes": (lambda: b"PK\x03\x04" + b"0" * 18_000_000, "file_too_large"),
    "a file that is not there": (
        lambda: listed(f'files:\n  "gone.yaml": "{"0" * 64}"\n'),
        "file_changed",
    ),
    "a list that climbs out": (
        lambda: listed(f'files:\n  "../gone.yaml": "{"0" * 64}"\n'),
        "path_not_allowed",
    ),
    "no manifest": (lambda: zipped({"objects/tome.yaml": BOOK}), "manifest_missing"),
}

Text = tuple[str | bytes, str, int]
"""What stands in a file, the code, and the line."""

_NESTED = "label: " + "[" * 50_000 + "\n"
_BLOCKS = "".join("  " * depth + "a:\n" for depth in range(60))
_LAUGHS = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


def _field(key: str) -> str:
    return BOOK.replace("  pages:", f"  {key}:")


TEXTS: Mapping[str, Text] = {
    "a tag that makes objects": (
        BOOK.replace("name_field: title", "name_field: !!python/name:os.system title"),
        "tag_not_allowed", 4,
    ),
    "a bomb of aliases": (_LAUGHS, "alias_not_allowed", 1),
    "an alias": ("kind: menu\nkey: *key\n", "alias_not_allowed", 2),
    "a merge key": ("kind: menu\nkey: desk\n<<: {label: a}\n", "merge_not_allowed", 3),
    "50,000 brackets": (_NESTED, "too_deep", 1),
    "60 levels of blocks": (_BLOCKS, "too_deep", 33),
    "60,000 nodes": ("kind: menu\n" + "".join(f"a{n}: 1\n" for n in range(60_000)),
                     "too_many_nodes", 25_000),
    "one key twice": ("kind: menu\nkey: desk\nkey: door\n", "duplicate_key", 3),
    "a NUL byte": (b"kind: menu\nkey: de\0sk\n", "character_not_allowed", 2),
    "an escaped NUL": ('kind: menu\nkey: "de\\0sk"\n', "character_not_allowed", 2),
    "an escaped NUL in a key": (_field('"pa\\u0000ges"'), "character_not_allowed", 7),
    "a terminal's escape": (b"kind: menu\nkey: \x1b[31m\n", "character_not_allowed", 2),
    "UTF-16": ("kind: menu\nkey: 书\n".encode("utf-16"), "not_utf8", 1),
    "GB18030": ("kind: menu\nlabel: 书架\n".encode("gb18030"), "not_utf8", 2),
    "half a character": (b"kind: menu\nkey: \xe4\xb9\n", "not_utf8", 2),
    "a lone surrogate": (b"kind: menu\nkey: \xed\xa0\x80\n", "not_utf8", 2),
    "an overlong slash": (b"kind: menu\nkey: \xc0\xaf\n", "not_utf8", 2),
    "a tab": ("kind: menu\n\tkey: desk\n", "tab_not_allowed", 2),
    "a number of a hundred digits": (f"kind: menu\nkey: {'9' * 100}\n", "number_too_large", 2),
    "a number of a million digits": (f"kind: menu\nkey: {'9' * 900_000}\n", "number_too_large", 2),
    "a fraction": ("kind: menu\nkey: 1e400\n", "float_not_allowed", 2),
    "infinity": ("kind: menu\nkey: .inf\n", "float_not_allowed", 2),
    "null": ("kind: menu\nkey: ~\n", "null_not_allowed", 2),
    "a directive": ("%YAML 1.1\n---\nkind: menu\n", "directive_not_allowed", 1),
    "a key that is a list": ("kind: menu\n? [a, b]\n: c\n", "key_not_text", 2),
    "an open quote": ('kind: menu\nkey: "desk\n', "yaml_invalid", 3),
    "a list for a document": ("- kind: menu\n- key: desk\n", "not_a_document", 1),
    "no key": ("kind: menu\nlabel: a\n", "missing_property", 1),
    "one document twice": (BOOK + "---\n" + BOOK, "duplicate_document", 10),
    "a kind that runs": ("kind: script\nkey: desk\nrun: rm\n", "unknown_kind", 1),
    "SQL for a key": (_field('"pages; DROP TABLE o_tome"'), "bad_key", 7),
    "a quote for a key": (_field("\"pages' OR '1'='1\""), "bad_key", 7),
    "a template for a key": (_field('"{{ 7*7 }}"'), "bad_key", 7),
    "a magic name": (_field("__class__"), "bad_key", 7),
    "a key with a line's end": (_field('"pages\\n"'), "bad_key", 7),
    "a key of 900 letters": (_field("p" * 900), "bad_key", 7),
    "a key of the platform": (_field("deleted_at"), "reserved_key", 7),
    "SQL for an object": (BOOK.replace("key: tome", 'key: "tome\\";--"'), "bad_key", 2),
    "a script in a label": (
        BOOK.replace("en: Pages", "en: <script>alert(1)</script>"), "markup_not_allowed", 7,
    ),
    "a path for an icon": (BOOK + "icon: ../../etc/passwd\n", "bad_value", 8),
    "a type of its own": (BOOK.replace("type: integer", "type: json"), "unknown_field_type", 7),
    "a default that runs": (BOOK.replace("type: integer", "default: {eval: x}, type: integer"),
                            "wrong_type", 7),
    "a property that runs": (BOOK + "on_save: import os\n", "unknown_property", 8),
}  # fmt: skip
MANIFESTS: Mapping[str, Text] = {
    "a version of 5,000 digits": (MANIFEST.replace("1.0.0", "9" * 5_000 + ".0.0"), "bad_value", 4),
    "a range of 5,000 digits": (
        MANIFEST + f'requires: {{base: ">={"9" * 5_000}"}}\n', "bad_value", 7,
    ),
    "a list of needs": (MANIFEST + "requires: [base]\n", "wrong_type", 7),
    "a platform of the future": (
        MANIFEST.replace(">=0.1,<2", ">=99"), "engine_version", 5,
    ),
    "the site's own prefix": (MANIFEST.replace("key: evil", "key: x"), "reserved_key", 2),
    "the local layer": (MANIFEST.replace("key: evil", "key: local"), "reserved_key", 2),
    "somebody with rights": (
        MANIFEST + "seeds:\n  user: {mode: always, rows: {boss: {roles: [superadmin]}}}\n",
        "seed_of_people", 8,
    ),
    "a path for a language": (
        MANIFEST.replace("[zh-CN, en]", "[../en]"), "bad_language", 6,
    ),
}  # fmt: skip


def hostile() -> dict[str, tuple[Callable[[], bytes], str, str, int]]:
    """Give every hostile pack: how to make it, the code, the file and the line (0: no line)."""
    found: dict[str, tuple[Callable[[], bytes], str, str, int]] = {
        name: (make, code, "", 0) for name, (make, code) in ARCHIVES.items()
    }
    for file, texts in (("objects/tome.yaml", TEXTS), ("pack.yaml", MANIFESTS)):
        for name, (text, code, line) in texts.items():
            files = {**FILES, file: text}
            found[name] = (lambda files=files: zipped(files), code, file, line)  # type: ignore[misc]
    return found
