from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.fields.base import Label
from tests.unit.engine.fields.definitions import CHINESE, ENGLISH, field, kind, option
from tests.unit.ui.widgets.drawing import cell, drawn, environment
from ui.widgets.base import Lookup
from ui.widgets.escaping import _slow, escaped
from ui.widgets.region import deeper, deepest
from ui.widgets.registry import widget_of

NASTY = "<b>\"R&D\" 'x'</b>"
SAFE = "&lt;b&gt;&#34;R&amp;D&#34; &#39;x&#39;&lt;/b&gt;"
GENRES = {
    "sf": option("sf", {"zh-CN": "科幻", "en": "Science fiction"}, "blue"),
    "plain": option("plain", "R&D"),
    "old": option("old", "古籍", retired=True),
}


@pytest.mark.parametrize(
    ("type_key", "props", "row", "html"),
    [
        ("text", {}, (NASTY,), SAFE),
        ("auto_number", {}, ("LN-1",), "LN-1"),
        ("long_text", {}, ("<" * 130,), "&lt;" * 120 + "…"),
        ("rich_text", {}, ("R&D " * 40, "<p>…</p>"), "R&amp;D " * 30 + "…"),
        ("integer", {}, (0,), "0"),
        ("integer", {}, (1_234_567,), "1,234,567"),
        ("decimal", {"scale": 1}, (-125,), "-12.5"),
        ("decimal", {"scale": 0}, (12_500,), "12,500"),
        ("percent", {"scale": 1}, (-125,), "-12.5%"),
        ("percent", {"scale": 0}, (100,), "100%"),
        ("money", {}, (-128_050,), "-¥1,280.50"),
        ("money", {}, (5,), "¥0.05"),
        ("boolean", {}, (True,), '<span class="h-yes">是</span>'),
        ("boolean", {}, (0,), '<span class="h-no">否</span>'),
        ("date", {}, (date(2026, 1, 5),), "2026-01-05"),
        ("date_range", {}, (date(2026, 1, 5), date(2026, 2, 1)), "2026-01-05 – 2026-02-01"),
        ("datetime", {}, (datetime(2026, 1, 4, 16, 5, 9, tzinfo=UTC),), "2026-01-05 00:05"),
        ("select", {"options": GENRES}, ("sf",), '<span class="h-tag h-tag-blue">科幻</span>'),
        ("select", {"options": GENRES}, ("plain",), "R&amp;D"),
        ("select", {"options": GENRES}, ("<gone>",), "&lt;gone&gt;"),
        ("phone", {}, ("+8613612345678",), '<a href="tel:+8613612345678">136 1234 5678</a>'),
        ("phone", {}, ("136****5678",), "136****5678"),
        ("email", {}, ("o'h?a@b.co",), '<a href="mailto:o%27h%3Fa@b.co">o&#39;h?a@b.co</a>'),
        (
            "url",
            {},
            ("https://example.com/?a=1&b='2'",),
            '<a href="https://example.com/?a=1&amp;b=&#39;2&#39;" rel="noopener noreferrer"'
            ' target="_blank">example.com/?a=1&amp;b=&#39;2&#39;</a>',
        ),
        ("url", {}, ("javascript:alert(1)",), "javascript:alert(1)"),
        ("region", {}, ("330106",), "浙江省杭州市西湖区"),
        ("link", {"to": "book"}, (7, NASTY), f'<a class="h-opener" href="/o/book/7">{SAFE}</a>'),
        (
            "any_link",
            {"to": ["book", "reader"]},
            ("reader", Label(7, NASTY, "reader")),
            f'<a class="h-opener" href="/o/reader/7">{SAFE}</a>',
        ),
        (
            "any_link",
            {"to": ["book", "reader"], "many": True},
            (("reader/7",), (Label(7, "Cy", "reader"),)),
            '<span class="h-chips"><a class="h-pill" href="/o/reader/7">Cy</a></span>',
        ),
        (
            "links",
            {"to": "book"},
            ((7, 9), (Label(7, NASTY), Label(9, "Dune"))),
            f'<span class="h-chips"><a class="h-pill" href="/o/book/7">{SAFE}</a>'
            '<a class="h-pill" href="/o/book/9">Dune</a></span>',
        ),
        (
            "links",
            {"to": "book"},
            (range(1, 7), tuple(Label(number, "B") for number in range(1, 7))),
            '<span class="h-chips">'
            + "".join(f'<a class="h-pill" href="/o/book/{number}">B</a>' for number in range(1, 5))
            + '<span class="h-pill-more">+2</span></span>',
        ),
        (
            "users",
            {},
            ((8,), (Label(8, "林晓燕"),)),
            '<span class="h-chips"><span class="h-pill"><span class="h-ava h-ava-2"'
            ' aria-hidden="true">林</span>林晓燕</span></span>',
        ),
        ("department", {}, (7, NASTY), SAFE),
        (
            "user",
            {},
            (8, "林晓燕"),
            '<span class="h-user"><span class="h-ava h-ava-2" aria-hidden="true">林</span>'
            "林晓燕</span>",
        ),
        ("link", {"to": "book"}, (7, None), ""),
        ("user", {}, (7, None), ""),
    ],
)
def test_cell(type_key: str, props: dict[str, Any], row: tuple[Any, ...], html: str) -> None:
    assert cell(field(type_key, **props), *row) == html


