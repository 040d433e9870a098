"""A forgotten password: asked for, mailed, set; nobody learns who has an account."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from engine.access.accounts import set_password
from engine.access.scope import USER
from engine.context import SYSTEM, Context
from engine.publish.live import LiveSite
from engine.records.change import change
from engine.records.writing import Writing
from engine.settings import Settings, load_settings
from engine.storage.audit_tables import system_log
from engine.storage.kernel_tables import job
from engine.storage.people_tables import session
from engine.worker.runner import JobRunner
from tests.integration.security.conftest import Bare, csrf_of, serving
from tests.support.smtp_server import PASSWORD, MailBox, mail_server
from tests.support.smtp_server import USER as MAIL_USER
from tests.support.web import ADMIN_MOBILE, Web, library_web, quick_passwords
from ui.mails import mail_handlers

MAIL = "ann@weavers.example"
NEW = "shuttle-5512-x"


@pytest.fixture
def box() -> Iterator[MailBox]:
    with mail_server() as running:
        yield running


@pytest.fixture
def given(box: MailBox) -> dict[str, str]:
    """The settings under which mail goes to the box."""
    return {
        "public_url": "http://127.0.0.1:8000",
        "smtp_host": "127.0.0.1",
        "smtp_port": str(box.port),
        "smtp_tls": "none",
        "smtp_user": MAIL_USER,
        "smtp_password": PASSWORD,
        "mail_from": "crm@weavers.example",
        "outgoing_networks": "127.0.0.0/8",
    }


@pytest.fixture
def quick_web(tmp_path: Path) -> Iterator[Web]:
    """A library whose administrator has a password and an e-mail address."""
    with library_web(f"sqlite:///{tmp_path / 'quick.db'}", tmp_path) as web:
        with web.live.write(Context(actor=SYSTEM, now=web.live.clock())) as unit:
            hashed = quick_passwords().hash("warp-weft-7391")
            set_password(unit.connection, web.admin_id, hashed, now=unit.context.now)
            free = Writing(system_fields=True, unversioned=True)
            change(unit, USER, web.admin_id, {"email": MAIL}, version=None, writing=free)
        yield web


@pytest.fixture
def site(quick_web: Web, tmp_path: Path, given: dict[str, str]) -> Iterator[Bare]:
    with serving(quick_web.live, tmp_path, quick_passwords(), **given) as running:
        yield running


def ask(site: Bare, mobile: str) -> Any:
    form = {"_csrf": csrf_of(site.client, "/forgotten"), "mobile": mobile}
    return site.client.post("/forgotten", data=form)


def deliver(live: LiveSite, folder: Path, given: dict[str, str]) -> int:
    return JobRunner(live, mail_handlers(settings_of(folder, given))).run_waiting()


def settings_of(folder: Path, given: dict[str, str]) -> Settings:
    named = {f"HEDDLE_{name.upper()}": value for name, value in given.items()}
    return load_settings(named | {"HEDDLE_DATA_DIR": str(folder)}, folder)


def link_in(box: MailBox) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000(/forgotten/\S+)", box.mails[-1].get_content())
    assert found
    return found[1]


def test_a_mailed_link_sets_a_password_once_and_ends_every_session(
    site: Bare, quick_web: Web, box: MailBox, tmp_path: Path, given: dict[str, str]
) -> None:
    visit = quick_web.sign_in()
    assert 'href="/forgotten"' in site.client.get("/sign-in").text
    assert ask(site, f"+86 {ADMIN_MOBILE}").status_code == 200
    assert deliver(site.live, tmp_path, given) == 1
    assert box.mails[0]["to"] == MAIL
    path = link_in(box)
    form = {"_csrf": csrf_of(site.client, path), "password": NEW, "again": NEW + "y"}
    assert site.client.post(path, data=form).status_code == 422
    weak = site.client.post(path, data=form | {"password": "short", "again": "short"})
    assert weak.status_code == 422
    assert visit.get("/profile").status_code == 200
    done = site.client.post(path, data=form | {"again": NEW}, follow_redirects=False)
    assert done.headers["location"] == "/sign-in?reset=done"
    assert visit.get("/profile").status_code == 303
    assert site.client.get(path).status_code == 410
    assert site.client.post(path, data=form | {"again": NEW}).status_code == 410
    entry = {"_csrf": csrf_of(site.client, "/sign-in"), "mobile": ADMIN_MOBILE, "password": NEW}
    into = site.client.post("/sign-in", data=entry, follow_redirects=False)
    assert into.headers["location"] == "/"
    with site.live.database.read() as connection:
        deeds = list(connection.scalars(select(system_log.c.deed).order_by(system_log.c.id)))
        assert deeds[-2:] == ["mail.sent", "password.reset"]
        payload = connection.scalar(select(job.c.payload))
    assert path.rpartition("/")[2] not in str(payload)


def test_nobody_learns_who_has_an_account(
    site: Bare, quick_web: Web, box: MailBox, tmp_path: Path, given: dict[str, str]
) -> None:
    quick_web.person("Bob", "13800000002", "librarian")  # without an address
    asked = (ADMIN_MOBILE, "13800000002", "13800000009", "my-password-by-mistake")
    answers = [ask(site, mobile) for mobile in asked]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    with site.live.database.read() as connection:
        orders = [str(one) for one in connection.scalars(select(job.c.payload))]
    assert len(orders) == len(asked)
    assert "mistake" not in "".join(orders)
    deliver(site.live, tmp_path, given)
    assert [mail["to"] for mail in box.mails] == [MAIL]


def test_asking_often_is_slowed_down_alike_for_everybody(site: Bare) -> None:
    for mobile in (ADMIN_MOBILE, "13800000009"):
        statuses = [ask(site, mobile).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]


def test_without_a_mail_server_nothing_is_asked(quick_web: Web) -> None:
    answer = quick_web.client.get("/forgotten", follow_redirects=False)
    assert answer.headers["location"] == "/sign-in"
    page = quick_web.client.get("/sign-in").text
    assert 'href="/forgotten"' not in page
    form = {"_csrf": csrf_of(quick_web.client, "/sign-in"), "mobile": ADMIN_MOBILE}
    assert (
        quick_web.client.post("/forgotten", data=form, follow_redirects=False).status_code == 303
    )
    with quick_web.live.database.read() as connection:
        assert connection.execute(select(job)).first() is None


def test_a_server_that_is_away_is_tried_again_and_one_that_refuses_is_told(
    site: Bare, box: MailBox, tmp_path: Path, given: dict[str, str]
) -> None:
    box.answers["RCPT"] = "451 later"
    ask(site, ADMIN_MOBILE)
    deliver(site.live, tmp_path, given)
    with site.live.database.write() as connection:
        assert connection.scalar(select(job.c.state)) == "queued"
        connection.execute(update(job).values(ready_at=site.live.clock()))
    box.answers["RCPT"] = "550 nobody"
    deliver(site.live, tmp_path, given)
    with site.live.database.read() as connection:
        assert connection.scalar(select(job.c.state)) == "failed"
        newest = select(system_log.c.deed, system_log.c.marked).order_by(system_log.c.id.desc())
        assert connection.execute(newest).first() == ("mail.failed", True)
        assert connection.execute(select(session)).first() is None
