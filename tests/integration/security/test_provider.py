"""Signing in by an identity provider: what its word must be, and whom it lets in."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from litestar.testing import TestClient
from sqlalchemy import update

from engine.access.scope import USER
from engine.access.second_factor import begin_factor
from engine.people import NewPerson, acting, add_person
from engine.records.change import change
from engine.records.writing import Writing
from engine.settings import SettingsInvalid, load_settings
from engine.storage.people_tables import second_factor
from tests.integration.security.conftest import Bare, serving
from tests.support.identity import CLIENT, SECRET, Identity, identity_provider
from tests.support.web import Web, quick_passwords
from ui.security.cookies import PROVIDER, SESSION

BASE = "http://127.0.0.1:8000"
GO = "/sign-in/provider"
ANN = {"email": "Ann@Weavers.example", "email_verified": True}


@pytest.fixture(scope="module")
def running() -> Iterator[Identity]:
    with identity_provider() as found:
        yield found


@pytest.fixture
def identity(running: Identity) -> Identity:
    """The provider, as if nothing had been told to it."""
    running.person, running.answers, running.signs_with = dict(ANN), {}, None
    running.spoil = lambda claims: None
    running.codes.clear()
    running.fetched.clear()
    return running


@pytest.fixture
def given(identity: Identity) -> dict[str, str]:
    return {
        "public_url": BASE,
        "oidc_issuer": identity.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
        "oidc_label": "织布厂账号",
        "outgoing_networks": "127.0.0.0/8",
    }


@pytest.fixture
def site(quick_web: Web, tmp_path: Path, given: dict[str, str]) -> Iterator[Bare]:
    """A site whose administrator has an e-mail address."""
    mail(quick_web, quick_web.admin_id, "ann@weavers.example")
    with serving(quick_web.live, tmp_path, quick_passwords(), **given) as found:
        yield found


def mail(web: Web, user_id: int, address: str) -> None:
    free = Writing(system_fields=True, unversioned=True)
    with web.live.write(acting(web.live)) as unit:
        change(unit, USER, user_id, {"email": address}, version=None, writing=free)


def come_back(site: Bare, identity: Identity, target: str = "/") -> Any:
    there = site.client.get(f"{GO}?next={target}", follow_redirects=False)
    assert there.status_code == 303, there.text
    back = identity.visit(there.headers["location"])
    return site.client.get(f"{GO}/back{back}", follow_redirects=False)


def test_whom_the_provider_knows_is_let_into_his_account(site: Bare, identity: Identity) -> None:
    assert "织布厂账号" in site.client.get("/sign-in").text
    done = come_back(site, identity, "/profile")
    assert (done.status_code, done.headers["location"]) == (303, "/profile")
    assert site.client.get("/profile").status_code == 200
    assert PROVIDER not in site.client.cookies
    come_back(site, identity)
    assert len(identity.fetched) == 2  # what it publishes, and its keys, once


def test_the_second_step_is_asked_all_the_same(
    site: Bare, identity: Identity, quick_web: Web
) -> None:
    keys = site.app.state.services.keys
    with site.live.database.write() as connection:
        begin_factor(connection, keys, quick_web.admin_id, now=site.live.clock())
        connection.execute(update(second_factor).values(confirmed_at=site.live.clock()))
    assert come_back(site, identity).headers["location"] == "/sign-in/code"
    assert SESSION not in site.client.cookies


SPOILED: dict[str, Callable[[dict[str, Any]], None]] = {
    "another nonce": lambda claims: claims.update(nonce="x"),
    "no nonce": lambda claims: claims.pop("nonce"),
    "for somebody else": lambda claims: claims.update(aud="another-client"),
    "for two, meant for the other": lambda claims: claims.update(aud=[CLIENT, "x"], azp="x"),
    "of another issuer": lambda claims: claims.update(iss="https://evil.example"),
    "run out": lambda claims: claims.update(exp=claims["iat"] - 3600),
    "without an end": lambda claims: claims.pop("exp"),
    "from the future": lambda claims: claims.update(nbf=claims["iat"] + 3600),
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_a_token_that_is_not_for_this_sign_in_is_worth_nothing(
    site: Bare, identity: Identity, spoil: Callable[[dict[str, Any]], None]
) -> None:
    identity.spoil = spoil
    refused = come_back(site, identity)
    assert refused.status_code == 502
    assert SESSION not in site.client.cookies
    assert SECRET not in refused.text


def test_only_its_own_keys_count_and_new_ones_are_looked_up(
    site: Bare, identity: Identity
) -> None:
    identity.signs_with = RSAKey.generate_key(2048, {"kid": "first"})
    assert come_back(site, identity).status_code == 502
    identity.signs_with = RSAKey.generate_key(2048, {"kid": "unknown"})
    assert come_back(site, identity).status_code == 502
    assert SESSION not in site.client.cookies


def test_a_sign_in_is_finished_in_the_browser_that_began_it(
    site: Bare, identity: Identity
) -> None:
    there = site.client.get(GO, follow_redirects=False)
    back = identity.visit(there.headers["location"])
    other = TestClient(app=site.app, base_url=BASE)
    assert other.get(f"{GO}/back{back}").status_code == 502
    other.get(GO, follow_redirects=False)
    assert other.get(f"{GO}/back{back}").status_code == 502
    assert SESSION not in other.cookies
    declined = site.client.get(f"{GO}/back?error=access_denied&state=x")
    assert declined.status_code == 502
    assert site.client.get(f"{GO}/back{back}").status_code == 502  # its cookie is gone


@pytest.mark.parametrize(
    ("person", "sentence"),
    [
        ({"email": "ann@weavers.example", "email_verified": False}, "没有核实"),
        ({"email": "ann@weavers.example"}, "没有核实"),
        ({"email": "nobody@weavers.example", "email_verified": True}, "没有与你的企业账号"),
        ({"phone_number": "13800000000", "phone_number_verified": True}, "没有与你的企业账号"),
        ({"email": ["ann@weavers.example"], "email_verified": True}, "没有与你的企业账号"),
        ({"email": "bob@weavers.example", "email_verified": True}, "没有与你的企业账号"),
    ],
    ids=str,
)
def test_whom_we_do_not_know_is_told_so(
    site: Bare, identity: Identity, quick_web: Web, person: dict[str, Any], sentence: str
) -> None:
    new = NewPerson(name="Bob", mobile="13800000002", roles=("librarian",), state="invited")
    with site.live.write(acting(site.live)) as unit:
        bob = add_person(unit, new)
    mail(quick_web, bob, "bob@weavers.example")
    identity.person = person
    refused = come_back(site, identity)
    assert refused.status_code == 403
    assert sentence in refused.text
    assert SESSION not in site.client.cookies


def test_by_number_and_invited_people_where_settings_say_so(
    quick_web: Web, tmp_path: Path, given: dict[str, str], identity: Identity
) -> None:
    new = NewPerson(name="Bob", mobile="13800000002", roles=("librarian",), state="invited")
    with quick_web.live.write(acting(quick_web.live)) as unit:
        add_person(unit, new)
    identity.person = {"phone_number": "+8613800000002"}
    more = {"oidc_match": "mobile", "oidc_unverified": "true", "oidc_activates": "true"}
    with serving(quick_web.live, tmp_path, quick_passwords(), **given, **more) as site:
        assert come_back(site, identity).headers["location"] == "/"
        assert "Bob" in site.client.get("/profile").text


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/.well-known/openid-configuration", (500, {})),
        ("/.well-known/openid-configuration", (200, b"<html>")),
        ("/.well-known/openid-configuration", (200, {"issuer": "https://evil.example"})),
        ("/keys", (200, {"keys": "none"})),
        ("/keys", (200, b"[" * 100_000)),
        ("/token", (200, {"access_token": "x"})),
        ("/token", (200, b"x" * (2 << 20))),
        ("/token", (302, {})),
        ("/token", (503, b"busy")),
    ],
    ids=str,
)
def test_a_provider_out_of_order_is_a_sentence(
    site: Bare, identity: Identity, path: str, answer: tuple[int, Any]
) -> None:
    identity.answers[path] = answer
    there = site.client.get(GO, follow_redirects=False)
    if path == "/token":
        back = identity.visit(there.headers["location"])
        there = site.client.get(f"{GO}/back{back}", follow_redirects=False)
    assert there.status_code == 502
    assert "企业账号登录没有成功" in there.text


def test_a_provider_in_a_private_network_needs_a_setting(
    quick_web: Web, tmp_path: Path, given: dict[str, str]
) -> None:
    inside = given | {"oidc_issuer": "https://127.0.0.1:1/realm", "outgoing_networks": ""}
    with serving(quick_web.live, tmp_path, quick_passwords(), **inside) as site:
        refused = site.client.get(GO)
        assert refused.status_code == 502
        assert "无法连接" in refused.text
    named = {f"HEDDLE_{key.upper()}": value for key, value in given.items()}
    for wrong in (
        {"HEDDLE_OUTGOING_NETWORKS": ""},
        {"HEDDLE_OIDC_ISSUER": "http://id.example"},
        {"HEDDLE_PUBLIC_URL": ""},
        {"HEDDLE_OIDC_CLIENT_ID": ""},
        {"HEDDLE_OIDC_MATCH": "name"},
    ):
        with pytest.raises(SettingsInvalid):
            load_settings(named | wrong, tmp_path)
    assert SECRET not in repr(load_settings(named, tmp_path))


def test_without_a_provider_there_is_no_such_way(quick_web: Web) -> None:
    for path in (GO, f"{GO}/back?code=x&state=x"):
        answer = quick_web.client.get(path, follow_redirects=False)
        assert answer.headers["location"] == "/sign-in"
