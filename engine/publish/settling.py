"""Which side of a conflict is taken: named by people, by forms and by the command line."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.publish.plan import Choice
from metadata.load import settle

MINE, THEIRS = "mine", "theirs"


def identity(choice: Choice) -> str:
    """Name a conflict, ``document#path``."""
    return f"{choice.conflict.document}#{choice.conflict.path}"


def settlements(choices: Sequence[Choice], chosen: Mapping[str, str]) -> list[dict[str, Any]]:
    """Give the changes that settle conflicts as chosen: identity -> side."""
    found = []
    for one in choices:
        side = chosen.get(identity(one), "")
        if side in {MINE, THEIRS}:
            found.append(settle(one.conflict, mine=side == MINE))
    return found
