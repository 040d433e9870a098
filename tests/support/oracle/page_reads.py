"""What the pages let somebody read: lists in every view, records, pickers, search, exports."""

import csv
import io
import re
from collections import Counter
from typing import Any

from tests.support.die_working import run_jobs
from tests.support.oracle.api_reads import coded
from tests.support.oracle.hall import Look, api_value
from tests.support.oracle.judging import clean, is_open, is_shut
from tests.support.oracle.model import ids
from tests.support.oracle.papers import FOLDER, OBJECTS, SHEET, SHELF
from tests.support.oracle.registry import covers
from tests.support.oracle.world import MONTH, Paper

NAME = f"{FOLDER}.name"
REFUSED = frozenset({403, 404, 422})
LIST, RECORD = "/o/{object_key:str}", "/o/{object_key:str}/{record_id:int}"


def _linked(text: str, object_key: str) -> set[int]:
    """Give the records of an object that a page leads to."""
    return {int(one) for one in re.findall(rf"/o/{object_key}/(\d+)\b", text)}


@covers(
    f"GET {LIST}",
    f"GET {LIST}/count",
    "engine.query.parts.read_parts",
    "engine.records.read.parts",
)
def list_pages(look: Look) -> None:
    """A list as a table, as a board and as a calendar, and the count beside it."""
    for key in OBJECTS:
        path, reach = f"/o/{key}", look.model.reads(key)
        views: list[dict[str, str]] = [{}, {"view": "kanban", "by": "kind"},
                 {"view": "calendar", "by": "due_on", "on": MONTH.isoformat()}]  # fmt: skip
        for asked in views if key == FOLDER else views[:1]:
            answer = look.page(path, asked)
            if not look.model.allows(key):
                is_shut(look, answer)
                continue
            shown = _linked(is_open(look, answer).text, key)
            assert shown <= ids(reach)
            by = asked.get("by", "")
            if not by or look.model.sees(key, by):
                expected = [one for one in reach if one.due_on] if by == "due_on" else reach
                # A day shows a few of its records, and how many more there are.
                crowded = Counter(one.due_on for one in expected) if by == "due_on" else Counter()
                if all(many <= 4 for many in crowded.values()):
                    assert shown == ids(expected), asked
        if look.model.allows(key):
            counted = is_open(look, look.page(f"{path}/count", part=True)).text
            assert re.findall(r">(\d+)", counted) == [str(len(reach))] * 2


@covers(f"GET {LIST}/board")
def more_cards(look: Look) -> None:
    """The next cards of a column of a board."""
    answer = look.page(f"/o/{FOLDER}/board", part=True, view="kanban", by="kind", column="plain")
    if not look.model.allows(FOLDER):
        is_shut(look, answer)
    elif look.model.sees(FOLDER, "kind"):
        shown = _linked(is_open(look, answer).text, FOLDER)
        assert shown == {one.id for one in look.model.reads(FOLDER) if one.kind == "plain"}
    else:
        clean(look, answer.text)
        assert not _linked(answer.text, FOLDER)


@covers(
    f"GET {RECORD}",
    f"GET {RECORD}/peek",
    f"GET {RECORD}/edit",
    f"GET {RECORD}/delete",
    f"GET {RECORD}/field/{{field_key:str}}",
    f"GET {LIST}/move",
    "ui.pages.opened.Opened.may",
    "ui.pages.opened.open_record",
    "ui.pages.history_view.history_view",
)
def record_pages(look: Look) -> None:
    """The page of a record with its tabs, its panel, its form, and what each of them offers."""
    for paper in look.some(look.world.papers):
        path, may = f"/o/{paper.object}/{paper.id}", look.model.may(paper)
        alive = may and not paper.binned
        opens = alive or (paper.binned and look.model.may(paper, "restore"))
        page = look.page(path)
        if not opens:
            is_shut(look, page)
        else:
            text = is_open(look, page, listed=False).text
            offered = alive and look.model.may(paper, "update")
            assert (f'"{path}/edit"' in text) == offered or not look.model.may(paper, "update")
            for tab in sorted(set(re.findall(rf"{path}\?tab=(\w+)", text))):
                is_open(look, look.page(path, tab=tab), listed=False)
        panel = look.page(f"{path}/peek", part=True)
        (is_shut(look, panel) if not alive else is_open(look, panel, listed=False))
        for action, place in (("update", "edit"), ("delete", "delete")):
            form = look.page(f"{path}/{place}", part=True)
            if alive and look.model.may(paper, action):
                # The form of who may change a value shows it whole.
                assert form.status_code == 200
            else:
                is_shut(look, form)
        _one_field(look, paper, alive=alive)


def _one_field(look: Look, paper: Paper, *, alive: bool) -> None:
    if paper.object != FOLDER:
        return
    answer = look.page(f"/o/{FOLDER}/{paper.id}/field/memo", part=True)
    edits = (
        alive and look.model.may(paper, "update") and look.model.level(FOLDER, "memo") == "edit"
    )
    if not edits:
        clean(look, answer.text, listed=False)
        assert answer.status_code >= 400
    else:
        assert answer.status_code in {200, 403, 422}
    menu = look.page(f"/o/{FOLDER}/move", part=True, by="kind", id=str(paper.id))
    clean(look, menu.text, listed=False)
    assert menu.status_code != 200 or (
        alive and look.model.may(paper, "read") and look.model.sees(FOLDER, "kind")
    )


