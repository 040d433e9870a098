"""Trying an import out: nothing is changed, and the counts are those of doing it."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, select

from engine.exchange import importer
from engine.storage.kernel_tables import event, history, search
from tests.integration.exchange.desk import Desk, csv_text, numbered

TABLES = (event, history, search)
FAR = [(title, author, "") for title, author in numbered(6)]
FILES: dict[str, Sequence[Sequence[Any]]] = {
    "new": [*FAR],
    "again": [*FAR, *FAR],
    "changed later": [*FAR, ("Book 00001", "Other", ""), ("Book 00001", "Third", "")],
    "a unique value later": [*FAR, ("X", "x", "978-1"), *FAR, ("Y", "y", "978-1")],
    "a unique value that moves": [("Emma", "x", "978-2"), *FAR, ("Z", "z", "978-0")],
    "known": [("Emma", "New", ""), *FAR, ("Emma", "Newer", ""), ("Emma", "Newer", "")],
    "bad": [("", "x", ""), *FAR, ("Book 00002", "", "978-0")],
}


@pytest.mark.parametrize("name", FILES)
def test_a_trial_tells_what_the_import_does(
    desk: Desk, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "ROWS", 3)  # so that one chunk has to know of another
    desk.world.book(title="Emma", isbn="978-0")
    text = csv_text(("title", "author", "isbn"), *FILES[name])
    for mode in ("update", "both", "skip", "create"):
        match = "" if mode == "create" else "title"
        before = state_of(desk)
        tried = desk.bring(text, mode=mode, match=match, dry_run=True)
        assert tried.job.state == "done"
        assert state_of(desk) == before
        done = desk.bring(text, mode=mode, match=match)
        assert (tried.counts, tried.told) == (done.counts, done.told)


def test_a_trial_shows_rows(desk: Desk) -> None:
    desk.world.book(title="Emma", price="3.00")
    text = csv_text(("书名", "author", "price"), ("Emma", "Austen", "4"), ("B", "x", "y"))
    result = desk.bring(text, dry_run=True).job.result
    assert result == {
        "headers": ["书名", "author", "price"],
        "rows": [
            {
                "row": 2,
                "became": "updated",
                "cells": ["Emma", "Austen", "4"],
                "before": {"author": "Tolstoy", "price": "¥3.00"},
            },
            {"row": 3, "became": "failed", "cells": ["B", "x", "y"], "before": {}},
        ],
    }


def state_of(desk: Desk) -> Any:
    with desk.world.unit() as unit:
        counts = [
            unit.connection.scalar(select(func.count()).select_from(table)) for table in TABLES
        ]
    return counts, desk.rows("book", "id", "version", "title", "author", "isbn")
