"""The screens of files and jobs: every step, refusals beside their fields, nobody else's jobs."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from engine.context import Locale
from engine.exchange.jobs import job_handlers
from engine.exchange.store import FileStore
from engine.records.create_many import create_many
from engine.worker.runner import JobRunner
from tests.integration.exchange.desk import csv_text
from tests.support.library import system_context
from tests.support.web import Web, library_web

HTMX = {"hx-request": "true", "hx-request-type": "partial"}
IMPORT = "/o/book/import"
ROLE = {
    "op": "add",
    "document": "role/x_reader",
    "path": "",
    "value": {
        "kind": "role",
        "key": "x_reader",
        "label": "Reader",
        "objects": {"book": {"read": "all", "export": "all"}},
    },
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in, in a browser without scripts unless told."""

    web: Web
    files: FileStore
    secret: str
    csrf: str

    def get(self, path: str, **headers: str) -> Any:
        """Open a page."""
        cookie = {"cookie": f"heddle_session={self.secret}"}
        return self.web.client.get(path, headers=cookie | headers, follow_redirects=False)

    def send(self, path: str, form: dict[str, Any] | None = None, **files: Any) -> Any:
        """Send a form."""
        return self.web.client.post(
            path,
            data={"_csrf": self.csrf, **(form or {})},
            files=files or None,
            headers={"cookie": f"heddle_session={self.secret}"},
            follow_redirects=False,
        )

    def upload(self, content: bytes | str, name: str = "books.csv") -> Any:
        """Choose a file in the first step."""
        data = content.encode() if isinstance(content, str) else content
        return self.send(IMPORT, file=(name, data, "text/csv"))

    def run(self) -> None:
        """Run what waits."""
        JobRunner(self.web.live, job_handlers(self.files, Locale())).run_waiting()


@pytest.fixture
def web(new_database_url: str, tmp_path: Path) -> Iterator[Web]:
    with library_web(new_database_url, tmp_path, ROLE) as made:
        yield made


@pytest.fixture
def admin(web: Web, tmp_path: Path) -> Person:
    return enter(web, web.admin_id, tmp_path)


def enter(web: Web, user_id: int, folder: Path) -> Person:
    return Person(web, FileStore(folder), *web.session(user_id))


