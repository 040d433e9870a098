"""The platform's tables of what was done beside records, and of the seals over all logs."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table, Text

from engine.storage.kernel_tables import KERNEL
from engine.storage.types import BigId, Instant, Json

system_log = Table(
    "heddle_system_log",
    KERNEL,
    Column("id", BigId, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("by", BigId),
    Column("by_name", Text, nullable=False, default=""),
    Column("address", Text, nullable=False, default=""),
    Column("request_id", Text, nullable=False, default=""),
    Column("deed", Text, nullable=False),  # one of engine.audit.deeds.DEEDS
    Column("about", Text, nullable=False, default=""),  # whom or what, as people read it then
    Column("details", Json, nullable=False),
    Column("marked", Boolean, nullable=False, default=False),  # an administrator should look
    sqlite_autoincrement=True,
)
Index("heddle_system_log_at", system_log.c.at, system_log.c.id)
Index("heddle_system_log_by", system_log.c.by, system_log.c.at, system_log.c.id)
Index("heddle_system_log_deed", system_log.c.deed, system_log.c.at, system_log.c.id)

seal = Table(
    "heddle_seal",
    KERNEL,
    Column("number", BigId, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("log", Text, nullable=False),  # name of the sealed table
    Column("form", Integer, nullable=False),  # which columns are sealed, and how they are written
    Column("first", BigId, nullable=False),  # ids from here …
    Column("last", BigId, nullable=False),  # … to here: whatever is not in it was never there
    Column("count", BigId, nullable=False),
    Column("rows", LargeBinary, nullable=False),  # of each row its id and its hash
    Column("digest", Text, nullable=False),  # of ``rows``
    Column("previous", Text, nullable=False),  # hash of the seal before, "" of the first
    Column("hash", Text, nullable=False, unique=True),
    comment="the chain of seals over the logs",
)
Index("heddle_seal_log", seal.c.log, seal.c.last)
