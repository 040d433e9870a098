"""Every field type goes in, comes back, changes and leaves its trace, on both databases."""

from typing import Any

import pytest

from engine.access.roles import rights_of
from engine.fields.registry import FIELD_TYPES
from engine.history.read import read_history
from engine.records.change import change
from engine.records.create import create
from engine.records.encode import record_json
from engine.records.read import get
from tests.integration.records.world import World
from tests.support.files import loose_file

SHOWN_BY_ID = object()
OF_THEIR_OWN = {"line_items"}
"""Tables of records: tests/integration/lines hold them."""
FILES = ("x_papers", "x_photos")

# field: (object, first value, its API form, second value, its API form)
CASES: dict[str, tuple[str, Any, Any, Any, Any]] = {
    "title": ("book", " 战争与和平 ", "战争与和平", "Anna", "Anna"),
    "x_remark": ("book", "one\r\ntwo", "one\ntwo", "", None),
    "x_story": (
        "book", "<b onclick=x>one</b><script>y</script>", "<p><b>one</b></p>",
        "<p>two</p>", "<p>two</p>",
    ),
    "x_pages": ("book", "1,280", 1280, 7, 7),
    "x_weight": ("book", "0.125", "0.125", 2, "2.000"),
    "x_share": ("book", "12.5%", "12.5", 100, "100.0"),
    "price": ("book", "1,280.50", "1280.50", "0", "0.00"),
    "x_lendable": ("book", "yes", True, None, None),
    "published_on": ("book", "2020/2/29", "2020-02-29", "2021-01-01", "2021-01-01"),
    "x_arrived_at": (
        "book", "2026-11-23T09:42:00Z", "2026-11-23T09:42:00Z",
        "2026-11-23 08:00", "2026-11-23T00:00:00Z",
    ),
    "x_shown": (
        "book", "2026/1/5 ~ 2026/2/1", {"from": "2026-01-05", "to": "2026-02-01"},
        ["2026-01-05", "2026-01-05"], {"from": "2026-01-05", "to": "2026-01-05"},
    ),
    "category": ("book", "history", "history", "fiction", "fiction"),
    "x_colours": ("book", ["blue", "red"], ["red", "blue"], ["grey"], ["grey"]),
    "x_tags": ("book", "rare, signed", ["rare", "signed"], ["signed"], ["signed"]),
    "x_email": ("book", "A@b.cn", "A@b.cn", "c@d.cn", "c@d.cn"),
    "x_phone": ("book", "138 0000 1234", None, "13800001235", None),
    "x_site": ("book", "https://example.com/a", "https://example.com/a", "", None),
    "x_region": ("book", "330000", None, "", None),
    "x_keeper": ("book", "ann", SHOWN_BY_ID, "bob", SHOWN_BY_ID),
    "x_readers": ("book", ["bob", "ann"], SHOWN_BY_ID, ["ann"], SHOWN_BY_ID),
    "x_related": ("book", ["book"], SHOWN_BY_ID, [], []),
    "x_about": ("book", "about bob", SHOWN_BY_ID, None, None),
    "x_sources": ("book", ["about ann", "about bob"], SHOWN_BY_ID, ["about ann"], SHOWN_BY_ID),
    "x_room": ("book", "desk", SHOWN_BY_ID, None, None),
    "x_sequel_of": ("book", "book", SHOWN_BY_ID, None, None),
    "x_papers": ("book", ["one.pdf", "two.pdf"], None, ["two.pdf"], None),
    "x_photos": ("book", ["one.png"], None, ["two.png"], None),
    "number": ("loan", "HAND-1", "HAND-1", "HAND-2", "HAND-2"),
}  # fmt: skip


@pytest.mark.parametrize("key", CASES)
def test_value_goes_in_comes_back_changes_and_is_remembered(world: World, key: str) -> None:
    object_key, first, first_api, second, second_api = CASES[key]
    people: dict[str, Any] = {
        "ann": world.ann.user_id,
        "bob": world.bob.user_id,
        "desk": world.desk,
    }
    for name in ("ann", "bob"):
        people[f"about {name}"] = {"object": "user", "id": people[name]}
    if object_key == "loan" or first in ("book", ["book"]):
        people["book"] = world.book()
    first, second = _meant(first, people), _meant(second, people)
    if key in FILES:
        with world.unit() as unit:
            ids = {
                name: loose_file(unit, name, picture=name.endswith("png"))
                for name in dict.fromkeys([*first, *second])
            }
        first, second = ([ids[name] for name in names] for names in (first, second))
    needed = _needed(world, object_key, people)
    world.typed = frozenset({"HAND-1", "HAND-2"})
    with world.unit() as unit:
        made = create(unit, object_key, {**needed, key: first})
    with world.unit() as unit:
        shown = record_json(unit, object_key, get(unit, object_key, made.id))
        same = change(unit, object_key, made.id, {key: shown[key]}, version=made.version)
        changed = change(unit, object_key, made.id, {key: second}, version=made.version)
        again = record_json(unit, object_key, get(unit, object_key, made.id))
        page = read_history(
            unit, rights_of(unit).predicate(object_key, "read"), object_key, made.id
        )
    _expect(shown[key], first, first_api)
    _expect(again[key], second, second_api)
    assert (same.version, same.changes) == (1, ())
    assert changed.version == again["version"] == 2
    assert [entry.action for entry in page.entries] == ["update", "create"]
    (trace,) = [seen.change for seen in page.entries[0].changes if seen.key == key]
    (origin,) = [seen.change for seen in page.entries[1].changes if seen.key == key]
    assert trace.old == origin.new
    assert trace.old_text == origin.new_text != ""
    assert trace.new == _ids(again[key])


def test_every_type_has_a_case(world: World) -> None:
    covered = {
        world.live.snapshot.object(case[0]).field(key).definition.type
        for key, case in CASES.items()
    }
    assert covered == FIELD_TYPES.keys() - OF_THEIR_OWN


def _meant(value: Any, people: dict[str, Any]) -> Any:
    """Put ids in the place of words for records."""
    if isinstance(value, list):
        return [people.get(one, one) for one in value]
    return people.get(value, value) if isinstance(value, str) else value


def _ids(shown: Any) -> Any:
    """Give what history keeps of a value in API form."""
    if isinstance(shown, list):
        return [_ids(one) for one in shown] or None
    if not isinstance(shown, dict) or "label" not in shown:
        return shown
    return {"object": shown["object"], "id": shown["id"]} if "object" in shown else shown["id"]


def _needed(world: World, object_key: str, people: dict[str, Any]) -> dict[str, Any]:
    if object_key == "book":
        return {"title": "War and Peace", "author": "Tolstoy"}
    reader = world.create("reader").id
    return {"book": people["book"], "reader": reader, "lent_on": "2026-11-20"}


def _expect(shown: Any, raw: Any, api: Any) -> None:
    if api is SHOWN_BY_ID:
        assert _ids(shown) == raw
        assert all(one["label"] for one in (shown if isinstance(shown, list) else [shown]))
    elif api is not None or not raw:
        assert shown == api
    else:
        assert shown