def test_cells_of_several_are_tags() -> None:
    html = cell(field("tags", options=GENRES), ("sf", "<x>"))

    assert html == (
        '<span class="h-tag h-tag-blue">科幻</span> '
        '<span class="h-tag h-tag-grey">&lt;x&gt;</span>'
    )


def test_cells_speak_the_readers_language() -> None:
    assert "Yes" in cell(field("boolean"), True, locale=ENGLISH)
    assert "Science" in cell(field("select", options=GENRES), "sf", locale=ENGLISH)


@pytest.mark.parametrize("type_key", ["integer", "decimal", "money", "date", "datetime", "region"])
def test_cell_shows_the_text_of_the_type(type_key: str) -> None:
    stored = {
        "date": date(2026, 1, 5),
        "datetime": datetime(2026, 1, 5, 1, 2, tzinfo=UTC),
        "region": "3301",
    }.get(type_key, 123_456)
    definition = field(type_key)

    assert cell(definition, stored) == kind(type_key).text(stored, definition, CHINESE)


def test_cell_of_a_link_needs_a_label_in_the_row() -> None:
    with pytest.raises(ValueError, match="no label"):
        widget_of(field("user")).cell(field("user"), CHINESE, index=0)


@pytest.mark.parametrize("text", [NASTY, "", "平", "a&amp;b"])
def test_quick_escaping_is_escaping(text: str) -> None:
    assert escaped(text) == _slow(text)
    assert type(_slow(text)) is str


def test_retired_option_is_offered_only_where_it_is_chosen() -> None:
    definition = field("select", options=GENRES)

    assert not drawn(definition).all("option", value="old")
    assert drawn(definition, stored="old").one("option", value="old", selected="")


def test_dates_use_the_pickers_of_the_browser() -> None:
    definition = field("date", min="2026-01-01")

    assert drawn(definition, stored=date(2026, 2, 3)).one(
        "input", type="date", value="2026-02-03", min="2026-01-01"
    )
    # A picker would show nothing at all for a day that does not exist.
    wrong = drawn(definition, form={"value": ["2026-02-30"]}, error="no such day")
    assert wrong.one("input", type="text", value="2026-02-30")


def test_instants_are_entered_in_company_time() -> None:
    stored = datetime(2026, 11, 23, 9, 42, 13, tzinfo=UTC)

    assert drawn(field("datetime"), stored=stored).one(
        "input", type="datetime-local", value="2026-11-23T17:42:13"
    )


