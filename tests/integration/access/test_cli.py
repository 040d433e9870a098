"""The command line about an installation and its people."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import app
from engine.access.keys import load_keys
from tests.support.templates import fill
from ui.cli import command_line
from ui.cli.one_server import only_server
from ui.i18n import STRICT

ADMIN = ["--admin-mobile", "13800000000", "--admin-name", "Ann Weaver", "--password-stdin"]


class Installation:
    """A data folder and a database, worked on by commands."""

    def __init__(self, folder: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.url, self.monkeypatch = folder, url, monkeypatch
        monkeypatch.setenv("HEDDLE_DATA_DIR", str(folder / "var"))
        monkeypatch.setenv("HEDDLE_DATABASE_URL", url)
        monkeypatch.setenv("HEDDLE_LOCALE", "en")
        monkeypatch.setattr(STRICT, "on", STRICT.on)  # serving changes it

    def __call__(self, *arguments: str, given: str = "") -> Result:
        return CliRunner().invoke(command_line(app.make_world), arguments, input=given)

    def with_admin(self) -> "Installation":
        """Be as after ``init``: a copy of the first that was made so, with a key of its own."""
        fill(self.url, "cli", self._init)
        load_keys(self.folder / "var")
        return self

    def _init(self, url: str) -> None:
        with self.monkeypatch.context() as there:
            there.setenv("HEDDLE_DATABASE_URL", url)
            done = self("init", *ADMIN, given="warp-weft-7391\n")
        assert done.exit_code == 0, done.output


@pytest.fixture
def heddle(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    return Installation(tmp_path, sqlite_url, monkeypatch)


@pytest.fixture
def ready(heddle: Installation) -> Installation:
    return heddle.with_admin()


@pytest.fixture
def anywhere(
    new_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Installation:
    return Installation(tmp_path, new_database_url, monkeypatch).with_admin()


def test_init_may_be_repeated(anywhere: Installation, tmp_path: Path) -> None:
    key = (tmp_path / "var" / "heddle.key").read_bytes()
    again = anywhere("init", *ADMIN, given="another-pass-5512\n")
    assert again.exit_code == 0
    assert "There is an administrator already" in again.output
    assert (tmp_path / "var" / "heddle.key").read_bytes() == key
    assert anywhere("user", "list").output.count("superadmin") == 1


def test_init_without_an_administrator_then_with_one(heddle: Installation) -> None:
    assert heddle("init").exit_code == 0
    assert heddle("init", *ADMIN, given="warp-weft-7391\n").exit_code == 0
    assert "Ann Weaver" in heddle("user", "list").output


@pytest.mark.parametrize(
    ("arguments", "given", "says"),
    [
        (ADMIN, "short\n", "at least 10 characters"),
        (["--admin-mobile", "13800000000"], "", "--admin-name"),
        (["--admin-mobile", "12", "--admin-name", "Ann"], "", "mobile"),
    ],
)
def test_init_says_what_is_wrong(
    heddle: Installation, arguments: list[str], given: str, says: str
) -> None:
    refused = heddle("init", *arguments, given=given)
    assert refused.exit_code == 1
    assert says in refused.output
    assert "Traceback" not in refused.output


def test_commands_before_init_say_so(heddle: Installation) -> None:
    for arguments in (["user", "list"], ["sign-in-link", "--user", "1"]):
        refused = heddle(*arguments)
        assert refused.exit_code == 1
        assert "heddle init" in refused.output


def test_a_user_is_created_listed_and_disabled(anywhere: Installation) -> None:
    person = ["--mobile", "13800000001", "--name", "Bob"]
    made = anywhere("user", "create", *person, "--role", "people_admin")
    assert made.exit_code == 0, made.output
    assert "/sign-in/link/" in made.output
    assert "\tBob\tactive\tpeople_admin" in anywhere("user", "list").output
    twice = anywhere("user", "create", *person, "--role", "people_admin")
    assert twice.exit_code == 1
    assert anywhere("user", "disable", "138-0000-0001").exit_code == 0
    assert "\tBob\tdisabled\t" in anywhere("user", "list").output
    assert anywhere("sign-in-link", "--user", "13800000001").exit_code == 1
    last = anywhere("user", "disable", "13800000000")
    assert last.exit_code == 1
    assert "last superadmin" in last.output


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--role", "king"], "people_admin"),
        (["--role", "people_admin", "--department", "Moon"], "Moon"),
    ],
)
def test_a_user_needs_a_role_and_a_department_that_exist(
    ready: Installation, more: list[str], says: str
) -> None:
    refused = ready("user", "create", "--mobile", "13800000001", "--name", "Bob", *more)
    assert refused.exit_code == 1
    assert says in refused.output
    assert "Bob" not in ready("user", "list").output


def test_a_token_is_printed_once_on_standard_output(anywhere: Installation) -> None:
    made = anywhere("token", "create", "--user", "13800000000", "--days", "3")
    assert made.exit_code == 0
    assert made.stdout.startswith("hdl_")
    assert len(made.stdout.split()) == 1
    assert "Token 1" in made.stderr
    assert anywhere("token", "revoke", "1").exit_code == 0
    assert anywhere("token", "revoke", "1").exit_code == 1
    assert anywhere("token", "create", "--user", "13800000009").exit_code == 1
    assert anywhere("token", "create", "--user", "13800000000", "--days", "0").exit_code == 1


def test_a_bad_setting_is_a_sentence(ready: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEDDLE_PROT", "1")
    refused = ready("user", "list")
    assert refused.exit_code == 1
    assert "HEDDLE_PROT: There is no such setting" in refused.output


def test_help_needs_no_settings(heddle: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEDDLE_PORT", "none")
    shown = heddle("--help")
    assert shown.exit_code == 0
    assert {"init", "serve", "user", "token", "sign-in-link"} <= set(shown.output.split())


@pytest.fixture
def taken() -> Iterator[str]:
    """A port that somebody listens on, so that no server starts in a test."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield str(listening.getsockname()[1])


def test_a_second_server_is_refused_where_one_must_be_alone(
    anywhere: Installation, new_database_url: str, taken: str
) -> None:
    alone = new_database_url.startswith("sqlite")
    world = app.make_world()
    with only_server(world.site.database):
        refused = anywhere("serve", "--port", taken)
    world.close()
    assert refused.exit_code == 1
    assert ("Another server" in refused.output) == alone
    several = anywhere("serve", "--port", taken, "--workers", "2")
    assert several.exit_code == 1
    assert ("one process only" in several.output) == alone


def test_an_address_in_use_is_refused_with_a_sentence(ready: Installation, taken: str) -> None:
    refused = ready("serve", "--port", taken)
    assert refused.exit_code == 1
    assert "cannot be used" in refused.output


def test_the_logs_are_sealed_and_checked(ready: Installation) -> None:
    sealed = ready("audit", "seal")
    head = sealed.output.splitlines()[-1]
    number, colon, found = head.partition(":")
    assert (int(number) > 0, colon, len(found)) == (True, ":", 64)
    checked = ready("audit", "verify", "--noted", head)
    assert checked.exit_code == 0
    assert checked.output.splitlines()[-1] == head
    cut = ready("audit", "verify", "--noted", f"99:{found}")
    assert cut.exit_code == 1
    assert "seal 99: was noted and is not there any more" in cut.output
    assert ready("audit", "verify", "--noted", "nonsense").exit_code == 2
