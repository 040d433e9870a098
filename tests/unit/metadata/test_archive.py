"""Archives and the YAML in them: written in one way, read back as they were."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metadata.archive import export_pack, write_archive
from metadata.documents import Document
from metadata.load import Layers, layers_of, parse_layers, read_archive, read_shipped
from metadata.strict_yaml import read_yaml
from metadata.yaml_writer import write_document
from tests.unit.metadata.shelf import FILES, pack_of

PRINTABLE = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"])
    | st.sampled_from("\n\t\r \"'\\:#{}[]-?!&*|>%@`,\u2028"),
    max_size=20,
).filter(lambda text: "\ufffe" not in text and "\uffff" not in text and "\ufeff" not in text)
KEYS = PRINTABLE.filter(lambda key: "/" not in key)
SCALARS = st.booleans() | st.integers(-(10**17), 10**17) | PRINTABLE
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(KEYS.filter(lambda key: key not in {"kind", "key"}), VALUES, max_size=6))
def test_what_is_written_is_read_back(body: dict[str, object]) -> None:
    document = Document("menu", "desk", body)
    written = write_document(document)
    ((raw,), problems) = read_yaml(written, "desk.yaml")
    assert problems == []
    assert raw.data == document.full()
    assert write_document(Document("menu", "desk", body)) == written


@pytest.mark.parametrize("value", [1.5, None, {"a": {1}}])
def test_what_no_document_can_hold_is_not_written(value: object) -> None:
    with pytest.raises(ValueError, match="cannot stand"):
        write_document(Document("menu", "desk", {"label": value}))


def test_shipped_packs_are_equal_to_the_byte_after_a_journey() -> None:
    for pack in (*read_shipped().packs, pack_of()):
        first = export_pack(pack)
        (there,) = read_archive(first, "pack.zip").packs
        assert {doc.id: doc.body for doc in there.documents} == {
            doc.id: doc.body for doc in pack.documents
        }
        assert there.manifest.body == pack.manifest.body
        stored = parse_layers(Layers((there,)).dump()).packs[0]
        assert export_pack(stored) == first


def test_where_the_documents_stood_is_no_matter() -> None:
    whole = "\n---\n".join(text for name, text in FILES.items() if name != "pack.yaml")
    one_file = pack_of({"pack.yaml": FILES["pack.yaml"], "all.yaml": whole})
    assert layers_of([one_file]).hash == layers_of([pack_of()]).hash
    assert export_pack(one_file) == export_pack(pack_of())


def test_an_archive_depends_on_its_files_alone() -> None:
    files = {name: text.encode() for name, text in FILES.items()}
    data = write_archive(files)
    assert write_archive(dict(reversed(files.items()))) == data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert entry.compress_type == zipfile.ZIP_STORED
            assert entry.create_system == 3
    assert read_archive(data, "shelf.zip").problems == ()
