"""Accounts by screen: inviting, a new password from an administrator, copying roles."""

import re
from typing import Any

import pytest
from litestar.testing import TestClient

from engine.access.links import INVITATION_LASTS
from engine.bulk.run import bulk_handlers
from engine.context import Locale
from engine.people import NewPerson, acting, add_person
from engine.records.change import change
from engine.records.read import get
from engine.records.shape import load, shape_of
from engine.records.writing import Writing
from engine.worker.runner import JobRunner
from tests.support.web import CSRF, Visit, Web

OWN = "shuttle-5512-x"


def invited(web: Web, name: str = "新来", mobile: str = "13912345678") -> int:
    new = NewPerson(name=name, mobile=mobile, roles=("librarian",), state="invited")
    with web.live.write(acting(web.live)) as unit:
        return add_person(unit, new)


def state(web: Web, person: int) -> Any:
    with web.live.read(acting(web.live)) as unit:
        return get(unit, "user", person, ("state",)).value("state")


def stranger(web: Web) -> TestClient[Any]:
    return TestClient(app=web.client.app, base_url=str(web.client.base_url))


def csrf_on(page: Any) -> str:
    found = CSRF.search(page.text)
    assert found, page.text
    return found[1]


def choose(client: TestClient[Any], path: str, **more: str) -> Any:
    form = {"_csrf": csrf_on(client.get(path)), "password": OWN, "again": OWN}
    return client.post(path, data=form | more, follow_redirects=False)


def sign_in(web: Web, mobile: str, password: str) -> tuple[TestClient[Any], Any]:
    client = stranger(web)
    form = {"_csrf": csrf_on(client.get("/sign-in")), "mobile": mobile, "password": password}
    return client, client.post("/sign-in", data=form, follow_redirects=False)


def test_somebody_invited_chooses_a_name_and_a_password_once(web: Web, visit: Visit) -> None:
    person = invited(web)
    assert f"/people/{person}/invite" in visit.get(f"/o/user/{person}").text
    first = re.search(r"(/welcome/[\w-]+)", visit.post(f"/people/{person}/invite").text)
    made = visit.post_part(f"/people/{person}/invite")
    found = re.search(r"http://127.0.0.1:8000(/welcome/[\w-]+)", made.text)
    assert found is not None
    assert first is not None
    client = stranger(web)
    assert client.get(first[1]).status_code == 410  # the second took the place of the first
    page = client.get(found[1])
    assert 'value="新来"' in page.text
    assert choose(client, found[1], again="other").status_code == 422
    assert choose(client, found[1], name="").status_code == 422
    assert state(web, person) == "invited"
    done = choose(client, found[1], name="王新")
    assert (done.status_code, state(web, person)) == (303, "active")
    assert "王新" in client.get("/profile").text
    assert stranger(web).get(found[1]).status_code == 410
    assert visit.post(f"/people/{person}/invite").status_code == 409
    assert sign_in(web, "13912345678", OWN)[1].status_code == 303


