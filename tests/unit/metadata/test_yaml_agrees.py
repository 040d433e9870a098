"""The strict loader and the library's own one read the same document where both accept it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from metadata.load import SHIPPED
from metadata.strict_yaml import read_yaml

FILES = sorted(SHIPPED.rglob("*.yaml"))


def plain(value: Any) -> Any:
    """Give a value as the library's loader of bare texts gives it."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SHIPPED)))
def test_both_read_the_same(path: Path) -> None:
    data = path.read_bytes()
    documents, problems = read_yaml(data, path.name)
    assert not problems
    ours = [plain(raw.data) for raw in documents]
    theirs = list(yaml.load_all(data, Loader=yaml.BaseLoader))
    assert ours
    assert ours == theirs
