"""The first records that packs bring: planted after a publish, never forced on anybody."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select

from engine.context import SYSTEM, Context
from engine.publish.apply import publish_draft
from engine.publish.draft import Draft, discard_draft
from engine.publish.live import LiveSite
from engine.publish.packs import draft_packs, initialise
from engine.records.change import change
from engine.records.create import create
from engine.records.shape import load_live, shape_of
from engine.records.writing import Writing
from engine.remap import remap_options
from engine.storage.kernel_tables import setting
from engine.storage.snapshot import Unit
from metadata.errors import PlatformError
from metadata.load import Pack

TRUSTED = Writing(system_fields=True, unversioned=True, check_links=False)
UNTOUCHED = 1
"""The version of a record that nobody has changed since it was planted."""


def install_first(live: LiveSite, packs: Sequence[Pack] | None = None) -> bool:
    """Create what an empty database needs, publish the first packs and plant their seeds.

    Safe to repeat; tells whether the packs were published now.
    """
    published = initialise(live, packs)
    plant_seeds(live)
    remap_options(live)
    return published


def install_packs(
    live: LiveSite,
    context: Context,
    packs: Sequence[Pack],
    changes: Sequence[dict[str, Any]] = (),
    *,
    note: str = "",
    merges: bool = False,
) -> int:
    """Publish ``packs`` as those that are installed, and plant their seeds; gives the version.

    A draft that cannot be published leaves nothing behind. ``merges``: see `draft_packs`.

    Raises:
        MetadataInvalid: they do not fit together, or with what was changed on site.
        DraftOutdated: somebody published in between.
    """
    with live.write(context) as unit:
        draft = draft_packs(unit, packs, changes, note=note, merges=merges)
    try:
        return release(live, context, draft)
    except PlatformError:
        with live.write(context) as unit:
            discard_draft(unit, draft.id)
        raise


def release(live: LiveSite, context: Context, draft: Draft) -> int:
    """Publish a draft; plant the seeds of the packs it brings, settle the options they removed."""
    number = publish_draft(live, context, draft)
    if draft.packs is not None:
        plant_seeds(live)
        remap_options(live)
    return number


def plant_seeds(live: LiveSite) -> int:
    """Create what is not planted yet, and bring up to date what its mode says.

    Returns:
        How many records were created or changed.
    """
    context = Context(actor=SYSTEM, now=live.clock())
    with live.write(context) as unit:
        planted = _planted(unit)
        count = 0
        for pack in unit.snapshot.site.packs.values():
            for object_key, seed in pack.seeds.items():
                for row, values in seed["rows"].items():
                    key = f"seed:{pack.key}:{object_key}:{row}"
                    known = planted.get(key)
                    if known is None:
                        _plant(unit, key, object_key, values)
                        count += 1
                    else:
                        count += _renew(unit, object_key, known, values, seed["mode"])
    return count


def _planted(unit: Unit) -> dict[str, int]:
    rows = unit.connection.execute(
        select(setting.c.key, setting.c.value).where(setting.c.key.startswith("seed:"))
    )
    return {row.key: int(row.value) for row in rows}


def _plant(unit: Unit, key: str, object_key: str, values: Mapping[str, Any]) -> None:
    made = create(unit, object_key, values, writing=TRUSTED)
    unit.connection.execute(insert(setting).values(key=key, value=made.id))


def _renew(
    unit: Unit, object_key: str, record_id: int, values: Mapping[str, Any], mode: str
) -> int:
    """Write a seed again where its mode wants it; a record that was deleted stays deleted."""
    if mode == "once":
        return 0
    try:
        held = load_live(unit, shape_of(unit, object_key), record_id)
    except PlatformError:
        return 0
    if mode == "if_untouched" and held.version != UNTOUCHED:
        return 0
    written = change(unit, object_key, record_id, values, version=None, writing=TRUSTED)
    return 1 if written.changes else 0
