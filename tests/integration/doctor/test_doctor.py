"""The doctor finds what somebody broke, and nothing on a sound site; by command line and page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, text

from app import make_world
from engine.doctor import examine
from engine.publish.live import LiveSite
from engine.records.create import create
from engine.storage.kernel_tables import search
from tests.support.library import added_field, library_site, publish, system_context
from tests.support.web import library_web
from ui.cli import command_line
from ui.i18n import LANGUAGES, translate


@pytest.fixture
def live(new_database_url: str) -> Iterator[LiveSite]:
    site = library_site(new_database_url)
    publish(
        site,
        added_field("x_topics", type="tags", allow_new=True),
        added_field("x_code", unique=True),
    )
    with site.write(system_context(site)) as unit:
        book = create(unit, "book", {"title": "红楼梦", "author": "曹雪芹", "x_topics": ["古典"]})
        reader = create(
            unit, "reader", {"name": "王芳", "mobile": "13800000000", "joined_on": "2026-01-02"}
        )
        create(unit, "loan", {"book": book.id, "reader": reader.id, "lent_on": "2026-01-02"})
    yield site
    site.database.close()


def codes(live: LiveSite) -> list[str]:
    found = examine(live, system_context(live)).findings
    for one in found:
        for language in LANGUAGES:
            assert translate(language, f"doctor.{one.code}", **one.params)
    return [one.code for one in found]


def test_a_sound_site_has_no_findings(live: LiveSite) -> None:
    assert codes(live) == []


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        ("ALTER TABLE o_book DROP COLUMN shelf", "column_missing"),
        ("ALTER TABLE o_book ADD COLUMN stray TEXT", "column_unknown"),
        ("CREATE TABLE o_stray (id INTEGER)", "table_unknown"),
        ("DROP INDEX o_book_u{x_code}", "index_missing"),
        ("DROP TABLE {side}", "table_missing"),
        ("UPDATE heddle_version SET hash = 'x' WHERE number = 2", "version_changed"),
        ("DELETE FROM o_loan", "search_orphan"),
        ("UPDATE o_book SET version = 7", "history_behind"),
        ("INSERT INTO {side} (record_id, value) VALUES (99, 'x')", "side_orphan"),
        ("UPDATE o_loan SET book_id = 99", "link_orphan"),
        ("UPDATE heddle_search SET tokenizer = 0", "search_old"),
        ("UPDATE o_loan SET owner_id = 99", "search_owner"),
        ("UPDATE heddle_field SET key = 'gone' WHERE key = 'shelf'", "field_unknown"),
    ],
)
def test_harm_is_found_and_named(live: LiveSite, harm: str, code: str) -> None:
    book = live.snapshot.object("book")
    side = book.field("x_topics").side
    assert side is not None
    with live.database.write() as connection:
        connection.execute(text(harm.format(side=side.name, x_code=book.field("x_code").id)))
    assert code in codes(live)


def test_a_search_entry_that_is_not_there_is_told_with_the_record(live: LiveSite) -> None:
    books = live.snapshot.object("book").id
    with live.database.write() as connection:
        connection.execute(delete(search).where(search.c.object_id == books))
    found = {one.code: one for one in examine(live, system_context(live)).findings}
    assert found["search_missing"].params == {"count": 1, "ids": "1"}
    assert ("search_index" in found) == (live.database.dialect == "sqlite")


def test_the_command_line_and_the_page_tell_it(new_database_url: str, tmp_path: Path) -> None:
    with library_web(new_database_url, tmp_path) as web:
        env = {"HEDDLE_DATABASE_URL": new_database_url, "HEDDLE_DATA_DIR": str(tmp_path)}
        runner = CliRunner(env=env)
        assert runner.invoke(command_line(make_world), ["doctor"]).exit_code == 0
        visit = web.sign_in()
        good = translate("zh-CN", "designer.doctor_again")
        assert good in visit.get("/designer/doctor").text
        with web.live.database.write() as connection:
            connection.execute(text("CREATE TABLE o_stray (id INTEGER)"))
        told = translate("zh-CN", "doctor.table_unknown")
        assert told in visit.get("/designer/doctor").text
        answer = runner.invoke(command_line(make_world), ["doctor"])
        assert answer.exit_code == 1
        assert "o_stray" in answer.output
