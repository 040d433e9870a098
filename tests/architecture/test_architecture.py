"""The rules of CONTRIBUTING.md, held over the project's own tree."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture import nouns, screens, shape
from tests.architecture.tree import ROOT

EVERY_RULE = [
    pytest.param(rule, id=rule.__name__) for rule in (*shape.RULES, *nouns.RULES, *screens.RULES)
]


@pytest.mark.parametrize("rule", EVERY_RULE)
def test_the_project_keeps_the_rule(rule: Callable[[Path], Iterator[str]]) -> None:
    broken = list(rule(ROOT))
    assert not broken, "\n".join(broken)
