"""The site as the draft would have it, for drawing: unpublished fields have a place too.

Such a unit knows columns that no table has. It is for drawing what needs no record of them.
"""

from dataclasses import replace

from engine.context import Actor
from engine.publish.binding import bind_site
from engine.publish.plan import expand_for
from engine.storage.snapshot import Snapshot, Unit
from ui.designer.workspace import Workspace

_KEY = "designer.drafted"


def drafted(workspace: Workspace, actor: Actor | None = None) -> Unit:
    """Give the workspace's unit of work on the draft's site; ``actor``: as somebody else."""
    unit = workspace.unit
    snapshot = unit.memo.get((_KEY, id(workspace.compiled)))
    if snapshot is None:
        snapshot = _bound(workspace)
        unit.memo[(_KEY, id(workspace.compiled))] = snapshot
    connection = unit.connection.execution_options(compiled_cache=snapshot.compiled_cache)
    context = unit.context if actor is None else replace(unit.context, actor=actor)
    return Unit(context=context, connection=connection, snapshot=snapshot)


def _bound(workspace: Workspace) -> Snapshot:
    served, live = workspace.unit.snapshot, workspace.live
    if workspace.site is served.site:
        return served
    expansion = expand_for(live, workspace.unit.connection, served.site, workspace.site)
    return bind_site(served.number, workspace.site, expansion.ledger, live.types, served)
