from engine.fields.base import Label, stored_columns
from tests.unit.engine.fields.definitions import CHINESE, field, kind


def test_a_link_is_shown_by_its_label() -> None:
    link, definition = kind("link"), field("link")

    assert link.api(Label(7, "Dune"), definition) == {"id": 7, "label": "Dune"}
    assert link.text(Label(7, "Dune"), definition, CHINESE) == "Dune"
    assert link.export(Label(7, "Dune"), definition, CHINESE) == "Dune"


def test_links_know_where_they_point() -> None:
    assert kind("link").target(field("link", to="reader")) == "reader"
    assert kind("user").target(field("user")) == "user"
    assert kind("department").target(field("department")) == "department"
    assert kind("text").target(field("text")) == ""


def test_links_live_in_an_id_column() -> None:
    (column,) = kind("user").columns(field("user"))

    assert (column.kind, column.suffix) == ("integer", "_id")


def test_values_spread_over_columns() -> None:
    assert stored_columns("a", 1) == ("a",)
    assert stored_columns(("a", "b"), 2) == ("a", "b")
    assert stored_columns(None, 2) == (None, None)
