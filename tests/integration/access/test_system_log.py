"""The system log: a line with each deed, none without it, and none is ever changed."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from engine.access.accounts import OUTCOMES
from engine.audit.deeds import DEEDS, log_deed
from engine.people import acting, disable_person, make_sign_in_link
from engine.publish.apply import publish_draft, rollback_to
from engine.publish.draft import create_draft
from engine.storage.audit_tables import system_log
from tests.integration.access.conftest import Place
from ui.i18n import LANGUAGES, has_text, translate

ROLE = {
    "op": "add",
    "document": "role/x_guest",
    "path": "",
    "value": {
        "label": {"zh-CN": "读者", "en": "Reader"},
        "objects": {"book": {"read": "all"}},
    },
}


def lines(place: Place) -> list[tuple[str, str, int | None]]:
    query = select(system_log.c.deed, system_log.c.about, system_log.c.by)
    with place.live.database.read() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(system_log.c.id))]


def log_and_fail(place: Place) -> None:
    with place.live.write(acting(place.live)) as unit:
        log_deed(unit.connection, unit.context, "setting.changed", "bin_days")
        raise RuntimeError("in between")


def test_a_release_tells_of_its_packs_and_roles(place: Place) -> None:
    known = len(lines(place))
    context = replace(acting(place.live), request_id="r-1", address="10.0.0.7")
    with place.live.write(context) as unit:
        draft = create_draft(unit, [ROLE], note="readers")
    number = publish_draft(place.live, context, draft)
    rollback_to(place.live, context, number - 1)
    assert lines(place)[known:] == [
        ("metadata.published", str(number), None),
        ("role.created", "x_guest", None),
        ("metadata.rolled_back", str(number + 1), None),
        ("role.deleted", "x_guest", None),
    ]
    with place.live.database.read() as connection:
        query = select(system_log).where(system_log.c.deed == "metadata.published")
        row = connection.execute(query.order_by(system_log.c.id.desc())).first()
    assert row is not None
    assert (row.request_id, row.address) == ("r-1", "10.0.0.7")
    assert row.details == {"version": number, "note": "readers", "documents": ["role/x_guest"]}


def test_deeds_about_people_are_told(place: Place) -> None:
    known = len(lines(place))
    place.hire("Ben", "13900000001")
    make_sign_in_link(place.live, "13900000001")
    disable_person(place.live, "13900000001")
    assert [line[:2] for line in lines(place)[known:]] == [
        ("sign_in_link.made", "Ben"),
        ("person.disabled", "Ben"),
    ]


def test_a_deed_that_fails_leaves_no_line(place: Place) -> None:
    known = lines(place)
    with pytest.raises(RuntimeError, match="in between"):
        log_and_fail(place)
    assert lines(place) == known
    with pytest.raises(ValueError, match="no such deed"), place.live.database.write() as held:
        log_deed(held, acting(place.live), "no such deed")


def test_no_line_is_changed_or_removed(place: Place) -> None:
    for statement in (system_log.delete(), system_log.update().values(by_name="Nobody")):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            place.live.database.write() as connection,
        ):
            connection.execute(statement)


def test_every_deed_and_outcome_has_words() -> None:
    for language in LANGUAGES:
        assert all(has_text(language, f"logs.outcome.{outcome}") for outcome in OUTCOMES)
        said = {translate(language, f"deed.{deed}") for deed in DEEDS}
        assert len(said) == len(DEEDS)
