"""Publish a field and die at a named point; arguments: URL POINT."""

import os
import sys

from engine.publish.apply import publish_draft
from engine.publish.draft import create_draft
from engine.publish.live import LiveSite
from engine.storage.database import Database
from tests.support.library import added_field, system_context

DIED = 9


def main() -> None:
    """Add two fields (one unique, one of many values) and die at ``point``."""
    url, point = sys.argv[1:]

    def reached(name: str) -> None:
        if name == point:
            os._exit(DIED)

    live = LiveSite(Database(url))
    context = system_context(live)
    with live.write(context) as unit:
        draft = create_draft(
            unit,
            [
                added_field("x_code", max_length=20, unique=True),
                added_field(
                    "x_topics",
                    type="multi_select",
                    options={"a": {"label": "A"}, "b": {"label": "B"}},
                ),
            ],
        )
    publish_draft(live, context, draft, reached=reached)
