"""The platform's own tables: everything that is not a record of an object.

All names begin with ``heddle_``. Times are UTC instants. Foreign keys exist only among these
tables, never to or between tables of objects.
"""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from engine.storage.search_index import Tokens
from engine.storage.types import BigId, CurrentTransaction, Instant, Json

KERNEL = MetaData()

# --- metadata versions ------------------------------------------------------------------------

pointer = Table(
    "heddle_pointer",
    KERNEL,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("version", BigId, nullable=False),
    comment="which metadata version is served; moved by the publish transaction alone",
)

version = Table(
    "heddle_version",
    KERNEL,
    Column("number", BigId, primary_key=True, autoincrement=False),
    Column("layers", Text, nullable=False),  # canonical JSON of packs and the local layer
    Column("hash", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", BigId),
    Column("by_name", Text, nullable=False, default=""),
    Column("note", Text, nullable=False, default=""),
    Column("changes", Json, nullable=False),  # readable summary: [{document, path, op, label}]
    Column("rolls_back_to", BigId),
)

draft = Table(
    "heddle_draft",
    KERNEL,
    Column("id", BigId, primary_key=True),
    Column("base", BigId, nullable=False),
    Column("changes", Json, nullable=False),  # in order, as api.md's drafts
    Column("packs", Text),  # canonical JSON of the packs to serve, when they change
    Column("note", Text, nullable=False, default=""),
    Column("by", BigId),
    Column("by_name", Text, nullable=False, default=""),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("published_as", BigId),
    Column("merges", Boolean, nullable=False, default=False),  # also what pinned packs leave alone
    sqlite_autoincrement=True,
)

object_ledger = Table(
    "heddle_object",
    KERNEL,
    Column("id", BigId, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("table_name", Text, nullable=False, unique=True),
    Column("since", BigId, nullable=False),  # metadata version
    sqlite_autoincrement=True,
)

field_ledger = Table(
    "heddle_field",
    KERNEL,
    Column("id", BigId, primary_key=True),
    Column("object_id", BigId, ForeignKey("heddle_object.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("columns", Json, nullable=False),  # physical names, in the order of the type's columns
    Column("side_table", Text),
    Column("unique_column", Text),
    Column("since", BigId, nullable=False),
    Column("retired", BigId),  # the version that gave the key to another field, or up
    Column("became", BigId),  # the field of another type that its values were converted to
    Column("unproven", Boolean, nullable=False, default=False),  # unique, without its index yet
    sqlite_autoincrement=True,
)
Index(
    "heddle_field_live",
    field_ledger.c.object_id,
    field_ledger.c.key,
    unique=True,
    sqlite_where=field_ledger.c.retired.is_(None),
    postgresql_where=field_ledger.c.retired.is_(None),
)

worker = Table(
    "heddle_worker",
    KERNEL,
    Column("id", Text, primary_key=True),
    Column("version", BigId, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("problem", Text, nullable=False, default=""),
)

setting = Table(
    "heddle_setting",
    KERNEL,
    Column("key", Text, primary_key=True),
    Column("value", Json, nullable=False),
)

# --- records ----------------------------------------------------------------------------------

history = Table(
    "heddle_history",
    KERNEL,
    Column("id", BigId, primary_key=True),
    Column("object_id", BigId, nullable=False),
    Column("record_id", BigId, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", BigId),
    Column("by_name", Text, nullable=False, default=""),
    Column("address", Text, nullable=False, default=""),
    Column("action", Text, nullable=False),
    Column("version", BigId, nullable=False),  # the record's version after it
    Column("request_id", Text, nullable=False, default=""),
    Column("changes", Json, nullable=False),  # [[field id, old, new, old text, new text], …]
    sqlite_autoincrement=True,
)
Index("heddle_history_record", history.c.object_id, history.c.record_id, history.c.id)
Index("heddle_history_at", history.c.at, history.c.id)
Index("heddle_history_by", history.c.by, history.c.at, history.c.id)
Index("heddle_history_object", history.c.object_id, history.c.at, history.c.id)

search = Table(
    "heddle_search",
    KERNEL,
    Column("id", BigId, primary_key=True),
    Column("object_id", BigId, nullable=False),
    Column("record_id", BigId, nullable=False),
    Column("tokens", Tokens, nullable=False),
    Column("texts", Text, nullable=False),  # JSON: field id -> its normalised text
    Column("tokenizer", Integer, nullable=False),
    UniqueConstraint("object_id", "record_id", name="heddle_search_record"),
    sqlite_autoincrement=True,
)
Index("heddle_search_tokens", search.c.tokens, postgresql_using="gin").ddl_if(dialect="postgresql")

number = Table(
    "heddle_number",
    KERNEL,
    Column("rule", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("last", BigId, nullable=False),
)

# --- queue ------------------------------------------------------------------------------------

event = Table(
    "heddle_event",
    KERNEL,
    Column("id", BigId, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),  # record.created …
    Column("object_id", BigId),
    Column("record_id", BigId),
    Column("by", BigId),
    Column("data", Json),
    Column("xact", BigId, server_default=CurrentTransaction()),
    sqlite_autoincrement=True,
)
Index("heddle_event_order", event.c.xact, event.c.id).ddl_if(dialect="postgresql")

webhook = Table(
    "heddle_webhook",
    KERNEL,
    Column("id", BigId, primary_key=True),
    Column("user_id", BigId, nullable=False),  # whose rights decide what is sent
    Column("url", Text, nullable=False),
    Column("kinds", Json, nullable=False),  # names of events; none: all of them
    Column("objects", Json, nullable=False),  # keys of objects; none: all of them
    Column("note", Text, nullable=False, default=""),
    Column("active", Boolean, nullable=False),
    Column("salt", Text, nullable=False),  # with the key file it gives the secret
    Column("check", Text, nullable=False),  # tells whether the key file is still the same
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

delivery = Table(
    "heddle_delivery",
    KERNEL,
    Column("id", BigId, primary_key=True),
    Column("webhook_id", BigId, nullable=False),
    Column("event_id", BigId),  # NULL: a trial
    Column("kind", Text, nullable=False),
    Column("object_id", BigId),
    Column("record_id", BigId),
    Column("at", Instant, nullable=False),
    Column("by", BigId),
    Column("data", Json),
    Column("state", Text, nullable=False),  # queued sending done failed skipped
    Column("tries", Integer, nullable=False, default=0),
    Column("ready_at", Instant, nullable=False),
    Column("leased_until", Instant),
    Column("status", Integer),  # of the last answer
    Column("error", Text, nullable=False, default=""),  # a code, when there was no answer
    Column("ended_at", Instant),
    UniqueConstraint("webhook_id", "event_id", name="heddle_delivery_once"),
    sqlite_autoincrement=True,
)
Index(
    "heddle_delivery_ready",
    delivery.c.state,
    delivery.c.ready_at,
    sqlite_where=delivery.c.state.in_(["queued", "sending"]),
    postgresql_where=delivery.c.state.in_(["queued", "sending"]),
)

job = Table(
    "heddle_job",
    KERNEL,
    Column("id", BigId, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("key", Text, unique=True),  # at most one job of this key, ever
    Column("payload", Json, nullable=False),
    Column("state", Text, nullable=False),  # queued running done failed cancelled dead
    Column("by", BigId),
    Column("created_at", Instant, nullable=False),
    Column("ready_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("tries", Integer, nullable=False, default=0),
    Column("worker", Text),
    Column("fence", BigId, nullable=False, default=0),  # grows with every claim
    Column("leased_until", Instant),
    Column("cancel_asked", Boolean, nullable=False, default=False),
    Column("done", BigId, nullable=False, default=0),
    Column("total", BigId),
    Column("counts", Json, nullable=False),
    Column("mark", Json),  # where the next step goes on
    Column("result", Json),
    Column("problem", Json),  # why the last try ended: {code, params}
    sqlite_autoincrement=True,
)
Index(
    "heddle_job_ready",
    job.c.state,
    job.c.ready_at,
    sqlite_where=job.c.state.in_(["queued", "running"]),
    postgresql_where=job.c.state.in_(["queued", "running"]),
)

job_error = Table(
    "heddle_job_error",
    KERNEL,
    Column("id", BigId, primary_key=True),
    Column("job_id", BigId, ForeignKey("heddle_job.id"), nullable=False, index=True),
    Column("row", BigId, nullable=False),  # as the file counts: the header is row 1
    Column("column", Text, nullable=False),  # the file's header, "" for the row as a whole
    Column("code", Text, nullable=False),
    Column("params", Json, nullable=False),
    sqlite_autoincrement=True,
)

job_row = Table(
    "heddle_job_row",
    KERNEL,
    Column("job_id", BigId, ForeignKey("heddle_job.id"), primary_key=True),
    Column("place", BigId, primary_key=True, autoincrement=False),  # of one object: its id
    Column("object_id", BigId, nullable=False, default=0),  # 0: the object of the job
    Column("record_id", BigId, nullable=False),
    Column("state", Text, nullable=False),  # waiting done skipped failed
    Column("code", Text, nullable=False, default=""),
    Column("params", Json),
    Column("version", BigId),  # the record's version after it: an undo asks for this very one
    Column("before", Json),  # what an undo brings back
    comment="the records of a bulk action, chosen once; what became of each, and how to undo it",
)

deferred = Table(
    "heddle_deferred",
    KERNEL,
    Column("id", BigId, primary_key=True),
    Column("kind", Text, nullable=False),  # index unique required search convert purge
    Column("object_id", BigId, nullable=False),
    Column("field_id", BigId, nullable=False),  # 0: the object as a whole
    Column("name", Text, nullable=False),  # of the index; "" for others
    Column("columns", Json),  # of an index that an administrator chose: field keys in order
    Column("state", Text, nullable=False),  # building ready blocked
    Column("job_id", BigId),
    Column("by", BigId),
    Column("at", Instant, nullable=False),
    UniqueConstraint("kind", "object_id", "field_id", "name", name="heddle_deferred_once"),
    comment="what a publish or an administrator left to jobs, and how far it is",
    sqlite_autoincrement=True,
)

slow_list = Table(
    "heddle_slow_list",
    KERNEL,
    Column("id", Text, primary_key=True),  # hash of what follows
    Column("object_id", BigId, nullable=False),
    Column("shape", Json, nullable=False),  # operators, fields and order; never values
    Column("seen", BigId, nullable=False),
    Column("total_us", BigId, nullable=False),
    Column("longest_us", BigId, nullable=False),
    Column("last_at", Instant, nullable=False),
    comment="lists that took long, by their shape",
)

recomputing = Table("heddle_recomputing", KERNEL,  # computed fields that a job computes again
    Column("job_id", BigId, ForeignKey("heddle_job.id"), primary_key=True, autoincrement=False),
    Column("object_id", BigId, nullable=False, index=True),
    Column("field_ids", Json, nullable=False), Column("reach", Json, nullable=False),
)  # fmt: skip

file = Table(
    "heddle_file",
    KERNEL,
    Column("id", Text, primary_key=True),  # random: it is part of addresses
    Column("name", Text, nullable=False),
    Column("size", BigId, nullable=False),
    Column("by", BigId),
    Column("created_at", Instant, nullable=False),
    Column("purpose", Text, nullable=False),  # import, export
)

content = Table(
    "heddle_content",
    KERNEL,
    Column("digest", Text, primary_key=True),  # SHA-256 of its bytes: its name on disk
    Column("size", BigId, nullable=False),
    Column("created_at", Instant, nullable=False),
)

attachment = Table(
    "heddle_attachment",
    KERNEL,
    Column("id", Text, primary_key=True),  # random: it is part of addresses
    Column("digest", Text, nullable=False, index=True),
    Column("thumb", Text, index=True),  # digest of its small picture; NULL: it is no picture
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),  # media type, of what its bytes are
    Column("size", BigId, nullable=False),
    Column("by", BigId),
    Column("created_at", Instant, nullable=False),
    Column("object_id", Integer),  # where it belongs, or belonged
    Column("field_id", Integer),
    Column("record_id", BigId),  # NULL: nobody's yet
    Column("kept_until", Instant, index=True),  # NULL: as long as its record has it
)
Index("heddle_attachment_record", attachment.c.object_id, attachment.c.record_id)
