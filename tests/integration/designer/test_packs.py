"""Packs on screen, by API and by command line: plans with conflicts, refusals, archives."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from app import make_world
from metadata.archive import export_pack
from metadata.documents import Document
from metadata.load import Pack
from tests.integration.designer.conftest import Desk, Reader
from tests.support.hostile import hostile
from tests.support.library import library_packs, publish
from ui.cli import command_line
from ui.i18n import translate

BOOK = "object/book"
LABEL = "fields/title/label/en"
CONFLICT = f"{BOOK}#{LABEL}"


def said(key: str, /, **params: object) -> str:
    return translate("zh-CN", key, **params)


def next_library(**said: Any) -> bytes:
    """Give the library's next version: a title by another name, no shelf."""
    library = library_packs()[-1]
    documents = []
    for document in library.documents:
        body = json.loads(json.dumps(document.body))
        if document.id == BOOK:
            body["fields"]["title"]["label"]["en"] = "Theirs"
            del body["fields"]["shelf"]
        else:
            body = _without(body, "shelf")
        documents.append(Document(document.kind, document.key, body, None, library.key))
    manifest = {**library.manifest.body, "version": "1.1.0", "seeds": {}, **said}
    new = Document("pack", library.key, manifest, None, library.key)
    return export_pack(Pack(library.key, new, tuple(documents)))


def _without(body: Any, key: str) -> Any:
    if isinstance(body, dict):
        return {name: _without(inner, key) for name, inner in body.items() if name != key}
    return body


def mine(desk: Desk) -> None:
    publish(desk.web.live, {"op": "set", "document": BOOK, "path": LABEL, "value": "Mine"})


def upload(desk: Desk, data: bytes) -> Any:
    return desk.web.client.post(
        "/designer/packs",
        data={"_csrf": desk.csrf},
        files={"file": ("library.zip", io.BytesIO(data), "application/zip")},
        headers={"cookie": f"heddle_session={desk.secret}"},
        follow_redirects=False,
    )


def title(desk: Desk) -> str:
    return desk.compiled.site.objects["book"].fields["title"].label["en"]


def test_an_upgrade_is_planned_settled_and_published_on_screen(desk: Desk) -> None:
    mine(desk)
    answer = upload(desk, next_library())
    assert answer.status_code == 303, answer.text
    draft = answer.headers["location"]
    page = Reader(desk.get(draft).text).text
    assert said("designer.move_on", name="图书馆", before="1.0.0", version="1.1.0") in page
    kept = said("designer.kept.field_shown", name="书架", pack="library", document=BOOK)
    assert kept in page
    assert "Mine" in page
    assert "Theirs" in page
    assert said("designer.open_conflicts", count=1) in page
    desk.send(f"{draft}/settle", {CONFLICT: "theirs"}, full=True)
    assert said("designer.open_conflicts", count=1) not in desk.get(draft).text
    done = desk.send(f"{draft}/publish", {"note": "1.1"}, full=True)
    assert done.headers["location"] == "/designer/packs"
    assert title(desk) == "Theirs"
    assert "shelf" in desk.compiled.site.objects["book"].fields
    assert "1.1.0" in desk.get("/designer/packs").text


def test_an_open_conflict_can_be_settled_later(desk: Desk) -> None:
    mine(desk)
    draft = upload(desk, next_library()).headers["location"]
    desk.send(f"{draft}/publish", {}, full=True)
    assert title(desk) == "Mine"
    assert said("designer.conflict_count", count=1) in desk.get("/designer").text
    assert "Theirs" in desk.get("/designer/conflicts").text
    desk.send("/designer/conflicts", {CONFLICT: "theirs"}, full=True)
    desk.publish()
    assert title(desk) == "Theirs"
    assert said("designer.conflicts_none") in desk.get("/designer/conflicts").text


def test_uninstalling_what_others_need_names_them(desk: Desk) -> None:
    answer = desk.send("/designer/packs/uninstall", {"name": "base"}, full=True)
    assert answer.status_code == 409
    assert "library" in Reader(answer.text).text
    draft = desk.send("/designer/packs/uninstall", {"name": "library"}, full=True)
    page = Reader(desk.get(draft.headers["location"]).text).text
    assert said("designer.move_out", name="图书馆", version="1.0.0") in page
    desk.send(f"{draft.headers['location']}/discard", {}, full=True)
    assert said("designer.pack_drafts") not in desk.get("/designer/packs").text


