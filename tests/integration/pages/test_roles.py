"""The screen of roles: shown, changed by the publish road, refused, given to people."""

import re
from typing import Any

from engine.people import acting
from engine.publish.membership import member_counts
from metadata.model import FieldGrant
from tests.support.library import publish
from tests.support.web import Visit, Web

HOME = "/roles/librarian"
SEEN = re.compile(r'name="seen" value="([^"]+)"')
SELECTED = re.compile(r'<select [^>]*name="([^"]+)".*?</select>', re.DOTALL)
CHOSEN = re.compile(r'<option value="([^"]*)" selected')
TICKED = re.compile(r'<input type="checkbox" name="([^"]+)" value="([^"]*)" checked')
TYPED = re.compile(r'<input class="h-input" id="[^"]+" name="([^"]+)" value="([^"]*)"')


def entered(visit: Visit, address: str) -> dict[str, Any]:
    """Give the form of a tab as it stands."""
    text = visit.get(address).text
    form: dict[str, Any] = {"do": "save", "seen": SEEN.search(text)[1]}  # type: ignore[index]
    form["object"] = (re.search(r'name="object" value="([^"]+)"', text) or ["", ""])[1]
    for found in SELECTED.finditer(text):
        form[found[1]] = CHOSEN.search(found[0])[1]  # type: ignore[index]
    form.update(TICKED.findall(text))
    form.update(TYPED.findall(text))
    return form


def role(web: Web, key: str = "librarian") -> Any:
    with web.live.read(acting(web.live)) as unit:
        return unit.snapshot.site.roles[key]


def version(web: Web) -> int:
    with web.live.read(acting(web.live)) as unit:
        return unit.snapshot.number


def test_roles_are_listed_by_group_and_the_matrix_says_what_they_grant(visit: Visit) -> None:
    first = visit.get("/roles")
    assert first.headers["location"] == "/roles/superadmin"
    sealed = visit.get("/roles/superadmin").text
    assert "disabled" in sealed
    assert 'value="save"' not in sealed
    text = visit.get(HOME).text.partition("h-page h-roles")[2]
    assert text.index("管理角色") < text.index("系统管理") < text.index("未分组")
    form = entered(visit, HOME)
    assert form["a.loan.update"] == "own"
    assert form["a.loan.give_back"] == "all"
    assert form["a.book.read"] == "all"
    assert "a.loan.purge" not in form or not form["a.loan.purge"]


def test_what_is_not_touched_is_not_published(visit: Visit, web: Web) -> None:
    before = version(web)
    for tab in ("", "/fields", "/fields?object=user", "/menus", "/admin", "/about"):
        path, _, _object = tab.partition("?")
        form = entered(visit, HOME + tab)
        answer = visit.post(HOME + (path or "/actions"), **form)
        assert answer.status_code == 303, (tab, answer.text)
    assert version(web) == before


def test_a_saved_tab_is_a_published_version_with_sentences(visit: Visit, web: Web) -> None:
    before = version(web)
    form = {**entered(visit, HOME), "a.loan.update": "own_and_reports", "a.book.delete": ""}
    form.pop("a.book.delete")
    looked = visit.post(HOME + "/actions", **{**form, "do": "look"}).text
    assert "本人 → 本人及下属" in looked
    assert version(web) == before
    saved = visit.post(HOME + "/actions", **form)
    assert version(web) == before + 1
    assert "删除" in visit.get(saved.headers["location"]).text
    grant = role(web).objects
    assert grant["loan"].actions["update"] == "own_and_reports"
    assert "delete" not in grant["book"].actions
    assert grant["loan"].actions["give_back"] == "all"

    fields = {**entered(visit, HOME + "/fields?object=reader"), "l.mobile": "read",
              "m.mobile": "always", "l.name": "hidden"}  # fmt: skip
    visit.post(HOME + "/fields", **fields)
    menus = entered(visit, HOME + "/menus")
    menus.pop("i.desk.loan")
    visit.post(HOME + "/menus", **menus)
    visit.post(HOME + "/admin", **{**entered(visit, HOME + "/admin"), "r.targets": "1"})
    named = {**entered(visit, HOME + "/about"), "label.en": "Keeper", "group": "系统管理"}
    visit.post(HOME + "/about", **named)
    found = role(web)
    assert found.objects["reader"].fields == {
        "mobile": FieldGrant("read", "always"), "name": FieldGrant("hidden"),
    }  # fmt: skip
    assert found.menus == {"desk": {"book", "reader"}}
    assert found.admin == {"targets"}
    assert found.label["en"] == "Keeper"
    assert found.group["en"] == "System"
    back = {**entered(visit, HOME + "/fields?object=reader"), "l.mobile": "edit", "m.mobile": "",
            "l.name": "edit"}  # fmt: skip
    visit.post(HOME + "/fields", **back)
    assert not role(web).objects["reader"].fields


