"""Hostile packs are refused with file, line, column and reason, by a bounded amount of work."""

import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from engine.fields.registry import TYPES
from metadata.errors import MetadataInvalid, Problem
from metadata.load import check_layers, layers_of, read_archive, read_shipped
from metadata.packs import LARGEST_PACK
from metadata.strict_yaml import LARGEST_FILE, MOST_NODES
from tests.support.hostile import FILES, hostile, zipped
from tests.unit.metadata.shelf import told

CASES = hostile()


class Work:
    """What reading cost: events of the parser, bytes that were unpacked."""

    events = 0
    unpacked = 0


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    done = Work()
    parse, read = yaml.parse, zipfile.ZipExtFile.read

    def counted(*args: Any, **options: Any) -> Iterator[Any]:
        for event in parse(*args, **options):
            done.events += 1
            yield event

    def weighed(self: zipfile.ZipExtFile, n: int | None = -1) -> bytes:
        found = read(self, n)
        done.unpacked += len(found)
        return found

    monkeypatch.setattr("metadata.strict_yaml.yaml.parse", counted)
    monkeypatch.setattr(zipfile.ZipExtFile, "read", weighed)
    return done


def problems_of(data: bytes) -> list[Problem]:
    """Do what an upload does."""
    reading = read_archive(data, "evil.zip")
    if reading.problems:
        return list(reading.problems)
    try:
        layers = layers_of([*read_shipped(["base"]).packs, *reading.packs])
    except MetadataInvalid as invalid:
        return list(invalid.problems)
    return check_layers(layers, TYPES)


def test_the_pack_without_malice_is_good() -> None:
    assert problems_of(zipped(FILES)) == []


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_pack_is_refused_where_the_harm_stands(name: str, work: Work) -> None:
    make, code, file, line = CASES[name]
    found = told(problems_of(make()))
    assert code in [problem.code for problem in found]
    first = next(problem for problem in found if problem.code == code)
    if line:
        assert (first.file, first.line) == (file, line)
        assert first.column > 0
    assert work.events <= 2 * MOST_NODES
    assert work.unpacked <= LARGEST_PACK + LARGEST_FILE


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 40
