import phonenumbers
import pytest

from tests.unit.engine.fields.definitions import (
    CHINESE,
    ENGLISH,
    field,
    kind,
    parsed,
    read,
    refusal,
)


@pytest.mark.parametrize(
    ("raw", "stored", "shown"),
    [
        ("13612345678", "+8613612345678", "136 1234 5678"),
        ("136-1234-5678", "+8613612345678", "136 1234 5678"),
        ("１３６１２３４５６７８", "+8613612345678", "136 1234 5678"),
        ("+86 136 1234 5678", "+8613612345678", "136 1234 5678"),
        ("0086 13612345678", "+8613612345678", "136 1234 5678"),
        (13612345678, "+8613612345678", "136 1234 5678"),
        ("010-62771234", "+861062771234", "010 6277 1234"),
        ("(0571) 88776655", "+8657188776655", "0571 8877 6655"),
        ("0571-88776655转123", "+8657188776655;ext=123", "0571 8877 6655 转 123"),
        ("0571-88776655-123", "+8657188776655;ext=123", "0571 8877 6655 转 123"),
        ("0571 88776655 ext. 123", "+8657188776655;ext=123", "0571 8877 6655 转 123"),
        ("400-800-1234", "+864008001234", "400 800 1234"),
        ("+1 650 253 0000", "+16502530000", "+1 650-253-0000"),
    ],
)
def test_phone_takes(raw: object, stored: str, shown: str) -> None:
    assert parsed("phone", raw) == stored
    assert kind("phone").text(stored, field("phone"), CHINESE) == shown
    assert read("phone", shown) == stored


@pytest.mark.parametrize(
    "raw",
    ["12345", "abc", "1361234567", "136123456789", "010-62771234 or 5", True, 1.5, [], 10**40,
     "1" * 60, "-13612345678x", "+"],
)  # fmt: skip
def test_phone_refuses(raw: object) -> None:
    assert refusal("phone", raw) in {"not_a_phone", "not_text"}


def test_phone_of_another_country() -> None:
    assert parsed("phone", "020 7946 0018", country="GB") == "+442079460018"
    assert kind("phone").text("+442079460018", field("phone", country="GB"), ENGLISH) == (
        "020 7946 0018"
    )


def test_bare_mobile_numbers_are_read_as_the_library_reads_them() -> None:
    for prefix in range(1300, 2000):
        raw = f"{prefix}5021437"
        number = phonenumbers.parse(raw, "CN")
        if phonenumbers.is_valid_number(number):
            assert parsed("phone", raw) == f"+86{number.national_number}", raw
        else:
            assert refusal("phone", raw) == "not_a_phone", raw


def test_phone_of_a_sheet_is_a_number() -> None:
    assert read("phone", 13612345678.0) == "+8613612345678"


def test_phone_is_found_by_its_digits() -> None:
    phone, definition = kind("phone"), field("phone")

    assert phone.search_text("+8613612345678", definition) == "13612345678"
    assert phone.parse_operand("contains", "136 12", definition) == "13612"
    assert phone.parse_operand("starts_with", "136", definition) == "+86136"
    assert phone.parse_operand("starts_with", "0571", definition) == "+86571"
    assert phone.parse_operand("starts_with", "+1 6", definition) == "+16"
    assert phone.parse_operand("eq", "136 1234 5678", definition) == "+8613612345678"


@pytest.mark.parametrize(
    "raw", ["a@b.co", "first.last+tag@sub.example.com", "x@例子.中国", "o'hara@example.com"]
)
def test_email_takes(raw: str) -> None:
    assert parsed("email", raw) == raw


@pytest.mark.parametrize(
    "raw",
    ["a", "a@", "@b.co", "a@b", "a b@c.de", "a@b..de", ".a@b.de", "a.@b.de", "a@-b.de",
     "a@b.de, c@d.ef", "<a@b.de>", "a" * 65 + "@b.de"],
)  # fmt: skip
def test_email_refuses(raw: str) -> None:
    assert refusal("email", raw) == "not_an_email"


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("https://example.com/a?b=c#d", "https://example.com/a?b=c#d"),
        ("HTTP://Example.com", "HTTP://Example.com"),
        ("www.example.com", "https://www.example.com"),
        ("example.com:8080/x", "https://example.com:8080/x"),
        ("http://[::1]:8000/", "http://[::1]:8000/"),
        ("https://例子.中国/路", "https://例子.中国/路"),
        ("http://localhost:8000", "http://localhost:8000"),
    ],
)
def test_url_takes(raw: str, stored: str) -> None:
    assert parsed("url", raw) == stored


@pytest.mark.parametrize(
    "raw",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "ftp://example.com",
     "file:///etc/passwd", "//example.com", "https://", "https:// example.com", "http://[",
     "https://user:secret@example.com", "https://a@b.com", "https://example.com:99999",
     'https://example.com/"x', "https://example.com/<x>", "plain", "https://exa mple.com",
     "vbscript:x", "https://example..com"],
)  # fmt: skip
def test_url_refuses(raw: str) -> None:
    assert refusal("url", raw) == "not_a_url"


@pytest.mark.parametrize("raw", [12, "12", " 12 ", {"id": 12, "label": "Ann"}, {"id": "12"}])
@pytest.mark.parametrize("key", ["link", "user", "department"])
def test_link_takes_ids(key: str, raw: object) -> None:
    assert parsed(key, raw) == 12


@pytest.mark.parametrize("raw", ["Ann", 0, -1, 2**63, True, 1.0, [1], {"id": [1]}, "9" * 30, "²"])
def test_link_refuses(raw: object) -> None:
    assert refusal("link", raw) == "not_an_id"
