"""The system log: one line for each deed of an administrator, in the transaction of the deed.

Changes of records are no business of this log: the history of the record tells them.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert

from engine.context import Context
from engine.storage.audit_tables import system_log

ABOUT_LENGTH = 200

DEEDS = (
    "metadata.published",
    "metadata.rolled_back",
    "pack.installed",
    "pack.changed",
    "pack.removed",
    "role.created",
    "role.changed",
    "role.deleted",
    "role.members_changed",
    "person.invited",
    "person.disabled",
    "person.activated",
    "person.mobile_changed",
    "person.handed_over",
    "person.roles_copied",
    "department.moved",
    "department.deleted",
    "first_admin.made",
    "sign_in_link.made",
    "password.changed",
    "password.reset",
    "second_factor.on",
    "second_factor.off",
    "second_factor.reset",
    "sessions.ended",
    "token.created",
    "token.revoked",
    "view_as.began",
    "view_as.ended",
    "export.made",
    "export.log_made",
    "export.unusual",
    "import.undone",
    "webhook.created",
    "webhook.changed",
    "webhook.secret_renewed",
    "webhook.removed",
    "index.ordered",
    "index.dropped",
    "setting.changed",
    "mail.sent",
    "mail.failed",
    "backup.made",
    "backup.restored",
    "site.moved",
)
"""Every deed that is logged; its words are the messages ``deed.`` + its name, dots as they are."""


def log_deed(
    connection: Connection,
    context: Context,
    deed: str,
    about: str = "",
    details: Mapping[str, Any] | None = None,
    *,
    marked: bool = False,
) -> None:
    """Write a line of the system log.

    Call it in the transaction of the deed: neither is there without the other.

    Args:
        connection: that transaction.
        context: who does it, when, from where, in which request.
        deed: one of `DEEDS`.
        about: to whom or what it is done, as people read it: a name, a key, an address.
        details: more of it as JSON: numbers, keys, what was before and after. Never a secret.
        marked: administrators should look at it.

    Raises:
        ValueError: ``deed`` is none of `DEEDS`.
    """
    if deed not in DEEDS:
        raise ValueError(deed)
    connection.execute(
        insert(system_log).values(
            at=context.now,
            by=context.actor.user_id,
            by_name=context.actor.name,
            address=context.address,
            request_id=context.request_id,
            deed=deed,
            about=about[:ABOUT_LENGTH],
            details=dict(details or {}),
            marked=marked,
        )
    )
