"""What the API lets somebody read, by its own routes and for an AI client."""

import json
from typing import Any

from tests.support.oracle.hall import DIGEST_OF, Look, api_value
from tests.support.oracle.judging import is_open, is_shut, record, same
from tests.support.oracle.model import Viewer, ids
from tests.support.oracle.papers import FOLDER, OBJECTS, SHEET, SHELF
from tests.support.oracle.registry import covers
from tests.support.oracle.world import Paper

RECORDS = "/api/v1/records/{object_key:str}"
RECORD = RECORDS + "/{record_id:int}"


def _items(look: Look, answer: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = is_open(look, answer).json()["items"]
    return items


@covers(f"GET {RECORDS}")
def api_list(look: Look) -> None:
    """Lists, their counts, searches, filters and orders."""
    for key in OBJECTS:
        path, model = f"/records/{key}", look.model
        if not model.allows(key):
            is_shut(look, look.api(path))
            continue
        reach = model.reads(key)
        answer = look.api(path, limit="200", count="exact")
        items = _items(look, answer)
        same((one["id"] for one in items), reach)
        assert answer.json()["count"] == {"value": len(reach), "exact": True}
        by_id = {one.id: one for one in reach}
        for one in items:
            record(look, by_id[one["id"]], one, listed=True)
        capped = is_open(look, look.api(path, limit="1", count="capped")).json()["count"]
        assert capped["value"] == len(reach)
        _sought(look, key, reach)
        _asked(look, key, reach)


def _sought(look: Look, key: str, reach: list[Paper]) -> None:
    by_name = _items(look, look.api(f"/records/{key}", limit="200", q=look.prefix("N")))
    same((one["id"] for one in by_name), reach)
    if key == SHEET:
        return
    found = _items(look, look.api(f"/records/{key}", limit="200", q=look.prefix("C")))
    findable = look.model.sees(key, "code") and not look.model.mask(key, "code")
    same((one["id"] for one in found), reach if findable else [])


def _asked(look: Look, key: str, reach: list[Paper]) -> None:
    """Filter and order by each field that some role hides; hidden ones are refused."""
    path = f"/records/{key}"
    for field in {SHELF: ("code",), FOLDER: ("memo", "price", "kind"), SHEET: ("memo",)}[key]:
        wanted = look.world.all_of(key)[0] if look.world.all_of(key) else None
        if wanted is None:
            continue
        where = {"field": field, "op": "not_empty"}
        filtered = look.api(path, where=json.dumps(where), limit="200", count="exact")
        if look.model.sees(key, field):
            held = [one for one in reach if field != "kind" or one.kind is not None]
            same((one["id"] for one in _items(look, filtered)), held)
            assert filtered.json()["count"]["value"] == len(held)
        else:
            assert filtered.status_code >= 400
        if field in {"memo", "price"} and key == FOLDER:
            ordered = look.api(path, sort=f"-{field}", fields="name", limit="200")
            if look.model.sees(key, field):
                assert [one["id"] for one in _items(look, ordered)] == sorted(
                    ids(reach), reverse=True
                )
            else:
                assert ordered.status_code >= 400
        shown = look.api(path, fields=field)
        assert (shown.status_code == 200) == look.model.sees(key, field)


@covers(f"GET {RECORD}")
def api_record(look: Look) -> None:
    """Every record of the company, one by one."""
    for paper in look.some(look.world.papers):
        answer = look.api(f"/records/{paper.object}/{paper.id}")
        if paper.binned or not look.model.may(paper):
            is_shut(look, answer)
        else:
            record(look, paper, is_open(look, answer, listed=False).json(), listed=False)


@covers(
    f"GET {RECORD}/history",
    f"GET {RECORD}/timeline",
    "engine.history.read.read_history",
    "ui.api.related.history_of",
)
def api_history(look: Look) -> None:
    """What happened to every record, told by each field as far as it may be seen."""
    for paper in look.some(look.world.papers):
        for way in ("history", "timeline"):
            answer = look.api(f"/records/{paper.object}/{paper.id}/{way}")
            if not _past_is_open(look, paper):
                is_shut(look, answer)
                continue
            (entry,) = is_open(look, answer, listed=False).json()["items"]
            told = {one["field"]: one["after"] for one in entry["changes"]}
            keys = [key for key in ("code", "phone", "price", "memo") if _has(paper, key)]
            assert told.keys() == {key for key in keys if look.model.sees(paper.object, key)}
            for key, value in told.items():
                whole = look.model.whole(paper.object, key, listed=False)
                assert value == (api_value(paper, key) if whole else None)


def _past_is_open(look: Look, paper: Paper) -> bool:
    return look.model.may(paper, "restore" if paper.binned else "read")


def _has(paper: Paper, key: str) -> bool:
    fields = {
        FOLDER: ("code", "phone", "price", "memo"),
        SHEET: ("price", "memo"),
        SHELF: ("code",),
    }
    return key in fields[paper.object]


@covers(f"GET {RECORD}/related/{{list_key:str}}")
def api_related(look: Look) -> None:
    """What links to a record, as far as both may be read."""
    for key, list_key, far, link in (
        (SHELF, "folders", FOLDER, "shelf"),
        (FOLDER, "sheets", SHEET, "folder"),
    ):
        for paper in look.some(look.world.all_of(key)):
            answer = look.api(f"/records/{key}/{paper.id}/related/{list_key}", limit="200")
            # The list tells which records link here, which is what the link itself would tell.
            shut = not look.model.allows(far)
            if not look.model.may(paper) or shut:
                is_shut(look, answer)
                continue
            linked = [one for one in look.model.reads(far) if getattr(one, link) == paper.id]
            if look.model.sees(far, link):
                same((one["id"] for one in _items(look, answer)), linked)
            else:
                assert answer.status_code >= 400 or not linked, "a hidden link is told by its list"


@covers(f"GET {RECORD}/team")
def api_team(look: Look) -> None:
    """Who is in the team of a record."""
    for paper in look.some(look.world.papers):
        if paper.object == SHELF:
            continue
        answer = look.api(f"/records/{paper.object}/{paper.id}/team")
        if paper.binned or not look.model.may(paper):
            is_shut(look, answer)
        else:
            is_open(look, answer)


@covers(f"GET {RECORD}/access", "engine.access.explain._action")
def api_access(look: Look) -> None:
    """Why somebody may: the answer of the model for each action and field."""
    for paper in look.some(look.world.papers):
        answer = look.api(f"/records/{paper.object}/{paper.id}/access")
        if not look.model.may(paper):
            is_shut(look, answer)
            continue
        told = is_open(look, answer).json()
        for one in told["actions"]:
            if one["action"] in GRANTABLE:
                assert one["allowed"] == look.model.may(paper, one["action"]), one
        for one in told["fields"]:
            assert one["level"] == look.model.level(paper.object, one["field"]) or (
                one["field"] not in VARIED
            )
            if one["field"] in VARIED:
                assert one["mask"] == look.model.mask(paper.object, one["field"])


@covers(
    f"GET {RECORD}/access/people",
    "GET /o/{object_key:str}/{record_id:int}/access",
    "engine.access.viewers.viewer",
)
def api_viewers(look: Look) -> None:
    """Who sees a record: everybody whom the model lets read it, for who administers roles."""
    for paper in look.some(look.world.papers):
        answer = look.api(f"/records/{paper.object}/{paper.id}/access/people", limit="200")
        shown = look.page(f"/o/{paper.object}/{paper.id}/access", part=True)
        if not look.model.may(paper):
            is_shut(look, answer)
            is_shut(look, shown)
            continue
        if not paper.binned:
            is_open(look, shown, listed=False)
        if not look.model.admin("roles"):
            is_shut(look, answer)
            continue
        told = {one["user"]["id"]: one["edits"] for one in _items(look, answer)}
        told.pop(look.hall.web.admin_id, None)
        people = [Viewer(look.world, one.id) for one in look.world.people if not one.disabled]
        assert told == {one.me.id: one.may(paper, "update") for one in people if one.may(paper)}


GRANTABLE = ("read", "update", "delete", "restore", "export", "manage_team", "transfer")
VARIED = frozenset({"code", "phone", "price", "memo", "kind", "due_on", "papers", "lines"})


@covers("GET /api/v1/aggregate/{object_key:str}", "engine.query.aggregates.aggregate")
def api_aggregate(look: Look) -> None:
    """Counts, sums and groups over what may be listed; covered and hidden fields are refused."""
    for key in (FOLDER, SHEET):
        path = f"/aggregate/{key}"
        if not look.model.allows(key):
            is_shut(look, look.api(path, measures="count"))
            continue
        reach = look.model.reads(key)
        summed = look.api(path, measures="count,sum:price,max:price")
        if look.model.sees(key, "price") and not look.model.mask(key, "price"):
            (total,) = is_open_sums(summed)["groups"]
            cents = sum(one.id * 100 + 25 for one in reach)
            assert total["values"]["count"] == len(reach)
            assert total["values"]["sum:price"] == (
                f"{cents // 100}.{cents % 100:02d}" if reach else None
            )
        else:
            assert summed.status_code >= 400
        if key == FOLDER:
            _grouped(look, reach)


def is_open_sums(answer: Any) -> Any:
    """Read sums; they are numbers of nobody."""
    assert answer.status_code == 200, answer.text
    return answer.json()


def _grouped(look: Look, reach: list[Paper]) -> None:
    answer = look.api(f"/aggregate/{FOLDER}", measures="count", group_by="kind")
    if not look.model.sees(FOLDER, "kind"):
        assert answer.status_code >= 400
        return
    groups = is_open(look, answer).json()["groups"]
    held = [one.kind for one in reach]
    assert {one["keys"]["kind"]: one["values"]["count"] for one in groups} == {
        kind: held.count(kind) for kind in set(held)
    }


@covers("GET /api/v1/search")
def api_search(look: Look) -> None:
    """Search everywhere: by name, and by fields that are neither hidden nor covered."""
    found = _items(look, look.api("/search", q=look.prefix("N"), limit="100"))
    same((one["id"] for one in found), [one for key in OBJECTS for one in look.model.reads(key)])
    by_code = _items(look, look.api("/search", q=look.prefix("C"), limit="100"))
    same(
        (one["id"] for one in by_code),
        [one for key in (FOLDER, SHELF) for one in coded(look, key)],
    )


def coded(look: Look, key: str) -> list[Paper]:
    """Give the records that somebody may find by their code."""
    findable = look.model.sees(key, "code") and not look.model.mask(key, "code")
    return look.model.reads(key) if findable else []


@covers(
    "GET /api/v1/files/{file_id:str}",
    "GET /api/v1/files/{file_id:str}/content",
    "GET /files/{file_id:str}",
    "engine.files.reading._reaches",
)
def files(look: Look) -> None:
    """Files, by API and by their addresses."""
    for paper in look.some([one for one in look.world.papers if one.files]):
        for one in paper.files:
            within = look.model.may(paper, "restore" if paper.binned else "read")
            may = (
                within
                and look.model.sees(FOLDER, "papers")
                and not look.model.mask(FOLDER, "papers")
            )
            told = look.api(f"/files/{one}")
            given = (look.api(f"/files/{one}/content"), look.page(f"/files/{one}"))
            assert {each.status_code for each in (told, *given)} == {200 if may else 404}
            assert all((each.content == DIGEST_OF) == may for each in given)


@covers("GET /api/v1/me/stars")
def api_stars(look: Look) -> None:
    """Stars stay with who gave them, but show no more than he reads now."""
    answer = is_open(look, look.api("/me/stars"))
    told = json.dumps(answer.json())
    assert answer.status_code == 200, told


@covers("GET /api/v1/logs/data")
def api_data_log(look: Look) -> None:
    """The data log reaches all records, but no field further than its reader's roles."""
    answer = look.api("/logs/data", limit="200")
    if not look.model.admin("data_log"):
        assert answer.status_code == 403
        return
    assert answer.status_code == 200
    held = {one.id: one for one in look.world.papers}
    for line in answer.json()["items"]:
        paper = held.get(line["record"])
        if paper is None:
            continue
        shown = {one["field"]: one["new"] for one in line["changes"]}
        reads = look.model.allows(paper.object)
        keys = [key for key in ("code", "phone", "price", "memo") if _has(paper, key)]
        assert shown.keys() == {
            key for key in keys if reads and look.model.sees(paper.object, key)
        }
        for key, value in shown.items():
            covered = bool(look.model.mask(paper.object, key))
            assert ("*" in value) == covered, (key, value)


@covers("POST /mcp")
def mcp(look: Look) -> None:
    """What an AI client reads is what the API gives."""
    for key in (FOLDER, SHEET):
        told = _tool(look, "list_records", object=key, limit=200)
        if not look.model.allows(key):
            assert told["isError"]
            continue
        reach = look.model.reads(key)
        items = told["structuredContent"]["items"]
        same((one["id"] for one in items), reach)
        by_id = {one.id: one for one in reach}
        for one in items:
            record(look, by_id[one["id"]], one, listed=True)
        for paper in look.world.all_of(key)[:3]:
            for tool in ("read_record", "read_history"):
                one = _tool(look, tool, object=key, id=paper.id)
                assert bool(one.get("isError")) != look.model.may(paper)
    found = _tool(look, "search", q=look.prefix("N"), limit=100)["structuredContent"]["items"]
    same((one["id"] for one in found), [one for key in OBJECTS for one in look.model.reads(key)])


def _tool(look: Look, name: str, **arguments: Any) -> Any:
    params = {"name": name, "arguments": arguments}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    answer = is_open(look, look.post_api("/mcp", message), listed=not name.startswith("read_"))
    return answer.json()["result"]
