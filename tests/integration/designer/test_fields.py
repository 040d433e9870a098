"""Fields on the customising page: added, changed, moved, hidden; on both databases."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert, select

from engine.people import acting
from engine.records.create import create
from tests.integration.designer.conftest import Desk, Reader, signed_in
from ui.i18n import translate

MAIN = "tabs/basic/sections/main"
BOOK = "/designer/object/book"
PARAMS = ("most", "key", "name", "prefix", "limit", "length", "least", "value")
MARKUP = "<script>alert(1)</script>"
PRINTED = date(1791, 1, 1)
OWN = ["title", "author", "isbn", "category", "price", "published_on", "shelf"]


def fields(desk: Desk) -> Any:
    return desk.compiled.site.objects["book"].fields


def form_keys(desk: Desk) -> list[str]:
    (section,) = desk.compiled.site.form_of("book").tabs["basic"].sections.values()
    return list(section.items)


def plan_text(desk: Desk) -> str:
    """What the plan says."""
    return Reader(desk.get("/designer/plan").text).text


def test_a_field_is_added_named_published_and_there_at_once(desk: Desk) -> None:
    key = desk.add("money")
    assert key == "x_money_1"
    named = desk.send(
        f"{BOOK}/fields/{key}",
        {"label.zh-CN": "押金", "label.en": "Deposit", "in_list": ["false", "true"]},
    )
    assert named.status_code == 200
    assert named.headers["hx-replace-url"].endswith("field=x_deposit")
    assert "x_deposit" not in fields(desk)
    number = desk.publish()
    assert desk.web.live.snapshot.number == number
    made = fields(desk)["x_deposit"]
    assert (made.type, made.label) == ("money", {"zh-CN": "押金", "en": "Deposit"})
    assert form_keys(desk)[-1] == "x_deposit"
    assert "x_deposit" in desk.compiled.site.list_of("book").columns
    assert "押金" in desk.get("/o/book/new").text


def test_without_scripts_each_change_leads_back_to_the_page(desk: Desk) -> None:
    answer = desk.post(f"{BOOK}/fields", full=True, type="date")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{BOOK}?field=x_date_1"
    page = desk.get(answer.headers["location"])
    assert "<!doctype html>" in page.text
    assert 'name="label.zh-CN"' in page.text


def test_fields_move_by_steps_and_by_dropping(desk: Desk) -> None:
    desk.post(f"{BOOK}/fields/author/move", step="down")
    assert desk.cards()[MAIN][:3] == ["title", "isbn", "author"]
    desk.post(f"{BOOK}/fields/shelf/move", section=MAIN, after="title")
    assert desk.cards()[MAIN][:4] == ["title", "shelf", "isbn", "author"]
    desk.post(f"{BOOK}/fields/author/move", section=MAIN, after="")
    wanted = ["author", "title", "shelf", "isbn", "category", "price", "published_on"]
    assert desk.cards()[MAIN] == wanted
    desk.publish()
    assert form_keys(desk) == wanted


def test_moves_go_on_from_a_published_order(desk: Desk) -> None:
    key = desk.add("date", section=MAIN, after="title")
    desk.post(f"{BOOK}/fields/price/move", section=MAIN, after="title")
    desk.publish()
    assert form_keys(desk)[:3] == ["title", "price", key]
    desk.post(f"{BOOK}/fields/isbn/move", section=MAIN, after="title")
    desk.post(f"{BOOK}/fields/price/move", step="down")
    assert desk.cards()[MAIN][:4] == ["title", "isbn", key, "price"]
    desk.publish()
    assert form_keys(desk)[:4] == ["title", "isbn", key, "price"]


def test_a_field_moves_to_another_section_and_back(desk: Desk) -> None:
    back = "tabs/basic/sections/back"
    desk.post("/designer/object/loan/fields/due_on/move", section=back, after="")
    assert desk.cards("loan")[back][0] == "due_on"
    desk.publish()
    desk.post("/designer/object/loan/fields/due_on/move", section=MAIN, after="lent_on")
    assert desk.cards("loan")[MAIN][-2:] == ["lent_on", "due_on"]
    desk.publish()
    (tab,) = desk.compiled.site.form_of("loan").tabs.values()
    assert list(tab.sections["main"].items)[-1] == "due_on"
    assert "due_on" not in tab.sections["back"].items


def test_a_form_that_nobody_wrote_can_be_arranged(desk: Desk) -> None:

    for object_key, definition in desk.compiled.site.objects.items():
        name = f"form/{desk.compiled.site.default_forms[object_key]}"
        if name in desk.compiled.layered.documents:
            continue
        (section, keys) = next(iter(desk.cards(object_key).items()))
        wanted = [*keys[1:2], keys[0], *keys[2:]]
        desk.post(f"/designer/object/{object_key}/fields/{keys[0]}/move", step="down")
        assert desk.cards(object_key)[section] == wanted, definition.key


def test_hiding_keeps_the_data_for_the_day_it_is_restored(desk: Desk) -> None:
    live = desk.web.live
    with live.database.write() as connection:
        table = live.snapshot.object("book").table
        now = live.clock()
        row = {"version": 1, "created_at": now, "updated_at": now, "published_on": PRINTED}
        connection.execute(insert(table).values(**row))
    desk.post(f"{BOOK}/fields/published_on/hide")
    assert "published_on" not in desk.cards()[MAIN]
    assert translate("zh-CN", "designer.told.hidden", name="出版日期") in plan_text(desk)
    desk.publish()
    assert "published_on" not in fields(desk)
    desk.post(f"{BOOK}/fields/published_on/restore")
    desk.publish()
    assert form_keys(desk) == OWN
    with live.database.read() as connection:
        column = live.snapshot.object("book").field("published_on").column
        assert PRINTED in connection.execute(select(column)).scalars().all()


def test_hiding_a_new_field_forgets_it(desk: Desk) -> None:
    key = desk.add("select")
    desk.post(f"{BOOK}/fields/{key}/move", step="up")
    desk.post(f"{BOOK}/fields/{key}/hide")
    assert desk.get("/designer/plan").status_code == 303
    assert desk.cards()[MAIN] == OWN


def test_a_label_in_english_is_an_override_that_can_be_taken_back(desk: Desk) -> None:
    panel = {"label.zh-CN": "作者", "label.en": "Writer"}
    assert desk.send(f"{BOOK}/fields/author", panel).status_code == 200
    desk.publish()
    assert fields(desk)["author"].label == {"zh-CN": "作者", "en": "Writer"}
    entry = desk.compiled.layers.local["object/book"]["fields/author/label/en"]
    assert entry == {"op": "set", "value": "Writer", "base": "Author"}
    shown = desk.get(f"{BOOK}?field=author").text
    assert translate("zh-CN", "designer.theirs", value="Author") in shown
    back = desk.send(f"{BOOK}/revert?chosen=author", {"revert": "fields/author/label/en"})
    assert back.status_code == 200
    desk.publish()
    assert fields(desk)["author"].label["en"] == "Author"
    assert not desk.compiled.layers.local


def test_every_change_can_be_taken_back_alone(desk: Desk) -> None:
    first, second = desk.add("text"), desk.add("boolean")
    desk.send(f"{BOOK}/fields/author", {"required": "false"})
    page = desk.get(BOOK).text
    names = [
        part.split('"')[0] for part in page.split('<input type="hidden" name="name" value="')[1:]
    ]
    assert len(names) == 3
    answer = desk.send(f"{BOOK}/undo", {"name": names[0]})
    assert answer.status_code == 200
    cards = desk.cards()[MAIN]
    assert first not in cards
    assert second in cards
    desk.send(f"{BOOK}/undo", {"name": names[1:]})
    assert desk.get("/designer/plan").status_code == 303


def test_options_are_edited_ordered_and_retired(desk: Desk) -> None:
    key = desk.add("select")
    rows = {
        "option.key": ["option_1", "option_2"],
        "option.as": ["soft", "hard"],
        "option.label.zh-CN": ["平装", "精装"],
        "option.label.en": ["Paperback", "Hardcover"],
        "option.color": ["green", ""],
        "options_from": "",
        "label.zh-CN": "装帧",
        "label.en": "",
    }
    assert desk.send(f"{BOOK}/fields/{key}", rows).status_code == 200
    pressed = {**rows, "option.key": ["soft", "hard"], "do": "option-down:soft"}
    assert desk.send(f"{BOOK}/fields/{key}", pressed).status_code == 200
    desk.publish()
    assert list(fields(desk)[key].options) == ["hard", "soft"]
    assert fields(desk)[key].options["soft"].color == "green"
    after = {
        **rows,
        "option.key": ["hard", "soft"],
        "option.as": ["hard", "soft"],
        "option.label.zh-CN": ["精装", "平装"],
        "option.label.en": ["Hardcover", "Paperback"],
        "option.color": ["", "green"],
        "option.retired": "hard",
        "do": "option-add",
    }
    assert desk.send(f"{BOOK}/fields/{key}", after).status_code == 200
    desk.publish()
    options = fields(desk)[key].options
    assert list(options) == ["hard", "soft", "option_3"]
    assert [one.retired for one in options.values()] == [True, False, False]


def test_options_of_a_shipped_field_change_one_by_one(desk: Desk) -> None:
    rows = {
        "option.key": ["normal", "silver", "gold"],
        "option.as": ["normal", "silver", "gold"],
        "option.label.zh-CN": ["普通", "银卡", "金卡"],
        "option.label.en": ["Normal", "Silver", "Golden"],
        "option.color": ["grey", "blue", "amber"],
        "options_from": "",
        "do": "option-add",
    }
    answer = desk.send("/designer/object/reader/fields/level", rows)
    assert answer.status_code == 200, answer.text
    desk.publish()
    local = desk.compiled.layers.local["object/reader"]
    assert set(local) == {"fields/level/options/gold/label", "fields/level/options/x_option_4"}
    level = desk.compiled.site.objects["reader"].fields["level"]
    assert list(level.options) == ["normal", "silver", "gold", "x_option_4"]


def test_a_link_names_the_list_on_the_other_side(desk: Desk) -> None:
    key = desk.add("link")
    form = {
        "label.zh-CN": "续集",
        "label.en": "Sequel of",
        "prop.to": "book",
        "prop.on_delete": "restrict",
        "inverse.zh-CN": "前作",
        "inverse.en": "Sequels",
    }
    answer = desk.send(f"{BOOK}/fields/{key}", form)
    assert answer.status_code == 200
    desk.publish()
    made = fields(desk)["x_sequel_of"]
    assert (made.props["to"], made.props["on_delete"]) == ("book", "restrict")
    assert "前作" in [say for one in desk.compiled.site.related["book"].values()
                     for say in one.label.values()]  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "input_name", "code"),
    [
        (
            {"label.zh-CN": "<script>alert(1)</script>"},
            "label.zh-CN",
            "problem.markup_not_allowed",
        ),
        ({"label.zh-CN": "  ", "label.en": ""}, "label.zh-CN", "designer.invalid.required"),
        ({"key": "x_9 Ä"}, "key", "problem.bad_key"),
        ({"key": "author"}, "key", "problem.bad_prefix"),
        ({"key": "x_text_1"}, "key", "problem.already_exists"),
        ({"prop.max_length": "many"}, "prop.max_length", "invalid.not_a_whole_number"),
        ({"prop.max_length": "99999"}, "prop.max_length", "problem.out_of_range"),
        ({"prop.max_length": "3", "prop.default": "too long"}, "prop.default", "invalid.too_long"),
    ],
)
def test_what_cannot_be_is_told_beside_its_input_and_nothing_is_lost(
    desk: Desk, sent: dict[str, str], input_name: str, code: str
) -> None:
    desk.add("text")
    key = desk.add("text")
    typed = {
        "label.zh-CN": "出版社",
        "label.en": "",
        "help.zh-CN": "印在书脊上",
        "help.en": "",
        **sent,
    }
    answer = desk.send(f"{BOOK}/fields/{key}", typed)
    assert answer.status_code == 422
    text = answer.text
    place = f'id="p-{input_name.replace(".", "-")}-err">'
    assert place in text
    said = translate("zh-CN", code, **dict.fromkeys(PARAMS, "§"))
    words = [word for word in said.split("§") if word.strip()]
    assert words[0].strip()[:4] in text.split(place)[1][:200]
    assert "印在书脊上" in text
    assert "<script>alert" not in text
    assert desk.get(f"{BOOK}?field={key}").status_code == 200
    assert "印在书脊上" not in desk.get(f"{BOOK}?field={key}").text


def test_a_type_that_is_not_there_is_told_on_the_page(desk: Desk) -> None:
    answer = desk.post(f"{BOOK}/fields", type="hologram")
    assert answer.status_code == 422
    assert "hologram" in answer.text
    assert desk.cards()[MAIN] == OWN


def test_a_label_with_markup_signs_is_text(desk: Desk) -> None:
    key = desk.add("text")
    desk.send(f"{BOOK}/fields/{key}", {"label.zh-CN": 'A & B "<3"', "label.en": ""})
    page = desk.get(f"{BOOK}?field={key}").text
    assert "A &amp; B" in page
    assert 'A & B "<3"' not in page


def test_a_field_that_a_scene_needs_is_not_hidden(desk: Desk) -> None:
    answer = desk.post(f"{BOOK}/fields/category/hide")
    assert answer.status_code == 422
    assert "scene/book.children" in answer.text
    assert "category" in desk.cards()[MAIN]


def test_a_sealed_property_stays(desk: Desk) -> None:
    answer = desk.send(f"{BOOK}/fields/title", {"required": "false"})
    assert answer.status_code == 422
    assert fields(desk)["title"].required


def test_unknown_things_are_not_found(desk: Desk) -> None:
    assert desk.get("/designer/object/nothing").status_code == 404
    assert desk.post("/designer/object/nothing/fields", type="text").status_code == 404
    assert desk.send(f"{BOOK}/fields/nothing", {"label.en": "x"}).status_code in {404, 422}


def test_only_holders_of_the_right_come_in(desk: Desk) -> None:
    person = desk.web.person("馆员", "13800000003", "librarian")
    clerk = signed_in(desk.web, person)
    for path in ("/designer", BOOK, "/designer/plan", "/designer/versions"):
        assert clerk.get(path).status_code == 403
    assert clerk.post(f"{BOOK}/fields", type="text").status_code == 403


def test_the_page_speaks_english_too(desk: Desk) -> None:
    cookies = {"cookie": f"heddle_session={desk.secret}; heddle_language=en"}
    desk.add("region")
    for path in (BOOK, f"{BOOK}?field=x_region_1", "/designer/plan", "/designer"):
        assert desk.web.client.get(path, headers=cookies).status_code == 200


def test_a_field_begins_with_the_moment_or_with_what_a_chosen_record_brings(desk: Desk) -> None:
    loan = "/designer/object/loan"
    page = desk.get(f"{loan}?field=lent_on").text
    assert 'value="copy:book.published_on"' in page
    assert 'value="today"' in page
    assert desk.send(f"{loan}/fields/lent_on", {"begins": "today"}).status_code == 200
    assert (
        desk.send(f"{loan}/fields/due_on", {"begins": "copy:book.published_on"}).status_code == 200
    )
    desk.publish()
    loans = desk.compiled.site.objects["loan"].fields
    assert loans["lent_on"].default == {"period": "today"}
    assert loans["book"].props["copies"] == {"due_on": "published_on"}
    assert (
        '<option value="copy:book.published_on" selected' in desk.get(f"{loan}?field=due_on").text
    )
    desk.send(f"{loan}/fields/due_on", {"begins": ""})
    desk.send(f"{loan}/fields/lent_on", {"begins": ""})
    desk.publish()
    loans = desk.compiled.site.objects["loan"].fields
    assert loans["lent_on"].default is None
    assert not loans["book"].props.get("copies")


def test_the_segments_of_a_number_are_changed_with_a_sample(desk: Desk) -> None:
    loan = "/designer/object/loan"
    assert f'href="{loan}/numbering/number"' in desk.get(f"{loan}?field=number").text
    shown = desk.get(f"{loan}/numbering/number").text
    rule = desk.compiled.site.number_rules["loan.number"]
    assert all(f'name="s.key" value="{key}"' in shown for key in list(rule.segments)[:-1])
    row = {"s.key": "t", "s.kind": "text", "s.text": "BK", "s.date": "lent_on",
           "s.format": "yyyy", "s.or": ""}  # fmt: skip
    count = {"counter": "seq", "digits": "6", "start": "10", "step": "1", "reset": "yearly",
             "separator": "/", "manual": ""}  # fmt: skip
    address = f"{loan}/numbering/number"
    grown = desk.send(address, {**row, **count, "do": "add:date"})
    assert "date_1" in grown.text
    coarse = desk.send(address, {**row, **count, "do": "save"})
    assert coarse.status_code == 422  # it starts again each year, and holds no year
    wrong = desk.send(address, {**row, **count, "digits": "many", "do": "save"})
    assert wrong.status_code == 422
    two = {name: [value, value] for name, value in row.items()}
    two |= {"s.key": ["t", "y"], "s.kind": ["text", "date"]}
    saved = desk.send(address, {**two, **count, "do": "save"})
    assert saved.status_code in (204, 303), saved.text
    desk.publish()
    made = desk.compiled.site.number_rules["loan.number"]
    assert made.segments == {
        "t": {"text": "BK"},
        "y": {"date": "lent_on", "format": "yyyy"},
        "seq": {"digits": 6, "start": 10, "step": 1, "reset": "yearly"},
    }
    assert (made.separator, made.manual) == ("/", False)
    assert "BK/2026/000010" in desk.get(f"{loan}?field=number").text
    assert desk.get("/designer/object/book/numbering/title").status_code == 404


def rules_of(desk: Desk) -> dict[str, str]:
    return {
        key: one.field
        for key, one in desk.compiled.site.number_rules.items()
        if one.object == "book"
    }


def test_a_numbered_field_brings_its_rule_and_takes_it_along(desk: Desk) -> None:
    before = rules_of(desk)
    key = desk.add("auto_number")
    assert f'href="{BOOK}/numbering/{key}"' in desk.get(f"{BOOK}?field={key}").text
    told = plan_text(desk)
    assert told.count(translate("zh-CN", "field_type.auto_number")) >= 1
    assert "number_rule/" not in told  # it is told with the field
    desk.post(f"{BOOK}/fields/{key}/hide")
    assert desk.get("/designer/plan").status_code == 303
    key = desk.add("auto_number")
    answer = desk.send(
        f"{BOOK}/fields/{key}", {"label.zh-CN": "馆藏号", "label.en": "Shelf number"}
    )
    assert answer.status_code == 200, answer.text
    row = {"s.key": "t", "s.kind": "text", "s.text": "NO", "s.date": "created_at",
           "s.format": "yyyy", "s.or": ""}  # fmt: skip
    count = {"counter": "seq", "digits": "3", "start": "7", "step": "1", "reset": "never",
             "separator": "-", "manual": "true", "do": "save"}  # fmt: skip
    named = next(one for one in desk.cards()[MAIN] if one.startswith("x_") and one not in OWN)
    saved = desk.send(f"{BOOK}/numbering/{named}", {**row, **count})
    assert saved.status_code in (204, 303), saved.text
    desk.publish()
    assert rules_of(desk) == {**before, f"book.{named}": named}
    live = desk.web.live
    with live.write(acting(live)) as unit:
        made = create(unit, "book", {"title": "新书", "author": "某人"}).id
    with live.read(acting(live)) as unit:
        column = unit.snapshot.object("book").field(named).column
        found = select(column).where(unit.snapshot.object("book").table.c.id == made)
        assert unit.connection.execute(found).scalar_one() == "NO-007"
    desk.post(f"{BOOK}/fields/{named}/hide")
    desk.publish()
    assert rules_of(desk) == before
    desk.post(f"{BOOK}/fields/{named}/restore")
    desk.publish()
    kept = desk.compiled.site.number_rules[f"book.{named}"].segments
    assert kept["t"] == {"text": "NO"}


def test_another_type_is_previewed_and_taken_into_the_draft(desk: Desk) -> None:
    shelf = {"A": "12", "B": "12", "C": "x"}
    with desk.web.live.write(acting(desk.web.live)) as unit:
        for title, value in shelf.items():
            create(unit, "book", {"title": title, "author": "Lin", "shelf": value})
    address = f"{BOOK}/type/shelf"
    assert f'href="{address}"' in desk.get(f"{BOOK}?field=shelf").text
    shown = Reader(desk.send(address, {"to": "integer", "do": "redraw"}).text).text
    assert translate("zh-CN", "designer.converts", field="书架", before="单行文本", after="整数",
                     count=2, failed=1) in shown  # fmt: skip
    assert "x" in shown
    assert desk.send(address, {"to": "link", "do": "save"}).status_code == 422
    assert desk.send(address, {"to": "select", "do": "save"}).status_code in (204, 303)
    assert desk.publish()
    options = fields(desk)["shelf"].options.values()
    assert [one.label[""] for one in options] == ["12", "x"]
    assert fields(desk)["shelf"].type == "select"
    assert desk.get(f"{BOOK}/type/created_at").status_code == 404
