"""The platform's tables of who may: teams of records, who stands in a slot, the organisation."""

from sqlalchemy import Column, Index, Integer, Table, Text

from engine.storage.kernel_tables import KERNEL
from engine.storage.types import BigId, Instant

team = Table(
    "heddle_team",
    KERNEL,
    Column("object_id", BigId, primary_key=True, autoincrement=False),
    Column("record_id", BigId, primary_key=True, autoincrement=False),
    Column("user_id", BigId, primary_key=True, autoincrement=False),
    Column("level", Text, nullable=False),  # read write
    Column("expires_at", Instant),  # NULL: until somebody ends it
    Column("added_by", BigId),
    Column("added_at", Instant, nullable=False),
    comment="who maintains a record together with its owner",
)
Index(  # all that a list asks: the table is never looked at
    "heddle_team_user",
    team.c.user_id,
    team.c.object_id,
    team.c.record_id,
    team.c.level,
    team.c.expires_at,
)
Index(
    "heddle_team_expiry",
    team.c.expires_at,
    sqlite_where=team.c.expires_at.is_not(None),
    postgresql_where=team.c.expires_at.is_not(None),
)

slot = Table(
    "heddle_slot",
    KERNEL,
    Column("document", Text, primary_key=True),  # role/<key>, …
    Column("slot", Text, primary_key=True),  # chosen_departments, …
    Column("kind", Text, primary_key=True),  # the object whose records stand in it
    Column("record_id", BigId, primary_key=True, autoincrement=False),
    comment="who stands in the places that documents name: documents name no person themselves",
)

organisation = Table(
    "heddle_organisation",
    KERNEL,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("stamp", BigId, nullable=False),
    comment="changes, in the same transaction, with whatever decides who stands below whom",
)