def test_numbers_are_entered_as_plain_digits() -> None:
    page = drawn(field("money"), stored=128_050)

    assert page.one("input", inputmode="decimal", value="1280.50")
    assert "¥" in page.text
    assert widget_of(field("money")).align == "end"


def test_unsaid_is_not_turned_into_no() -> None:
    page = drawn(field("boolean"))

    assert page.one("select", name="value")
    assert widget_of(field("boolean")).read(page.submitted(), "value") == ""


def test_a_box_says_no_when_it_is_not_ticked() -> None:
    page = drawn(field("boolean"), stored=False)

    assert page.one("input", type="checkbox", value="true")
    assert widget_of(field("boolean")).read(page.submitted(), "value") == "false"


def test_unticking_all_boxes_sends_nothing_chosen() -> None:
    definition = field("multi_select", options=GENRES)

    assert widget_of(definition).read(drawn(definition).submitted(), "value") == []


def test_link_searches_as_one_types() -> None:
    box = drawn(field("link", to="book"), stored=Label(7, "Dune")).one("input", role="combobox")

    assert box["hx-get"] == "/lookup/book/value"
    assert box["hx-target"] == "#f-value-list"
    assert "hx-include" not in box
    narrowed = drawn(field("link", to="book", where={"field": "shelf", "op": "not_empty"}))
    assert narrowed.one("input", role="combobox")["hx-include"] == "closest form"


@pytest.mark.parametrize(
    ("form", "raw"),
    [
        ({"value": ["7"], "value.shown": ["Dune"], "value.text": ["Dune"]}, "7"),
        ({"value": ["7"], "value.shown": ["Dune"], "value.text": [" "]}, ""),
        ({"value": ["7"], "value.shown": ["Dune"], "value.text": ["Emma"]}, Lookup("Emma")),
        ({"value": [""], "value.shown": [""], "value.text": ["Emma"]}, Lookup("Emma")),
        ({"value": ["7"]}, "7"),
    ],
)
def test_link_reads(form: dict[str, list[str]], raw: object) -> None:
    assert widget_of(field("link")).read(form, "value") == raw


@pytest.mark.parametrize(
    ("form", "raw"),
    [
        ({"value": ["33", "3301", "330106"]}, "330106"),
        ({"value": ["33", "3301", ""]}, "3301"),
        ({"value": ["44", "3301", "330106"]}, "44"),
        ({"value": ["", "3301"]}, ""),
        ({"value": ["33"], "value.shown": [""], "value.text": ["杭州"]}, "杭州"),
        ({"value": ["33"], "value.shown": ["浙江省"], "value.text": ["浙江省"]}, "33"),
    ],
)
def test_region_reads(form: dict[str, list[str]], raw: str) -> None:
    assert widget_of(field("region")).read(form, "value") == raw


def test_deepest_stops_where_the_chain_breaks() -> None:
    assert deepest([]) == ""
    assert deepest(["33", "33"]) == "33"


def test_choosing_a_province_draws_its_cities() -> None:
    html = (
        environment()
        .get_template("widgets/_region_selects.html")
        .render(control=deeper("region", "33", 3), level=1)
    )

    assert "杭州市" in html
    assert "西湖区" not in html
    assert 'id="f-region-below-1"' in html


@pytest.mark.parametrize(("name", "depth"), [('"><b>', 3), ("region", 0), ("region", 4), ("", 1)])
def test_lists_of_regions_are_drawn_for_our_own_controls_only(name: str, depth: int) -> None:
    with pytest.raises(ValueError, match="not a region control"):
        deeper(name, "33", depth)


def test_found_records_are_offered() -> None:
    template = environment().get_template("widgets/_lookup_options.html")

    html = template.render(options=[(7, NASTY, "1965"), (8, "Emma", "")])

    assert html.count("data-h-pick") == 2
    assert "<b>" not in html
    assert "没有找到" in template.render(options=[])
