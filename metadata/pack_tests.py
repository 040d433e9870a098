"""What a pack proves of itself: the documents of kind ``test`` in its folder ``tests``."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from metadata.catalog import TEST
from metadata.documents import Document
from metadata.errors import Problem
from metadata.packs import TESTS, document_of
from metadata.report import problem_at
from metadata.strict_yaml import LARGEST_FILE, read_yaml

DEFAULT_AT = "2026-01-05T09:00"
"""When a test plays that does not say so: a Monday morning of the company."""


def read_tests(folder: Path, key: str) -> tuple[Sequence[Document], Sequence[Problem]]:
    """Read the tests in the folder of a pack, by the names of their files.

    Args:
        folder: of the pack.
        key: of the pack.
    """
    problems: list[Problem] = []
    found: dict[str, Document] = {}
    for path in sorted((folder / TESTS).rglob("*.yaml")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            problems.append(Problem("link_not_allowed", file=name))
            continue
        if path.stat().st_size > LARGEST_FILE:
            problems.append(Problem("file_too_large", file=name, params={"most": LARGEST_FILE}))
            continue
        raws, wrong = read_yaml(path.read_bytes(), name)
        problems.extend(wrong)
        for raw in raws:
            document = document_of(raw, key, problems)
            if document is None:
                continue
            if document.kind != TEST:
                problems.append(problem_at(document, "not_a_test", "kind", kind=document.kind))
            elif document.id in found:
                first = found[document.id].source
                params = {"first_file": first.file if first is not None else name}
                twice = problem_at(document, "duplicate_document", "key")
                problems.append(replace(twice, params=params))
            else:
                found[document.id] = document
    return list(found.values()), problems
