"""Who runs the jobs of this package, for a `JobRunner`."""

from engine.publish.deferred import (
    CONVERT,
    INDEX_BUILD,
    INDEX_DROP,
    PURGE_FIELD,
    REQUIRED_CHECK,
    SEARCH_REBUILD,
    UNIQUE_CHECK,
)
from engine.upkeep.convert import convert
from engine.upkeep.index_build import build, drop
from engine.upkeep.purge_field import purge_field
from engine.upkeep.required_check import check_required
from engine.upkeep.search_rebuild import rebuild
from engine.upkeep.unique_check import check_unique
from engine.worker.runner import Handler
from engine.worker.steps import in_steps

UPKEEP = (
    INDEX_BUILD, INDEX_DROP, UNIQUE_CHECK, REQUIRED_CHECK, SEARCH_REBUILD, CONVERT, PURGE_FIELD,
)  # fmt: skip


def upkeep_handlers() -> dict[str, Handler]:
    """Give what runs each kind."""
    return {
        INDEX_BUILD: in_steps(build),
        INDEX_DROP: in_steps(drop),
        UNIQUE_CHECK: in_steps(check_unique),
        REQUIRED_CHECK: in_steps(check_required),
        SEARCH_REBUILD: in_steps(rebuild),
        CONVERT: in_steps(convert),
        PURGE_FIELD: in_steps(purge_field),
    }
