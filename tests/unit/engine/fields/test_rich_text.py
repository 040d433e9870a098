"""Text with markup: what stays of HTML, and what one reads of it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidValue
from engine.fields.rich_text import cleaned
from tests.unit.engine.fields.definitions import CHINESE, field, kind, parsed, read, refusal

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<p style='background:url(//evil)'>x</p>",
    "<svg><g/onload=alert(1)//<p>",
    "<iframe src=//evil></iframe>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<form action=//evil><input name=q></form>",
    "<style>*{display:none}</style>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<base href=//evil>",
]
ACTS = re.compile(
    r"<(?!/?(?:p|div|h[234]|ul|ol|li|blockquote|pre|hr|br|b|strong|i|em|u|s|a|code)\b)"
)


@pytest.mark.parametrize("html", HOSTILE)
def test_nothing_that_acts_stays(html: str) -> None:
    safe = cleaned(html)
    assert not ACTS.search(safe)
    assert "javascript" not in safe
    assert "style=" not in safe
    assert " on" not in safe


@given(st.lists(st.sampled_from(HOSTILE) | st.text(max_size=20), max_size=5).map("".join))
def test_cleaning_is_done_once(html: str) -> None:
    safe = cleaned(html)
    assert not ACTS.search(safe)
    assert cleaned(safe) == safe


def test_what_one_writes_stays() -> None:
    html = '<h3>A</h3><ul><li>b &amp; c</li></ul><p><a href="https://a.cn">d</a> <b>e</b></p>'
    plain, stored = parsed("rich_text", html)
    assert plain == "A\nb & c\nd e"
    assert stored == html.replace('"https://a.cn"', '"https://a.cn" rel="noopener noreferrer"')


@pytest.mark.parametrize("html", ["<p></p>", "<p><br></p>", "<script>x</script>", "<div> </div>"])
def test_markup_without_text_is_nothing(html: str) -> None:
    assert parsed("rich_text", html) is None


def test_text_becomes_paragraphs_and_html_of_a_file_stays_html() -> None:
    assert parsed("rich_text", "a < b") == ("a < b", "<p>a &lt; b</p>")
    assert read("rich_text", "one\n\ntwo <b>") == (
        "one\ntwo <b>", "<p>one</p><p>two &lt;b&gt;</p>",
    )  # fmt: skip
    rich = parsed("rich_text", "<ul><li><b>x</b></li></ul>")
    cell = kind("rich_text").export(rich, field("rich_text"), CHINESE)
    assert cell == "<ul><li><b>x</b></li></ul>"
    assert read("rich_text", cell) == rich
    plain = parsed("rich_text", "<p>one</p><p>two</p>")
    assert kind("rich_text").export(plain, field("rich_text"), CHINESE) == "one\ntwo"


def test_limits() -> None:
    assert refusal("rich_text", "<p>" + "x" * 50 + "</p>", max_length=40) == "too_long"
    with pytest.raises(InvalidValue):
        parsed("rich_text", 5)
