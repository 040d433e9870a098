"""What every check asks of an answer: no value in it that its reader may not see."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from tests.support.oracle.hall import Look, api_value, line_ids, marks_in
from tests.support.oracle.model import ids
from tests.support.oracle.papers import FOLDER, HIDEABLE, LINE
from tests.support.oracle.world import Paper

PLAIN = ("name", "code", "phone", "price", "memo", "kind", "due_on")
SHUT = frozenset({403, 404})


def clean(look: Look, text: str, *, listed: bool = True) -> None:
    """Refuse an answer that tells what its reader may not see."""
    by_id = {one.id: one for one in look.world.papers}
    for key, number in marks_in(text):
        paper = by_id.get(number)
        assert paper is not None, f"{key} of {number}, which is of no company of today"
        assert _may_see(look, paper, key, listed=listed), (
            f"{look.me} must not see {key} of {paper.object} {paper.id}"
        )


def _may_see(look: Look, paper: Paper, key: str, *, listed: bool) -> bool:
    model = look.model
    if key == "name":
        return paper.id in model.readable_names
    within = model.may(paper, "restore" if paper.binned else "read")
    return within and model.whole(paper.object, key, listed=listed)


def is_shut(look: Look, answer: Any) -> None:
    """Ask that an answer is a refusal that tells nothing."""
    assert answer.status_code in SHUT, answer.text[:500]
    clean(look, answer.text)


def is_open(look: Look, answer: Any, *, listed: bool = True) -> Any:
    """Ask that an answer holds nothing too much; gives it."""
    assert answer.status_code == 200, answer.text[:500]
    clean(look, answer.text, listed=listed)
    return answer


def same(found: Iterable[int], papers: Iterable[Paper]) -> None:
    """Ask that the records found are these, each once."""
    got = list(found)
    assert sorted(got) == sorted(ids(papers))


def visible(look: Look, object_key: str) -> set[str]:
    """Give the fields of an object that the model lets somebody see."""
    return {one for one in HIDEABLE[object_key] if look.model.sees(object_key, one)}


def record(look: Look, paper: Paper, told: Mapping[str, Any], *, listed: bool) -> None:
    """Ask that a record in an answer of the API has the fields of the model, covered as there."""
    model = look.model
    shown = {key for key in told if key in HIDEABLE[paper.object]}
    assert shown == visible(look, paper.object)
    for key in PLAIN:
        if key not in told:
            continue
        value = api_value(paper, key)
        if model.whole(paper.object, key, listed=listed):
            assert told[key] == value, key
        else:
            assert told[key] != value, f"{key} is not covered"
            assert told[key] is None or "*" in told[key]
    for key in ("owner", "shelf", "folder"):
        if key in told:
            held = told[key] and told[key]["id"]
            assert held == getattr(paper, key), key
    if paper.object == FOLDER:
        _parts(look, paper, told, listed=listed)


def _parts(look: Look, paper: Paper, told: Mapping[str, Any], *, listed: bool) -> None:
    lines, papers = told.get("lines"), json.dumps(told.get("papers"))
    if lines is not None and look.model.mask(FOLDER, "lines") == "":
        assert [one["id"] for one in lines] == line_ids(paper)
    for one in paper.files:
        assert (one in papers) == look.model.whole(FOLDER, "papers", listed=listed)


__all__ = ["LINE", "PLAIN", "clean", "is_open", "is_shut", "record", "same", "visible"]