def sent_to(answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_from_a_file_to_its_records_and_back(admin: Person) -> None:
    text = csv_text(("书名", "作者", "价"), ("Emma", "Austen", "x"), ("Ulysses", "Joyce", "3"))
    assert 'type="file"' in admin.get(IMPORT).text
    columns = sent_to(admin.upload(text))
    page = admin.get(columns).text
    assert "books.csv · 2 行 · UTF-8" in page
    assert "Emma · Ulysses" in page
    job = sent_to(
        admin.send(
            columns,
            {
                "column-0": "title",
                "column-1": "author",
                "column-2": "price",
                "mode": "both",
                "match": "title",
            },
        )
    )
    waiting = admin.get(job, **HTMX).text
    assert "<html" not in waiting
    assert 'hx-trigger="load delay:1s"' in waiting
    admin.run()
    checked = admin.get(job).text
    assert "hx-trigger" not in admin.get(job, **HTMX).text
    assert "导入 1 行" in checked
    assert "不是" in checked  # x is no number
    assert "价 → 定价" in checked
    made = sent_to(admin.send(f"{job}/import"))
    admin.run()
    result = admin.get(made).text
    assert "撤销导入" in result
    failed = admin.get(f"{made}/failed.csv")
    assert failed.headers["content-disposition"].startswith("attachment;")
    assert failed.headers["x-content-type-options"] == "nosniff"
    lines = failed.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "书名,作者,价,行,原因"
    assert lines[1].startswith("Emma,Austen,x,2,价: ")
    undo = sent_to(admin.send(f"{made}/undo"))
    admin.run()
    assert "已完成" in admin.get(undo).text
    listed = admin.get("/jobs").text
    assert all(f'href="{path}"' in listed for path in (job, made, undo))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "第一行应为列名"),
        (b"name\nan\0na", "不是文本文件"),
        (b"PK\x03\x04 and nothing", "不是有效的 XLSX"),
        (b"name\n", "没有数据行"),
        (b'name\n"a"b\n', "第 2 行"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_beside_it(
    admin: Person, content: bytes, words: str
) -> None:
    answer = admin.upload(content)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'aria-describedby="help-file error-file"' in answer.text


def test_no_file_at_all(admin: Person) -> None:
    assert "请选择一个文件" in admin.send(IMPORT).text
    assert "请选择一个文件" in admin.upload(b"", name="").text


def test_what_is_wrong_with_the_columns_stands_beside_them(admin: Person) -> None:
    columns = sent_to(admin.upload(csv_text(("a", "b"), ("Emma", "Austen"))))
    for form, place in (
        ({"column-0": "title", "column-1": "title", "match": "title"}, "error-column-1"),
        ({"column-0": "title", "match": "isbn"}, "error-match"),
        ({"match": "title"}, 'class="h-alert is-bad"'),
        ({"column-0": "nothing", "match": "title"}, 'class="h-alert is-bad"'),
    ):
        answer = admin.send(columns, {"mode": "both", **form})
        assert answer.status_code == 422
        assert place in answer.text
    chosen = admin.send(columns, {"column-0": "author", "match": "isbn", "mode": "skip"}).text
    assert '<option value="author" selected>' in chosen
    assert '<option value="skip" selected>' in chosen


def test_names_and_cells_are_text_wherever_they_are_shown(admin: Person) -> None:
    evil = "<script>alert(1)</script>"
    text = csv_text((evil, "author"), (evil, evil), ("", evil))
    columns = sent_to(admin.upload(text, name=f"{evil}.csv"))
    assert evil not in admin.get(columns).text
    form = {"column-0": "title", "column-1": "author", "mode": "create"}
    job = sent_to(admin.send(columns, form))
    admin.run()
    page = admin.get(job).text
    assert evil not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_others_see_neither_file_nor_job(admin: Person, tmp_path: Path) -> None:
    columns = sent_to(admin.upload(csv_text(("title", "author"), ("Emma", "Austen"))))
    form = {"column-0": "title", "column-1": "author", "mode": "create"}
    job = sent_to(admin.send(columns, form))
    other = enter(admin.web, admin.web.person("Ann", "13800000009", "x_reader"), tmp_path)
    assert other.get(IMPORT).status_code == 403
    assert other.upload("title\nx\n").status_code == 403
    assert other.get(columns).status_code == 404
    assert other.get(f"{IMPORT}/template.xlsx").status_code == 403
    for path in (job, f"{job}/failed.csv", f"{job}/file"):
        assert other.get(path).status_code == 404
    for verb in ("cancel", "undo", "import"):
        assert other.send(f"{job}/{verb}").status_code == 404
    assert job not in other.get("/jobs").text
    assert sent_to(admin.send(f"{job}/cancel")) == job
    assert "已取消" in admin.get(job).text


def test_the_template(admin: Person) -> None:
    answer = admin.get(f"{IMPORT}/template.xlsx")
    assert answer.headers["content-disposition"].startswith("attachment;")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet["A1"].value == "书名 *"


def test_the_notice_of_a_running_job(admin: Person) -> None:
    assert "hx-trigger" not in admin.get("/jobs/running", **HTMX).text
    columns = sent_to(admin.upload(csv_text(("title",), ("Emma",))))
    admin.send(columns, {"column-0": "title", "mode": "create"})
    assert 'hx-trigger="load delay:2s"' in admin.get("/jobs/running", **HTMX).text
    admin.run()
    assert "hx-trigger" not in admin.get("/jobs/running", **HTMX).text


def test_exports_of_chosen_records_and_of_all_that_match(admin: Person) -> None:
    with admin.web.live.write(system_context(admin.web.live)) as unit:
        rows = [{"title": f"T{n}", "author": "x", "category": "children"} for n in range(3)]
        ids = [outcome.id for outcome in create_many(unit, "book", rows)]
    asked = admin.send("/o/book/export", {"action": "export", "ids": ids[:2]}).text
    assert "导出选中的 2 条" in asked
    assert f'name="ids" value="{ids[0]}"' in asked
    form = {"format": "csv", "columns": "", "sort": "title"}
    assert exported(admin, {"ids": ids[:2], **form}) == ["T0", "T1"]
    assert exported(admin, {"scene": "book.children", **form}) == ["T0", "T1", "T2"]
    where = '{"field":"title","op":"eq","value":"T2"}'
    assert exported(admin, {"where": where, **form}) == ["T2"]
    page = admin.get("/o/book/export?scene=book.children")
    assert "导出符合当前筛选的 3 条" in page.text


def exported(admin: Person, form: dict[str, Any]) -> list[str]:
    job = sent_to(admin.send("/o/book/export", form))
    admin.run()
    assert f'href="{job}/file"' in admin.get(job).text
    answer = admin.get(f"{job}/file")
    assert answer.headers["content-disposition"].startswith("attachment")
    lines = answer.content.decode("utf-8-sig").splitlines()
    return [line.split(",")[0] for line in lines[1:]]


def test_in_english(admin: Person) -> None:
    columns = sent_to(admin.upload(csv_text(("title",), ("Emma",))))
    english = {"accept-language": "en"}
    admin.web.client.cookies.clear()
    job = sent_to(admin.send(columns, {"column-0": "title", "mode": "create"}))
    admin.run()
    for path in (IMPORT, columns, job, "/jobs", "/o/book/export"):
        assert admin.get(path, **english).status_code == 200