def test_who_saves_over_somebody_else_is_told_and_loses_nothing(visit: Visit, web: Web) -> None:
    form = {**entered(visit, HOME), "a.loan.update": "all"}
    publish(web.live, {"op": "set", "document": "role/librarian", "path": "objects/loan/read",
                       "value": "own"})  # fmt: skip
    told = visit.post(HOME + "/actions", **form)
    assert told.status_code == 409
    assert "查看" in told.text
    assert role(web).objects["loan"].actions["update"] == "own"
    form["seen"] = SEEN.search(told.text)[1]  # type: ignore[index]
    refused = visit.post(HOME + "/actions", **{**form, "a.loan.read": "own"})
    assert refused.status_code == 422  # an edit wider than the view
    assert 'aria-invalid="true"' in refused.text


def test_an_admin_of_roles_grants_no_more_than_he_holds(visit: Visit, web: Web) -> None:
    web.person("Ro", "13900000001", "people_admin")
    keeper = web.sign_in("13900000001")
    assert keeper.get(HOME).status_code == 200
    form = {**entered(keeper, HOME), "a.book.purge": "all", "a.loan.update": "all"}
    told = keeper.post(HOME + "/actions", **form)
    assert told.status_code == 422
    assert "没有这项权限" in told.text
    fewer = entered(keeper, HOME)
    fewer.pop("a.book.delete")
    assert keeper.post(HOME + "/actions", **fewer).status_code == 303
    copied = keeper.post("/roles/_new", copy="librarian", **{"label.en": "Mine"})
    assert copied.status_code == 422
    empty = keeper.post("/roles/_new", copy="", **{"label.en": "Mine"})
    assert empty.headers["location"].startswith("/roles/x_mine?saved=")
    web.person("Bo", "13900000002", "librarian")
    nobody = web.sign_in("13900000002")
    assert nobody.get("/roles").status_code == 403
    assert "/roles" not in nobody.get("/o/book").text.replace("/o/user", "")


def test_a_role_is_made_given_and_taken_away_again(visit: Visit, web: Web) -> None:
    made = visit.post(
        "/roles/_new", copy="librarian", **{"label.zh-CN": "夜班", "label.en": "Night"}
    )
    assert made.headers["location"].startswith("/roles/x_night?saved=")
    assert role(web, "x_night").objects == role(web).objects
    people = [web.person(f"P{n}", f"1390000010{n}", "librarian") for n in range(3)]
    chosen = [str(one) for one in people]
    found = visit.get("/roles/x_night/members?find=P").text
    assert all(f'value="{one}"' in found for one in people)
    visit.post("/roles/x_night/members", do="add", ids=chosen)
    assert counts(web)["x_night"] == len(people)
    assert "P1" in visit.get("/roles/x_night/members").text
    visit.post("/roles/x_night/members", do="remove", ids=chosen[:1])
    assert counts(web)["x_night"] == len(people) - 1

    asked = visit.post("/roles/x_night/delete", to="")
    assert "x_night" in dict.fromkeys(web.live.snapshot.site.roles)
    assert "2 人" in asked.text
    visit.post("/roles/x_night/delete", to="system_admin")
    assert "x_night" not in web.live.snapshot.site.roles
    assert counts(web)["system_admin"] == len(people) - 1
    refused = visit.post("/roles/librarian/members", do="remove", ids=chosen[:1])
    assert refused.status_code == 422  # nobody is left without a role


def test_members_are_people_that_one_may_read(visit: Visit, web: Web) -> None:
    web.person("Zoe Quill", "13900000031", "librarian")
    assert "Zoe Quill" in visit.get("/roles/librarian/members").text
    body = {"kind": "role", "key": "x_keeper", "label": "Keeper", "objects": {},
            "admin": {"roles": True}}  # fmt: skip
    publish(web.live, {"op": "add", "document": "role/x_keeper", "path": "", "value": body})
    web.person("Ko", "13900000032", "x_keeper")
    keeper = web.sign_in("13900000032")
    shown = keeper.get("/roles/librarian/members?find=Zoe")
    assert shown.status_code == 200
    assert "Zoe" not in shown.text.replace('value="Zoe"', "")
    person = web.person("Pat Moor", "13900000033", "librarian")
    refused = keeper.post("/roles/librarian/members", do="remove", ids=[str(person)])
    assert refused.status_code == 422
    assert "Pat" not in refused.text


def counts(web: Web) -> dict[str, int]:
    with web.live.read(acting(web.live)) as unit:
        return member_counts(unit.connection, unit.snapshot)
