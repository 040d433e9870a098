"""Forms while somebody types: the server says what the rules make of what stands in them."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.records.evaluate import Ground, compose_check
from metadata.conditions import parse_condition
from tests.support.library import added_field, publish, system_context
from tests.support.web import Visit, Web

SIZES = {"s": {"label": "Small"}, "m": {"label": "Medium"}, "l": {"label": "Large"}}
GROUND: dict[str, dict[str, Any]] = {
    "x_n": {"type": "integer"},
    "x_t": {"type": "text"},
    "x_d": {"type": "date"},
    "x_b": {"type": "boolean"},
    "x_s": {"type": "select", "options": SIZES},
    "x_m": {"type": "multi_select", "options": SIZES},
}
NUMBERS = st.integers(-3, 3)
DAYS = st.integers(20, 26).map(lambda day: f"2026-11-{day}")
KEYS = st.sampled_from(sorted(SIZES))
ORDERED = ("eq", "ne", "gt", "gte", "lt", "lte")


def test(field: str, ops: tuple[str, ...], value: Any) -> Any:
    """Give conditions on one field."""
    pairs = st.tuples(st.sampled_from(ops), value)
    return pairs.map(lambda pair: {"field": field, "op": pair[0], "value": pair[1]})


test.__test__ = False  # type: ignore[attr-defined]  # pytest: a strategy, not a test

TESTS = st.one_of(
    test("x_n", ORDERED, NUMBERS),
    test("x_n", ("between",), st.tuples(NUMBERS, NUMBERS).map(sorted)),
    test("x_t", ("contains", "not_contains", "starts_with"), st.sampled_from(["a", "B", "华"])),
    test("x_d", ORDERED, DAYS),
    test("x_d", ("eq", "ne"), st.sampled_from([{"period": "today"}, {"period": "this_week"}])),
    test("x_b", ("eq", "ne"), st.booleans()),
    test("x_s", ("eq", "ne"), KEYS),
    test("x_s", ("in", "not_in"), st.lists(KEYS, min_size=1, max_size=2, unique=True)),
    test("x_m", ("contains", "not_contains"), KEYS),
    st.sampled_from(sorted(GROUND)).map(lambda key: {"field": key, "op": "empty"}),
    st.just({"field": "x_n", "op": "gte", "value": {"field": "x_other"}}),
)
CONDITIONS = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda nodes: {"all": nodes}),
        st.lists(inner, min_size=1, max_size=3).map(lambda nodes: {"any": nodes}),
        inner.map(lambda node: {"not": node}),
    ),
    max_leaves=3,
)
VALUES = st.fixed_dictionaries(
    {
        "x_n": st.one_of(st.just(""), NUMBERS.map(str), st.just("many")),
        "x_other": st.one_of(st.just(""), NUMBERS.map(str)),
        "x_t": st.sampled_from(["", "abc", "ab", "BA", "中华"]),
        "x_d": st.one_of(st.just(""), DAYS),
        "x_b": st.sampled_from(["true", "false"]),
        "x_s": st.one_of(st.just(""), KEYS),
        "x_m": st.lists(KEYS, max_size=2, unique=True),
    }
)
CONDITIONED = ("visible_if", "required_if", "readonly_if")
RULES = st.fixed_dictionaries(dict.fromkeys((*CONDITIONED, "l"), CONDITIONS))


def answered(visit: Visit, path: str, **values: Any) -> Any:
    """Send a form as it stands; gives what the page is to show."""
    answer = visit.post_part(path, **values)
    assert answer.status_code == 200, answer.text
    return json.loads(answer.text)


def with_rules(web: Web, rules: dict[str, Any]) -> None:
    """Publish fields that others decide about."""
    ground = {**GROUND, "x_other": {"type": "integer"}}
    choice = {"type": "select", "options": SIZES, "options_if": {"l": rules["l"]}}
    publish(
        web.live,
        *(added_field(key, **definition) for key, definition in ground.items()),
        *(added_field(f"x_{name}", **{name: rules[name]}) for name in CONDITIONED),
        added_field("x_choice", **choice),
    )


def test_the_page_is_told_what_the_evaluator_says(web: Web, visit: Visit) -> None:
    number = 0

    @settings(
        max_examples=12,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(rules=RULES, entries=st.lists(VALUES, min_size=4, max_size=4))
    def agree(rules: dict[str, Any], entries: list[dict[str, Any]]) -> None:
        nonlocal number
        number += 1
        if number == 1:
            with_rules(web, rules)
        else:
            publish(web.live, *_changed(rules))
        for entry in entries:
            told = answered(visit, "/o/book/live", title="t", **entry)["fields"]
            wanted = _expected(web, rules, entry)
            assert told["x_visible_if"]["shown"] is wanted["visible_if"], entry
            assert told["x_required_if"]["needed"] is wanted["required_if"], entry
            assert told["x_readonly_if"]["fixed"] is wanted["readonly_if"], entry
            assert told["x_choice"]["closed"] == ([] if wanted["l"] else ["l"]), entry

    agree()


def _changed(rules: dict[str, Any]) -> list[dict[str, Any]]:
    places = {name: f"fields/x_{name}/{name}" for name in CONDITIONED}
    places["l"] = "fields/x_choice/options_if"
    return [
        {
            "op": "set",
            "document": "object/book",
            "path": place,
            "value": {"l": rules["l"]} if name == "l" else rules[name],
        }
        for name, place in places.items()
    ]


def _expected(web: Web, rules: dict[str, Any], entry: dict[str, Any]) -> dict[str, bool]:
    """What the evaluator of the write gateway says of the same values."""
    with web.live.read(system_context(web.live)) as unit:
        bound = unit.snapshot.object("book")
        values: dict[str, Any] = {}
        for key, raw in entry.items():
            field = bound.field(key)
            values[key] = None if raw == "many" else field.type.parse(raw, field.definition)
        found = {}
        for name, raw in rules.items():
            node = parse_condition(raw)
            assert node is not None
            found[name] = compose_check(unit.snapshot, bound, node)(Ground(unit, values))
        return found


COPIES = {
    "op": "set",
    "document": "object/loan",
    "path": "fields/book/copies",
    "value": {"x_author": "author"},
}
SEQUEL = added_field(
    "x_sequel_of",
    type="link",
    to="book",
    on_delete="clear",
    where={"field": "author", "op": "eq", "value": {"field": "this.author"}},
)
SECRET = {
    "op": "add",
    "document": "role/x_clerk",
    "path": "",
    "value": {
        "kind": "role",
        "key": "x_clerk",
        "label": "Clerk",
        "objects": {
            "loan": {"read": "all", "create": True, "fields": {"returned_on": "hidden"}},
            "book": {"read": "all"},
        },
    },
}


def made_book(visit: Visit, **values: str) -> int:
    answer = visit.post("/o/book", title="t", author="沈梭", category="fiction", **values)
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].rpartition("/")[2])


def test_a_link_brings_values_while_the_form_is_filled(web: Web, visit: Visit) -> None:
    author = {"op": "add", "document": "object/loan", "path": "fields/x_author"}
    publish(web.live, {**author, "value": {"type": "text", "label": "Author"}}, COPIES)
    record = made_book(visit)
    told = answered(visit, "/o/loan/live", book=str(record), _changed="book")
    assert 'value="沈梭"' in told["fill"]["x_author"]
    assert answered(visit, "/o/loan/live", book=str(record), _changed="state")["fill"] == {}
    assert "book" in visit.get("/o/loan/new").text.partition('data-live="')[2].partition('"')[0]


def test_a_link_that_is_not_offered_any_more_is_emptied(web: Web, visit: Visit) -> None:
    publish(web.live, SEQUEL)
    first = made_book(visit)
    sent = {"author": "沈梭", "x_sequel_of": str(first), "_changed": "author"}
    assert answered(visit, "/o/book/live", **sent)["clear"] == []
    assert answered(visit, "/o/book/live", **(sent | {"author": "Dickens"}))["clear"] == [
        "x_sequel_of"
    ]


def test_a_rule_across_fields_is_told_beside_its_field(visit: Visit) -> None:
    wrong = {"lent_on": "2026-11-20", "due_on": "2026-11-19"}
    told = answered(visit, "/o/loan/live", **wrong)
    assert told["errors"] == {"due_on": "应还日期不能早于借出日期"}
    assert answered(visit, "/o/loan/live", **(wrong | {"due_on": "2026-11-21"}))["errors"] == {}
    refused = visit.post("/o/loan", **wrong)
    beside = refused.text.partition('id="field-due_on"')[2].partition('id="field-')[0]
    assert "应还日期不能早于借出日期" in beside


def test_nothing_is_told_of_fields_that_are_hidden_by_right(web: Web, visit: Visit) -> None:
    publish(web.live, SECRET)
    assert "returned_on" in answered(visit, "/o/loan/live", state="returned")["fields"]
    web.person("陈捻", "13900000001", "x_clerk")
    clerk = web.sign_in("13900000001")
    assert "returned_on" not in answered(clerk, "/o/loan/live", state="returned")["fields"]
    assert "returned_on" not in clerk.get("/o/loan/new").text
    assert clerk.post_part("/o/book/live").status_code == 403


def test_what_is_fixed_or_hidden_has_no_editor_in_its_place(web: Web, visit: Visit) -> None:
    rule = {"field": "author", "op": "eq", "value": "沈梭"}
    shelf = {"op": "set", "document": "object/book", "path": "fields/shelf/readonly_if"}
    publish(web.live, {**shelf, "value": rule})
    record = made_book(visit)
    assert f"/o/book/{record}/field/shelf" not in visit.get(f"/o/book/{record}").text
    assert visit.part(f"/o/book/{record}/field/shelf").status_code == 403
    assert (
        visit.post_part(f"/o/book/{record}/field/shelf", shelf="A", version="1").status_code == 403
    )
    assert (
        visit.post(f"/o/book/{record}", author="Dickens", shelf="A", version="1").status_code
        == 303
    )
    assert f"/o/book/{record}/field/shelf" in visit.get(f"/o/book/{record}").text
