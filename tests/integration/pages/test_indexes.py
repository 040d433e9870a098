"""The page of the index advisor."""

import pytest

from engine.people import acting
from engine.query import slow
from engine.records.create_many import create_many
from engine.upkeep.handlers import upkeep_handlers
from engine.worker.runner import JobRunner
from tests.support.web import Visit, Web

WHERE = '{"field":"author","op":"eq","value":"Geheim"}'


def test_a_slow_list_leads_to_an_index(
    web: Web, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web.live.write(acting(web.live)) as unit:
        create_many(unit, "book", [{"title": f"B{n}", "author": "Geheim"} for n in range(20)])
    assert "没有变慢的列表" in visit.get("/designer/indexes").text
    monkeypatch.setattr(slow, "SLOW_NANOSECONDS", 0)
    visit.get(f"/o/book?where={WHERE}")
    monkeypatch.undo()
    page = visit.get("/designer/indexes").text
    assert "作者 等于" in page
    assert "Geheim" not in page
    assert '<input type="hidden" name="column" value="author">' in page
    ordered = visit.post("/designer/indexes", object="book", column=["author", "-updated_at"])
    assert ordered.status_code == 303
    assert "建立中" in visit.get("/designer/indexes").text
    JobRunner(web.live, upkeep_handlers()).run_waiting()
    page = visit.get("/designer/indexes").text
    assert "可用" in page
    number = page.split("/designer/indexes/")[-1].split("/")[0]
    dropped = visit.post(f"/designer/indexes/{number}/drop")
    assert dropped.status_code == 303
    JobRunner(web.live, upkeep_handlers()).run_waiting()
    assert "已添加的索引" not in visit.get("/designer/indexes").text


def test_it_is_for_administrators(web: Web, visit: Visit) -> None:
    web.person("馆员", "13800000003", "librarian")
    librarian = web.sign_in("13800000003")
    assert librarian.get("/designer/indexes").status_code in {403, 404}
    assert librarian.post("/designer/indexes", object="book", column="author").status_code in {
        403,
        404,
    }
