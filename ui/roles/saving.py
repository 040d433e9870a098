"""Saving a role: a draft of its own, its plan, and the publish; the way that any change takes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.context import Context
from engine.errors import DraftOutdated
from engine.publish.apply import publish_draft
from engine.publish.draft import Draft, create_draft, discard_draft
from engine.publish.live import LiveSite
from engine.publish.plan import Plan, plan_draft
from engine.storage.snapshot import Unit
from metadata.errors import MetadataInvalid, PlatformError, Problem
from ui.designer.workspace import blank_draft
from ui.roles.desk import Body, Change, Desk, open_desk

TRIES = 4


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of a wish.

    Attributes:
        version: the published version; 0: nothing was published.
        plan: what publishing would do; None where there is nothing to change.
        problems: why it cannot be published.
        moved: somebody else changed the role since the form was made.
    """

    version: int = 0
    plan: Plan | None = None
    problems: Sequence[Problem] = ()
    moved: bool = False


def save(
    live: LiveSite,
    context: Context,
    key: str,
    body: Mapping[str, Any],
    *,
    seen: str,
    looks: bool = False,
) -> Saved:
    """Let the document of a role say ``body``.

    Args:
        live: the site.
        context: who works.
        key: which role.
        body: what its document shall say.
        seen: the state that the form was made from, see `Desk.seen`.
        looks: only plan it.
    """

    def make(unit: Unit) -> tuple[Desk, list[Change]]:
        desk = open_desk(live, unit, key)
        return desk, desk.changes_to(body)

    for _ in range(TRIES):
        with live.read(context) as unit:
            desk, changes = make(unit)
            if desk.seen != seen:
                return Saved(moved=True)
            plan = _planned(live, unit, changes)
        if plan is None or plan.problems or looks:
            return Saved(plan=plan, problems=plan.problems if plan is not None else ())
        with live.write(context) as unit:
            desk, changes = make(unit)
            if desk.seen != seen:
                return Saved(moved=True)
            draft = create_draft(unit, changes)
        try:
            return Saved(version=published(live, context, draft), plan=plan)
        except DraftOutdated:
            continue
        except MetadataInvalid as invalid:
            return Saved(plan=plan, problems=invalid.problems)
    return Saved(moved=True)


def publish_alone(
    live: LiveSite, context: Context, make: Callable[[Unit], Sequence[Change]]
) -> int:
    """Publish changes of roles at once; gives the version.

    Raises:
        MetadataInvalid: they do not hold; nothing is changed.
        DraftOutdated: others publish all the time.
    """
    with live.write(context) as unit:
        draft = create_draft(unit, make(unit))
    return published(live, context, draft)


def published(live: LiveSite, context: Context, draft: Draft) -> int:
    """Publish a draft; one that cannot be published leaves nothing behind."""
    try:
        return publish_draft(live, context, draft)
    except PlatformError:
        with live.write(context) as unit:
            discard_draft(unit, draft.id)
        raise


def _planned(live: LiveSite, unit: Unit, changes: Sequence[Change]) -> Plan | None:
    if not changes:
        return None
    return plan_draft(live, unit, replace(blank_draft(unit), changes=tuple(changes)))


def new_role(body: Body, key: str) -> Change:
    """Give the change that adds a role."""
    return {"op": "add", "document": f"role/{key}", "path": "", "value": body}