def test_an_archive_goes_out_and_comes_in_equal_to_the_byte(desk: Desk) -> None:
    first = desk.get("/designer/packs/library/archive")
    assert first.headers["content-type"].startswith("application/zip")
    answer = upload(desk, first.content)
    assert said("designer.pack_same") in desk.get(answer.headers["location"]).text
    mine(desk)
    local = desk.get("/designer/local-changes").content
    draft = upload(desk, local).headers["location"]
    desk.send(f"{draft}/publish", {}, full=True)
    assert desk.get("/designer/packs/site/archive").content == local


def test_only_who_may_install_sees_packs(desk: Desk) -> None:
    reader = desk.web.person("读者", "13800000009", "librarian")
    answer = desk.web.client.get("/api/v1/packs", headers=desk.web.token(reader))
    assert answer.status_code == 403


def test_hostile_archives_change_nothing_and_are_told_with_their_lines(desk: Desk) -> None:
    before = desk.web.live.snapshot.number
    for name, (make, _, file, line) in hostile().items():
        answer = upload(desk, make())
        assert answer.status_code in {413, 422}, name
        if line:
            assert f"{file}:{line}:" in answer.text, name
    assert desk.web.live.snapshot.number == before
    assert said("designer.pack_drafts") not in desk.get("/designer/packs").text


def test_the_api_plans_settles_and_lists(desk: Desk) -> None:
    mine(desk)
    headers = desk.web.token(desk.web.admin_id)
    client = desk.web.client

    def send(query: str = "", **data: str) -> Any:
        file = {"file": ("library.zip", io.BytesIO(next_library()), "application/zip")}
        return client.post(f"/api/v1/packs{query}", files=file, data=data, headers=headers)

    plan = send("?dry_run=true").json()
    assert [(one["mine"], one["theirs"], one["side"]) for one in plan["conflicts"]] == [
        ("Mine", "Theirs", "")
    ]
    assert plan["kept"] == [
        {"document": BOOK, "path": "fields/shelf", "pack": "library", "hidden": False}
    ]
    wish = json.dumps([{"document": BOOK, "path": LABEL, "take": "theirs"}])
    assert send("?dry_run=true", settle=wish).json()["conflicts"][0]["side"] == "theirs"
    assert send(settle="[1]").status_code == 422
    assert send().status_code == 200
    (conflict,) = client.get("/api/v1/metadata/conflicts", headers=headers).json()["items"]
    body = {"changes": [conflict["changes"]["theirs"]], "note": "theirs"}
    draft = client.post("/api/v1/metadata/drafts", json=body, headers=headers).json()
    client.post(f"/api/v1/metadata/drafts/{draft['id']}/publish", headers=headers)
    assert client.get("/api/v1/metadata/conflicts", headers=headers).json()["items"] == []
    assert title(desk) == "Theirs"
    archive = client.get("/api/v1/packs/library/archive", headers=headers)
    assert archive.content == next_library()
    refused = client.delete("/api/v1/packs/base", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "pack_needed")


def shell_of(desk: Desk, folder: Path) -> Callable[..., Result]:
    """Give what runs the commands about packs on the desk's site."""
    url = desk.web.live.database.url.render_as_string(hide_password=False)
    env = {"HEDDLE_DATABASE_URL": url, "HEDDLE_DATA_DIR": str(folder), "HEDDLE_LOCALE": "en"}

    def run(*words: str) -> Result:
        return CliRunner(env=env).invoke(command_line(make_world), ["pack", *words])

    return run


def test_the_command_line_plans_settles_and_exports(desk: Desk, tmp_path: Path) -> None:
    mine(desk)
    source = tmp_path / "library.zip"
    source.write_bytes(next_library())
    run = shell_of(desk, tmp_path)
    planned = run("upgrade", str(source), "--dry-run")
    assert f"! {CONFLICT}" in planned.output
    assert "no longer brings the field" in planned.output
    assert run("upgrade", str(source), "--mine", "object/none#x").exit_code == 1
    done = run("upgrade", str(source), "--theirs", "all")
    assert done.exit_code == 0, done.output
    assert run("conflicts").output == ""
    assert "shelf" in run("diff", "library", "@1").output or run("diff", "@1", "local").output
    out = tmp_path / "out.zip"
    assert run("export", "library", "-o", str(out)).exit_code == 0
    assert out.read_bytes() == source.read_bytes()
    assert run("export", "local", "--as", "acme", "-o", str(out)).exit_code == 0
    assert run("uninstall", "base").exit_code == 1