@covers(f"GET {LIST}/bin")
def bin_pages(look: Look) -> None:
    """The bin: what may be brought back, nothing more."""
    for key in (FOLDER, SHEET):
        answer = look.page(f"/o/{key}/bin")
        if not look.model.allows(key, "restore"):
            is_shut(look, answer)
        else:
            text = is_open(look, answer).text
            assert _linked(text, key) == ids(look.model.restores(key))


@covers("GET /lookup/{object_key:str}/{field_key:str}", "engine.records.read.choices")
def pickers(look: Look) -> None:
    """What a link may name: what may be read of the object that it points to."""
    for key, field, target in ((FOLDER, "shelf", SHELF), (SHEET, "folder", FOLDER)):
        answer = look.page(f"/lookup/{key}/{field}", part=True)
        if not look.model.allows(key):
            clean(look, answer.text)  # who only makes such records is offered what he reads
            continue
        if not look.model.sees(key, field) or not look.model.allows(target):
            clean(look, answer.text)
            assert answer.status_code in REFUSED, (answer.status_code, answer.text)
            continue
        offered = {int(one) for one in re.findall(r"N(\d+)Z", is_open(look, answer).text)}
        assert offered == ids(look.model.reads(target))
        by_code = look.page(f"/lookup/{key}/{field}", part=True, q=look.prefix("C"))
        found = {int(one) for one in re.findall(r"N(\d+)Z", is_open(look, by_code).text)}
        assert found == ids(coded(look, target))


@covers(
    "GET /search", "GET /palette", "engine.records.find.look_up", "engine.records.find._searched"
)
def search_pages(look: Look) -> None:
    """Search everywhere by page, and the palette: what was found, starred and opened."""
    reach = {key: look.model.reads(key) for key in OBJECTS}
    found = is_open(look, look.page("/search", q=look.prefix("N"))).text
    for key, papers in reach.items():
        assert _linked(found, key) == ids(papers)
    drop = is_open(look, look.page("/palette", part=True, q=look.prefix("N"))).text
    for key, papers in reach.items():
        shown = _linked(drop, key)
        assert shown <= ids(papers)
        assert len(shown) == min(4, len(papers))
    recent = ",".join(f"{one.object}/{one.id}" for one in look.world.papers[:12])
    hand = is_open(look, look.page("/palette", part=True, recent=recent)).text
    for key, papers in reach.items():
        assert _linked(hand, key) <= ids(papers)


@covers(f"POST {LIST}/bulk", f"GET {LIST}/bulk/control")
def bulk_selection(look: Look) -> None:
    """Choosing everything of a list means what the list holds."""
    answer = look.post(f"/o/{FOLDER}/bulk", action="delete", everything="1")
    if not look.model.allows(FOLDER, "delete"):
        is_shut(look, answer)
    elif look.model.reads(FOLDER):
        text = re.sub(r"<[^>]*>", " ", is_open(look, answer).text)
        assert re.search(rf"(?<!\d){len(look.model.reads(FOLDER))}(?!\d)", text)
    control = look.page(f"/o/{FOLDER}/bulk/control", part=True, field="memo")
    if not look.model.allows(FOLDER, "update"):
        is_shut(look, control)
    else:
        clean(look, control.text)


@covers(
    f"GET {LIST}/export",
    "POST /api/v1/exports/{object_key:str}",
    "GET /api/v1/jobs/{job_id:int}/result",
    "engine.exchange.exporter._Export._pages",
)
def exports(look: Look) -> None:
    """Exports: what may be listed and exported, covered as in lists."""
    key = FOLDER
    asked = look.page(f"/o/{key}/export", part=True)
    ordered = look.post_api(f"/api/v1/exports/{key}", {"format": "csv", "columns": ["*"]})
    if not look.model.allows(key, "export"):
        is_shut(look, asked)
        is_shut(look, ordered)
        return
    is_open(look, asked)
    assert ordered.status_code == 202, ordered.text
    number = ordered.json()["id"]
    run_jobs(look.hall.web.live, look.hall.folder)
    answer = look.api(f"/jobs/{number}/result")
    assert answer.status_code == 200
    given = answer.content.decode("utf-8-sig")
    for row in csv.reader(io.StringIO(given)):
        clean(look, "\n".join(row))
    reach = [one for one in look.model.reads(key) if look.model.may(one, "export")]
    rows = list(csv.DictReader(io.StringIO(given)))
    first = {one[NAME]: one for one in reversed(rows)}  # a record has a row for each of its lines
    assert first.keys() == {f"N{one.id}Z" for one in reach}
    for field in ("memo", "code"):
        _column(look, list(first.values()), field, [api_value(one, field) for one in reach])


def _column(look: Look, rows: list[dict[str, Any]], field: str, values: list[str]) -> None:
    key = f"{FOLDER}.{field}"
    if not rows or not look.model.sees(FOLDER, field):
        assert all(key not in one for one in rows)
        return
    told = sorted(one[key] for one in rows)
    if look.model.whole(FOLDER, field):
        assert told == sorted(values)
    else:
        assert all("*" in one for one in told)


@covers()
def unique_check(look: Look) -> None:
    """A value that somebody else's record holds is refused without telling whose it is."""
    for paper in look.some(look.world.all_of(FOLDER))[:2]:
        with look.unit() as unit:
            told = look.taken(unit, "code", api_value(paper, "code"))
        shown = look.model.may(paper)
        assert told == ({"id": paper.id, "name": f"N{paper.id}Z"} if shown else {})