def test_an_invitation_runs_out(web: Web, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    person = invited(web)
    found = re.search(r"/welcome/[\w-]+", visit.post(f"/people/{person}/invite").text)
    assert found is not None
    late = web.live.clock() + INVITATION_LASTS
    monkeypatch.setattr(web.live, "clock", lambda: late)
    assert stranger(web).get(found[0]).status_code == 410


def test_a_password_from_an_administrator_opens_one_door(web: Web, visit: Visit) -> None:
    person = invited(web)
    other = web.token(person)
    weak = visit.post(f"/people/{person}/reset_password", password="short")
    assert weak.status_code == 422
    made = visit.post(f"/people/{person}/reset_password")
    found = re.search(r'value="(\w{4}-\w{4}-\w{4})"', made.text)
    assert found is not None
    assert found[1] not in visit.get(f"/people/{person}/reset_password").text
    assert web.client.get("/api/v1/me", headers=other).status_code == 401
    client, entered = sign_in(web, "13912345678", found[1])
    assert (entered.status_code, state(web, person)) == (303, "active")
    sent = client.get("/o/book", follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, "/new-password")
    second = sign_in(web, "13912345678", found[1])[0]
    assert choose(client, "/new-password", password="13912345678", again="13912345678")
    assert choose(client, "/new-password").headers["location"] == "/"
    assert client.get("/o/book").status_code == 200
    assert client.get("/new-password", follow_redirects=False).status_code == 303
    assert second.get("/profile", follow_redirects=False).headers["location"] != "/profile"
    assert sign_in(web, "13912345678", found[1])[1].status_code == 422


def test_without_a_department_or_a_role_nobody_signs_in(web: Web, visit: Visit) -> None:
    person = invited(web)
    visit.post(f"/people/{person}/reset_password", password=OWN)
    with web.live.write(acting(web.live)) as unit:
        user = unit.snapshot.object("user")
        unit.connection.execute(
            user.table.update().where(user.table.c.id == person).values(department_id=None)
        )
    _, entered = sign_in(web, "13912345678", OWN)
    assert entered.status_code == 403
    assert "还没有部门或角色" in entered.text


def test_roles_are_copied_to_others(web: Web, visit: Visit) -> None:
    one, two = invited(web), invited(web, "另一位", "13912345679")
    assert visit.get(f"/people/{one}/copy_roles").status_code == 200
    assert visit.post(f"/people/{one}/copy_roles").status_code == 422
    sent = visit.post(
        f"/people/{web.admin_id}/copy_roles", **{"to.manager": ["", str(one), str(two)]}
    )
    assert sent.status_code == 303
    JobRunner(web.live, bulk_handlers(Locale())).run_waiting()
    with web.live.read(acting(web.live)) as unit:
        for person in (one, two):
            assert get(unit, "user", person, ("roles",)).value("roles") == ("superadmin",)


def test_these_actions_need_their_right_and_respect_who_holds_more(web: Web) -> None:
    person = invited(web)
    web.person("小王", "13900001111", "people_admin")
    web.person("读者", "13900002222", "librarian")
    admin, reader = web.sign_in("13900001111"), web.sign_in("13900002222")
    for action in ("invite", "reset_password", "copy_roles"):
        assert reader.get(f"/people/{person}/{action}").status_code in {403, 404}
        assert admin.get(f"/people/{web.admin_id}/{action}").status_code == 403
    assert admin.post(f"/people/{web.admin_id}/reset_password").status_code == 403


def test_disabling_somebody_leads_to_the_hand_over(web: Web, visit: Visit) -> None:
    leaver = web.person("离职员", "13900003333", "librarian")
    heir = web.person("接手人", "13900004444", "librarian")
    report = web.person("下属甲", "13900005555", "librarian")
    with web.live.write(acting(web.live)) as unit:
        writing = Writing(unversioned=True)
        change(unit, "user", report, {"manager": leaver}, version=None, writing=writing)
    done = visit.post(f"/o/user/{leaver}/do/disable")
    place = f"/people/{leaver}/hand_over_account"
    assert (done.status_code, done.headers["location"]) == (303, place)
    page = visit.get(place).text
    assert "下属" in page
    assert visit.post(place).status_code == 422
    unknown = visit.post(place, **{"everything.manager.text": "无此人"})
    assert unknown.status_code == 422
    assert "无此人" in unknown.text
    ordered = visit.post(place, **{"everything.manager": str(heir)})
    assert ordered.status_code == 303
    JobRunner(web.live, bulk_handlers(Locale())).run_waiting()
    assert "用户 · 下属甲" in visit.get(ordered.headers["location"]).text
    with web.live.read(acting(web.live)) as unit:
        assert load(unit, shape_of(unit, "user"), report).values["manager"] == heir
    assert "没有需要交接" in visit.get(place).text


def test_an_account_passes_to_another_person(web: Web, visit: Visit) -> None:
    person = web.person("前任", "13900003333", "librarian")
    place = f"/people/{person}/pass_on"
    taken = visit.post(place, name="后任", mobile="13800000000")
    assert taken.status_code == 422
    assert "管理员" in taken.text
    passed = visit.post(place, name="后任", mobile="13900006666")
    found = re.search(r'value="(\w{4}-\w{4}-\w{4})"', passed.text)
    assert found is not None
    assert sign_in(web, "13900003333", found[1])[1].status_code == 422
    client, entered = sign_in(web, "13900006666", found[1])
    assert entered.status_code == 303
    assert client.get("/", follow_redirects=False).headers["location"] == "/new-password"