def test_hidden_fields_and_objects_come_back_from_the_bin(desk: Desk) -> None:
    room = {"label": "阅览室", "name_field": "name",
            "fields": {"name": {"type": "text", "label": "名称"}}}  # fmt: skip
    live = desk.web.live
    publish(live, {"op": "add", "document": "object/x_room", "path": "", "value": room})
    publish(
        live,
        {"op": "remove", "document": "object/x_room", "path": ""},
        {"op": "remove", "document": BOOK, "path": "fields/price"},
    )
    assert "x_room" not in live.snapshot.objects
    page = Reader(desk.get("/designer/bin").text).text
    assert "阅览室" in page
    assert "定价" in page
    assert said("designer.bin_table", table="o_x_room", count=0) in page
    desk.send("/designer/bin", {"document": "object/x_room", "path": ""}, full=True)
    desk.send("/designer/bin", {"document": BOOK, "path": "fields/price"}, full=True)
    desk.publish()
    assert "x_room" in live.snapshot.objects
    assert "price" in live.snapshot.object("book").fields
    assert said("designer.bin_none") in desk.get("/designer/bin").text


PINNED = {"policy": {"upgrade": "pinned"}}


def test_a_pinned_pack_meets_local_changes_only_when_somebody_says_so(desk: Desk) -> None:
    mine(desk)
    draft = upload(desk, next_library(**PINNED)).headers["location"]
    page = Reader(desk.get(draft).text).text
    told = said("problem.pack_pinned", pack="library", version="1.1.0", count=1)
    assert told in page
    refused = desk.send(f"{draft}/publish", {}, full=True)
    assert (refused.status_code, title(desk)) == (422, "Mine")
    desk.send(f"{draft}/merge", {}, full=True)
    page = Reader(desk.get(draft).text).text
    assert told not in page
    assert said("designer.open_conflicts", count=1) in page
    desk.send(f"{draft}/publish", {CONFLICT: "theirs"}, full=True)
    assert desk.compiled.site.packs["library"].version == "1.1.0"
    assert title(desk) == "Mine"


def test_a_pinned_pack_by_api_and_shell(desk: Desk, tmp_path: Path) -> None:
    headers = desk.web.token(desk.web.admin_id)
    archive = tmp_path / "library.zip"
    archive.write_bytes(next_library(**PINNED))

    def send(query: str = "") -> Any:
        file = {"file": ("library.zip", io.BytesIO(archive.read_bytes()), "application/zip")}
        return desk.web.client.post(f"/api/v1/packs{query}", files=file, headers=headers)

    assert send("?dry_run=true").json()["errors"] == []
    mine(desk)
    (problem,) = send("?dry_run=true").json()["errors"]
    assert (problem["code"], problem["document"]) == ("pack_pinned", "pack/library")
    refused = send()
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "pack_pinned")
    assert send("?dry_run=true&merge=true").json()["valid"]
    run = shell_of(desk, tmp_path)
    stopped = run("upgrade", str(archive))
    assert stopped.exit_code == 1
    assert "--merge" in stopped.output
    done = run("upgrade", str(archive), "--merge")
    assert done.exit_code == 0, done.output


def test_what_goes_for_good_is_told_on_screen_by_api_and_in_the_shell(
    desk: Desk, tmp_path: Path
) -> None:
    gone = {"fields": {"book.shelf": {"since": "1.1.0", "data": "purge"}}}
    archive = tmp_path / "library.zip"
    archive.write_bytes(next_library(removed=gone))
    draft = upload(desk, archive.read_bytes()).headers["location"]
    page = Reader(desk.get(draft).text).text
    assert said("designer.purges", object="图书", field="书架", count=0) in page
    assert said("designer.reversible") not in page
    assert said("designer.differs.field_removed", name="书架", object="图书") not in page
    file = {"file": ("library.zip", io.BytesIO(archive.read_bytes()), "application/zip")}
    headers = desk.web.token(desk.web.admin_id)
    plan = desk.web.client.post("/api/v1/packs?dry_run=true", files=file, headers=headers).json()
    assert plan["purges"] == [{"object": "book", "field": "shelf", "values": 0}]
    shell = shell_of(desk, tmp_path)("upgrade", str(archive), "--dry-run")
    assert "go for good" in shell.output
    desk.send(f"{draft}/publish", {}, full=True)
    assert "shelf" not in desk.compiled.site.objects["book"].fields
    assert "书架" not in Reader(desk.get("/designer/bin").text).text
