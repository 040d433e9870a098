"""Stars: the records that one person wants at hand. Nobody else sees them."""

from collections.abc import Callable

from engine.errors import FieldError, InvalidInput
from engine.personal.store import Body, change_personal, list_personal, read_personal
from engine.query.stars import KIND, MOST_STARS, ids_in, memo_key
from engine.storage.snapshot import Unit
from metadata.errors import PlatformError

ABILITY = "star"


class NoStars(PlatformError):
    """Records of the object cannot be starred."""

    code = "no_stars"
    status = 404


def has_stars(unit: Unit, object_key: str) -> bool:
    """Tell whether records of an object can be starred."""
    found = unit.snapshot.objects.get(object_key)
    return found is not None and found.definition.has(ABILITY)


def starred(unit: Unit, object_key: str) -> tuple[int, ...]:
    """Give the actor's starred records of an object, the newest star first.

    They may be out of his reach by now, or gone: whoever shows them reads them by right.
    """
    return ids_in(read_personal(unit, KIND, object_key))[::-1]


def starred_everywhere(unit: Unit) -> dict[str, tuple[int, ...]]:
    """Give the actor's starred records of all objects: object -> ids, the newest star first."""
    found = {key: ids_in(body)[::-1] for key, body in list_personal(unit, KIND).items()}
    return {key: ids for key, ids in found.items() if has_stars(unit, key)}


def add_star(unit: Unit, object_key: str, record_id: int) -> None:
    """Star a record; the caller has read it by the actor's right.

    Raises:
        NoStars: the object has none.
        InvalidInput: he has starred too many.
    """
    _check(unit, object_key)

    def change(body: Body) -> Body:
        ids = ids_in(body)
        if record_id not in ids and len(ids) >= MOST_STARS:
            raise InvalidInput([FieldError("", "too_many_stars", {"most": MOST_STARS})])
        return {"ids": [*(one for one in ids if one != record_id), record_id]}

    _change(unit, object_key, change)


def remove_star(unit: Unit, object_key: str, record_id: int) -> None:
    """Take a star away, also from a record that is out of reach by now.

    Raises:
        NoStars: the object has none.
    """
    _check(unit, object_key)

    def change(body: Body) -> Body:
        kept = [one for one in ids_in(body) if one != record_id]
        return {"ids": kept} if kept else {}

    _change(unit, object_key, change)


def _change(unit: Unit, object_key: str, change: Callable[[Body], Body]) -> None:
    change_personal(unit, KIND, object_key, change)
    unit.memo.pop(memo_key(object_key), None)


def _check(unit: Unit, object_key: str) -> None:
    if not has_stars(unit, object_key):
        raise NoStars(object=object_key)
