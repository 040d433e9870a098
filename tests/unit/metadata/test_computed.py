"""Computed fields in documents: cycles, roll-ups, traits, and the place of each mistake."""

from typing import Any

import pytest

from engine.fields.registry import TYPES
from metadata.errors import Problem
from metadata.load import check_layers, layers_of, load_site, read_pack

PACK = """kind: pack
key: trade
label: Trade
version: 1.0.0
engine: ">=0.1,<2"
languages: [en]
"""
ORDER = """kind: object
key: order
label: Order
name_field: name
fields:
  name: {type: text, label: Name}
  state: {type: select, label: State, options: {open: {label: Open}}}
  where_to: {type: region, label: Where}
%s
---
kind: object
key: line
label: Line
name_field: name
fields:
  name: {type: text, label: Name}
  order:
    type: link
    label: Order
    to: order
    on_delete: cascade
    inverse: {key: lines, label: Lines}
  price: {type: money, label: Price, scale: 2, currency: CNY}
  on: {type: date, label: Day}
  seen: {type: formula, label: Seen, returns: boolean, virtual: true, expr: "on < today()"}
%s
"""


def problems(tmp_path: Any, order: str, line: str = "") -> list[Problem]:
    """Check a pack with these fields."""
    (tmp_path / "pack.yaml").write_text(PACK)
    (tmp_path / "trade.yaml").write_text(ORDER % (order, line))
    reading = read_pack(tmp_path)
    assert not reading.problems
    return check_layers(layers_of(reading.packs), TYPES)


def a_formula(expr: str, returns: str = "integer", **more: str) -> str:
    extra = "".join(f", {key}: {value}" for key, value in more.items())
    return f"  sum: {{type: formula, label: Sum, returns: {returns}, expr: '{expr}'{extra}}}"


def a_roll_up(**said: str) -> str:
    parts = ", ".join(f"{key}: {value}" for key, value in said.items())
    return f"  sum: {{type: roll_up, label: Sum, {parts}}}"


def test_sound_ones_pass(tmp_path: Any) -> None:
    order = a_roll_up(list="lines", agg="sum", field="price")
    line = "  twice: {type: formula, label: T, returns: money, expr: price * 2}"
    assert problems(tmp_path, order, line) == []


@pytest.mark.parametrize(
    ("field", "code", "place"),
    [
        (a_formula("lenght(name)"), "formula_unknown_function", "lenght"),
        (a_formula("length(nam)"), "formula_unknown_field", "nam)"),
        (a_formula('if(state = "opn", 1, 2)'), "formula_unknown_option", '"opn"'),
        (a_formula("days_between(created_at, today())"), "formula_volatile", "'days"),
        (a_formula("version + 1"), "formula_unstable", "'version"),
        (a_formula("text(where_to)", "text", virtual="true"), "formula_region_virtual", "'text"),
        (a_formula("length(name)", sortable="true", virtual="true"), "virtual_trait", "sortable"),
        (a_formula("length(name)", search="true"), "formula_search", "search"),
        (a_formula("1", options="{a: {label: A}}"), "options_unused", "options"),
        (a_roll_up(list="linse", agg="count"), "unknown_list", "linse"),
        (a_roll_up(list="lines", agg="sum"), "missing_property", "sum:"),
        (a_roll_up(list="lines", agg="sum", field="name"), "not_summable", "name}"),
        (a_roll_up(list="lines", agg="sum", field="seen"), "roll_up_of_virtual", "seen"),
        (a_roll_up(list="lines", agg="count", field="price"), "roll_up_counts", "field: price"),
        (a_roll_up(list="lines", agg="median", field="price"), "value_not_allowed", "median"),
        (
            a_roll_up(
                list="lines", agg="count", where="{field: on, op: eq, value: {period: today}}"
            ),
            "roll_up_volatile",
            "{field: on",
        ),
        (
            a_roll_up(list="lines", agg="count", where="{field: seen, op: eq, value: true}"),
            "roll_up_of_virtual",
            "{field: seen",
        ),
    ],
)
def test_a_mistake_names_file_line_and_column(
    tmp_path: Any, field: str, code: str, place: str
) -> None:
    found = problems(tmp_path, field)

    assert [problem.code for problem in found][:1] == [code]
    text = (tmp_path / "trade.yaml").read_text().splitlines()
    assert found[0].file.endswith("trade.yaml")
    assert text[found[0].line - 1][found[0].column - 1 :].startswith(place)


def test_a_circle_is_named_once_with_its_way(tmp_path: Any) -> None:
    order = a_roll_up(list="lines", agg="sum", field="share")
    line = "  share: {type: formula, label: S, returns: money, expr: order.sum / 2}"

    found = problems(tmp_path, order, line)

    assert [problem.code for problem in found] == ["computed_cycle"]
    assert found[0].params["cycle"] == "line.share → order.sum → line.share"


def test_a_field_that_reads_itself_is_a_circle(tmp_path: Any) -> None:
    found = problems(tmp_path, a_formula("sum + 1"))
    assert [problem.params["cycle"] for problem in found] == ["order.sum → order.sum"]


def test_virtual_formulas_that_double_each_time_are_refused(tmp_path: Any) -> None:
    def virtual(at: int, expr: str) -> str:
        rest = f"returns: integer, virtual: true, expr: '{expr}'"
        return f"  v{at}: {{type: formula, label: V, {rest}}}"

    rows = [virtual(0, "length(name)"), *(virtual(n, f"v{n - 1} + v{n - 1}") for n in range(1, 8))]
    assert problems(tmp_path, "\n".join(rows)) == []

    rows += [virtual(n, f"v{n - 1} + v{n - 1}") for n in range(8, 40)]
    found = problems(tmp_path, "\n".join(rows))
    assert {problem.code for problem in found} == {"formula_work"}


PAID = "  paid: {type: money, label: Paid, scale: 2, currency: CNY, follows: %s}\n"
SUM = a_roll_up(list="lines", agg="sum", field="price") + "\n"
SHARE = "  share: {type: percent, label: Share, scale: 2}\n"


def test_following_field_gets_one_that_remembers_who_decides(tmp_path: Any) -> None:
    assert problems(tmp_path, SUM + SHARE + PAID % "{field: sum, sets: {share: paid / sum}}") == []
    site = load_site(layers_of(read_pack(tmp_path).packs), TYPES).site
    beside = site.objects["order"].fields["paid_overridden"]
    assert (beside.type, beside.readonly, beside.system) == ("boolean", True, True)


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (PAID % "summ", "unknown_field"),
        (PAID % "paid", "follows_nothing"),
        (PAID % "name", "follows_other_type"),
        (PAID % "[sum]", "wrong_type"),
        (PAID % "sum, default: '1.00'", "follows_alone"),
        (PAID % "sum, readonly: true", "follows_alone"),
        (PAID % "{field: sum, sets: {sum: '1'}}", "follows_sets_fixed"),
        (PAID % "{field: sum, sets: {share: paid / smu}}", "formula_unknown_field"),
        (PAID % "sum" + "  paid_overridden: {type: text, label: T}", "reserved_key"),
        ("  far: {type: region, label: Far, follows: where_to}", "trait_not_possible"),
        (
            PAID % "later" + "  later: {type: formula, label: L, returns: money, expr: paid * 2}",
            "computed_cycle",
        ),
    ],
)
def test_following_mistakes_are_told(tmp_path: Any, order: str, code: str) -> None:
    found = problems(tmp_path, SUM + SHARE + order)
    assert code in [one.code for one in found]
    assert all(one.line for one in found)
