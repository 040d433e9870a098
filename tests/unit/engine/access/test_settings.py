"""Settings: each checked at start, all faults at once, nothing misspelt gets through."""

from pathlib import Path
from typing import Any

import pytest

from engine.settings import (
    SETTINGS,
    Settings,
    SettingsInvalid,
    load_settings,
    settings_reference,
)
from ui.i18n import LANGUAGES, translate

BAD: list[tuple[str, Any, str]] = [
    ("port", "eighty", "not_a_number"),
    ("port", "0", "out_of_range"),
    ("port", "70000", "out_of_range"),
    ("locale", "fr", "unknown_language"),
    ("zone", "Mars/Olympus", "unknown_zone"),
    ("zone", "../../etc/passwd", "unknown_zone"),
    ("week_start", "7", "out_of_range"),
    ("public_url", "crm.example", "not_a_web_address"),
    ("public_url", "https://crm.example/path", "not_a_web_address"),
    ("trusted_proxies", "10.0.0.0/99", "not_an_address"),
    ("allow_http", "maybe", "not_true_or_false"),
    ("max_json", "a lot", "not_a_size"),
    ("max_json", "5 B", "out_of_range"),
    ("database_url", "mysql://localhost/x", "not_a_database"),
    ("threads", "400", "out_of_range"),
]
GOOD: list[tuple[str, Any, Any]] = [
    ("port", "80", 80),
    ("max_json", "512 KB", 512 * 1024),
    ("max_json", "4096", 4096),
    ("max_upload", "1g", 1 << 30),
    ("allow_http", "true", True),
    ("allow_http", "no", False),
    ("allowed_hosts", " A.example, b.example ,", ("a.example", "b.example")),
    ("public_url", "https://crm.example/", "https://crm.example"),
]


def load(folder: Path, **environment: str) -> Settings:
    return load_settings(
        {f"HEDDLE_{key.upper()}": str(v) for key, v in environment.items()}, folder
    )


@pytest.mark.parametrize(("name", "value", "reason"), BAD)
def test_a_bad_value_is_named_with_its_reason(
    tmp_path: Path, name: str, value: str, reason: str
) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load(tmp_path, **{name: value})
    (error,) = caught.value.errors
    assert (error.field, error.code) == (f"HEDDLE_{name.upper()}", reason)


@pytest.mark.parametrize(("name", "value", "reason"), BAD)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_reason_has_a_sentence(
    tmp_path: Path, language: str, name: str, value: str, reason: str
) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load(tmp_path, **{name: value})
    assert translate(language, f"setting_invalid.{reason}", **caught.value.errors[0].params)


@pytest.mark.parametrize(("name", "value", "read"), GOOD)
def test_a_good_value_is_read(tmp_path: Path, name: str, value: str, read: Any) -> None:
    assert getattr(load(tmp_path, **{name: value}), name) == read


def test_a_misspelt_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load(tmp_path, prot="8000", zone="nowhere")
    assert {error.code for error in caught.value.errors} == {"unknown_setting", "unknown_zone"}


def test_other_programs_variables_do_not_matter(tmp_path: Path) -> None:
    settings = load_settings({"PATH": "/bin", "HEDDLE_TEST_POSTGRES_URL": "x"}, tmp_path)
    assert settings.port == 8000


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(tmp_path: Path) -> None:
    (tmp_path / "heddle.toml").write_text('port = 1000\nhost = "10.0.0.1"\nlocale = "en"\n')
    found = load_settings(
        {"HEDDLE_PORT": "2000", "HEDDLE_HOST": "10.0.0.2"}, tmp_path, {"host": "10.0.0.3"}
    )
    assert (found.port, found.host, found.locale) == (2000, "10.0.0.3", "en")


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "heddle.toml").write_text("port = \n")
    with pytest.raises(SettingsInvalid) as caught:
        load_settings({}, tmp_path)
    assert caught.value.errors[0].code == "unreadable_file"


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid):
        load_settings({"HEDDLE_CONFIG": str(tmp_path / "none.toml")}, tmp_path)


def test_the_database_is_a_file_in_the_data_folder_unless_named(tmp_path: Path) -> None:
    assert load(tmp_path, data_dir="/srv/data").database == "sqlite:////srv/data/heddle.db"
    named = load(tmp_path, database_url="postgresql://me:secret@db/heddle")
    assert named.database == "postgresql://me:secret@db/heddle"
    assert "secret" not in repr(named)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reference_explains_every_setting(language: str) -> None:
    rows = settings_reference()
    assert [row.name for row in rows] == list(SETTINGS) == list(Settings.__slots__)
    assert all(translate(language, row.message) for row in rows)
