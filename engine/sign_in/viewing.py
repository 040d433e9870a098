"""Looking through another person's eyes: begun by who may, told in the system log, read-only."""

from dataclasses import replace

from engine.access.actors import read_actor
from engine.access.scope import USER
from engine.access.sessions import Session, look_as
from engine.access.signed_in import VIEW_AS, may_view
from engine.audit.deeds import log_deed
from engine.context import Actor, Context
from engine.errors import Forbidden, RecordNotFound
from engine.publish.live import LiveSite


def begin_view(live: LiveSite, context: Context, session: Session, user_id: int) -> None:
    """Let a session look through somebody's eyes.

    Raises:
        RecordNotFound: there is no such person, or the account is not active.
        Forbidden: he has not the right, or means himself, or a superadmin without being one.
    """
    with live.write(context) as unit:
        viewed = read_actor(unit.connection, unit.snapshot, user_id)
        if viewed is None:
            raise RecordNotFound(object=USER, id=user_id)
        if not may_view(unit, context.actor, viewed):
            raise Forbidden(object="", action=VIEW_AS)
        look_as(unit.connection, session.id_hash, user_id)
        log_deed(unit.connection, context, "view_as.began", viewed.name, {"user": user_id})


def end_view(live: LiveSite, context: Context, session: Session, viewer: Actor) -> None:
    """Let a session be its own person's again.

    Args:
        live: the site.
        context: of the call: its actor is who was looked through.
        session: whose view ends.
        viewer: who looked.
    """
    viewed_id = session.viewed_id
    mine = replace(context, actor=viewer, read_only=False)
    with live.write(mine) as unit:
        viewed = read_actor(unit.connection, unit.snapshot, viewed_id or 0)
        look_as(unit.connection, session.id_hash, None)
        name = viewed.name if viewed is not None else str(viewed_id)
        log_deed(unit.connection, mine, "view_as.ended", name, {"user": viewed_id})
