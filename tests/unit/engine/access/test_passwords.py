"""Passwords and the key file."""

from pathlib import Path

import pytest

from engine.access.keys import FILE, KeyFileUnusable, Keys, load_keys
from engine.access.passwords import (
    FLOOR_ROUNDS,
    MEMORY_KIB,
    Passwords,
    calibrated,
    check_password,
    passwords_of,
)
from engine.errors import InvalidInput

WEAK = [
    ("short", "password_too_short"),
    ("x" * 300, "password_too_long"),
    ("aaaaaaaaaaaa", "password_too_easy"),
    ("abababababab", "password_too_easy"),
    ("abcdefghijklm", "password_too_easy"),
    ("9876543210", "password_too_easy"),
    ("password123", "password_too_easy"),
    ("my13900000001!", "password_too_easy"),
    ("I am ANN Weaver", "password_too_easy"),
]


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return passwords_of(FLOOR_ROUNDS)


def test_a_password_matches_its_hash_alone(passwords: Passwords) -> None:
    stored = passwords.hash("warp and weft 7")
    assert passwords.matches(stored, "warp and weft 7")
    assert not passwords.matches(stored, "warp and weft 8")
    assert "warp" not in stored


def test_where_there_is_no_account_the_same_work_says_no(passwords: Passwords) -> None:
    assert not passwords.matches(None, "warp and weft 7")
    assert not passwords.matches(None, "nobody's password")
    assert f"m={MEMORY_KIB},t={FLOOR_ROUNDS},p=1" in passwords.dummy


def test_a_damaged_hash_matches_nothing(passwords: Passwords) -> None:
    assert not passwords.matches("plain text", "plain text")


def test_the_floor_holds() -> None:
    assert MEMORY_KIB >= 19 * 1024
    assert calibrated().hasher.time_cost >= FLOOR_ROUNDS
    with pytest.raises(ValueError, match="at least"):
        passwords_of(FLOOR_ROUNDS - 1)


def test_a_hash_of_fewer_rounds_is_outdated(passwords: Passwords) -> None:
    stored = passwords.hash("warp and weft 7")
    assert not passwords.outdated(stored)
    assert passwords_of(FLOOR_ROUNDS + 1).outdated(stored)


@pytest.mark.parametrize(("password", "reason"), WEAK)
def test_an_easy_password_is_refused(password: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_password(password, least=10, about=("13900000001", "Ann Weaver"))
    assert caught.value.errors[0].code == reason


@pytest.mark.parametrize("password", ["warp-weft-7391", "一把很旧的织布机还能用", "kX9#mm2!qLw0"])
def test_a_good_password_is_taken(password: str) -> None:
    check_password(password, least=10, about=("13900000001", "Ann Weaver"))


def test_the_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = load_keys(tmp_path / "var")
    assert load_keys(tmp_path / "var").secret == first.secret
    assert len(first.secret) == 32
    assert (tmp_path / "var" / FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "var").iterdir()] == [FILE]
    assert first.secret.hex() not in repr(first)


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    load_keys(tmp_path)
    (tmp_path / FILE).chmod(0o644)
    with pytest.raises(KeyFileUnusable):
        load_keys(tmp_path)


def test_a_key_file_cut_short_is_refused(tmp_path: Path) -> None:
    load_keys(tmp_path)
    (tmp_path / FILE).write_bytes(b"short")
    with pytest.raises(KeyFileUnusable):
        load_keys(tmp_path)


def test_a_signature_holds_for_its_purpose_and_key_alone() -> None:
    keys = Keys(b"k" * 32)
    signature = keys.sign("csrf", "ann")
    assert keys.signed("csrf", "ann", signature)
    assert not keys.signed("csrf", "bob", signature)
    assert not keys.signed("other", "ann", signature)
    assert not Keys(b"j" * 32).signed("csrf", "ann", signature)
