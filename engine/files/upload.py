"""Taking files in: first the bytes, outside any transaction, then their row inside one."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from sqlalchemy import func, insert, select, text

from engine.fields.file import FileRef
from engine.files.attachments import NEW_KEPT, new_id
from engine.files.content import MEGABYTE, ContentStore, Incoming
from engine.files.errors import FileRefused, QuotaExceeded
from engine.files.kinds import KINDS, PICTURES, extension_of, media_type_of
from engine.files.names import safe_name
from engine.files.pictures import write_anew
from engine.files.upkeep import plan_sweep
from engine.storage.kernel_tables import attachment, content
from engine.storage.snapshot import BoundField, Unit
from metadata.model import FieldDef

IMAGE = "image"
_LOCK = text("SELECT pg_advisory_xact_lock(72160901)")
_SHOWN = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What an installation takes: bytes of one file, bytes of all, extensions."""

    largest: int
    quota: int
    types: frozenset[str]


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that has come in and may be kept."""

    name: str
    type: str
    content: Incoming
    thumb: Incoming | None = None

    def throw_away(self) -> None:
        """Remove what was not kept."""
        self.content.path.unlink(missing_ok=True)
        if self.thumb is not None:
            self.thumb.path.unlink(missing_ok=True)


def types_of(field: FieldDef, limits: Limits | None = None) -> frozenset[str]:
    """Give the extensions that a field takes, within what the installation takes."""
    known = PICTURES if field.type == IMAGE else frozenset(KINDS)
    if limits is not None:
        known &= limits.types
    own = field.props.get("types")
    return known & frozenset(own) if own else known


def largest_of(field: FieldDef, limits: Limits) -> int:
    """Give the bytes that one file of a field may have."""
    own = field.props.get("max_size")
    return min(int(own) * MEGABYTE, limits.largest) if own else limits.largest


def take_in(
    store: ContentStore, limits: Limits, field: FieldDef, name: str, blocks: Iterable[bytes]
) -> Arrived:
    """Take the bytes of a file in and find out what it is.

    Args:
        store: where they go.
        limits: what the installation takes.
        field: what it is meant for.
        name: what its owner calls it.
        blocks: its bytes, never all at once.

    Raises:
        FileTooLarge: it has more bytes than the field takes.
        FileRefused: ``type_not_allowed``, ``empty``, or as `media_type_of` and `write_anew` say.
    """
    name = safe_name(name)
    taken = types_of(field, limits)
    if extension_of(name) not in taken:
        raise FileRefused(reason="type_not_allowed", name=name, types=", ".join(sorted(taken)))
    incoming = store.receive(blocks, largest_of(field, limits))
    try:
        if not incoming.size:
            raise FileRefused(reason="empty", name=name)
        media_type = media_type_of(name, incoming.head)
    except FileRefused:
        incoming.path.unlink(missing_ok=True)
        raise
    if field.type != IMAGE:
        return Arrived(name, media_type, incoming)
    picture = write_anew(store, incoming, name)
    shown = PurePosixPath(name)
    if KINDS[extension_of(name)].type != picture.type:
        shown = shown.with_suffix(_SHOWN[picture.type])
    return Arrived(str(shown), picture.type, picture.content, picture.thumb)


def keep(
    unit: Unit, store: ContentStore, limits: Limits, arrived: Arrived, bound: BoundField
) -> FileRef:
    """Keep a file as its uploader's, until a record takes it.

    Raises:
        QuotaExceeded: the installation keeps as much as it may.
    """
    hold_contents(unit)
    for incoming in (arrived.content, arrived.thumb):
        if incoming is not None:
            _keep_content(unit, store, limits, incoming)
    made = FileRef(new_id(), arrived.name, arrived.type, arrived.content.size)
    unit.connection.execute(
        insert(attachment).values(
            id=made.id,
            digest=arrived.content.digest,
            thumb=arrived.thumb.digest if arrived.thumb else None,
            name=made.name,
            type=made.type,
            size=made.size,
            by=unit.context.actor.user_id,
            created_at=unit.context.now,
            field_id=bound.id,
            kept_until=unit.context.now + NEW_KEPT,
        )
    )
    plan_sweep(unit)
    return made


def hold_contents(unit: Unit) -> None:
    """Keep others from adding or removing contents until the end of the transaction."""
    if unit.connection.dialect.name == "postgresql":
        unit.connection.execute(_LOCK)


def used(unit: Unit) -> int:
    """Give the bytes of all contents."""
    return int(unit.connection.scalar(select(func.coalesce(func.sum(content.c.size), 0))) or 0)


def _keep_content(unit: Unit, store: ContentStore, limits: Limits, incoming: Incoming) -> None:
    known = select(content.c.digest).where(content.c.digest == incoming.digest)
    if unit.connection.scalar(known) is None:
        if used(unit) + incoming.size > limits.quota:
            raise QuotaExceeded(most=limits.quota // MEGABYTE)
        unit.connection.execute(
            insert(content).values(
                digest=incoming.digest, size=incoming.size, created_at=unit.context.now
            )
        )
    store.keep(incoming)
