"""Scopes of a token: words that leave a part of its user's rights, never more than those."""

from collections.abc import Iterable, Sequence

from engine.context import Actor, Limits
from engine.errors import FieldError, Forbidden, InvalidInput

OBJECT = "object:"
WORDS = ("read", "write", "metadata", "publish", "admin")
"""What a scope may say, beside ``object:`` and an object's key."""
READING = frozenset({"read", "read_list", "export"})
METADATA = frozenset({"metadata", "packs"})
"""Administration rights that ``metadata`` leaves."""
MOST = 50


def parse_scopes(words: Iterable[str], objects: Iterable[str]) -> tuple[str, ...]:
    """Check the scopes of a new token; none at all means that nothing is narrowed.

    Args:
        words: as somebody typed them.
        objects: the keys of the objects there are.

    Raises:
        InvalidInput: an unknown word or object, objects without ``read`` or ``write``, too many.
    """
    known = {*WORDS, *(OBJECT + key for key in objects)}
    found = tuple(dict.fromkeys(word.strip() for word in words))
    errors = [
        FieldError("scopes", "unknown_scope", {"scope": word, "known": ", ".join(WORDS)})
        for word in found
        if word not in known
    ]
    if len(found) > MOST:
        errors.append(FieldError("scopes", "too_many", {"most": MOST}))
    if found and all(word.startswith(OBJECT) for word in found):
        errors.append(FieldError("scopes", "scope_says_nothing"))
    if errors:
        raise InvalidInput(errors)
    return found


def limits_of_scopes(scopes: Sequence[str]) -> Limits | None:
    """Give what stored scopes leave; None when there are none."""
    if not scopes:
        return None
    words = set(scopes)
    objects = frozenset(word.removeprefix(OBJECT) for word in scopes if word.startswith(OBJECT))
    return Limits(
        reads=bool(words & {"read", "write"}),
        writes="write" in words,
        metadata=bool(words & {"metadata", "publish"}),
        publishes="publish" in words,
        admin="admin" in words,
        objects=objects or None,
    )


def leaves(limits: Limits | None, object_key: str, action: str) -> bool:
    """Tell whether a token's limits leave an action on records."""
    if limits is None:
        return True
    if limits.objects is not None and object_key not in limits.objects:
        return False
    return limits.writes or (limits.reads and action in READING)


def leaves_admin(limits: Limits | None, right: str) -> bool:
    """Tell whether a token's limits leave an administration right."""
    if limits is None:
        return True
    return limits.metadata if right in METADATA else limits.admin


def require_publishing(actor: Actor) -> None:
    """Refuse to publish with a token that may only draft.

    Raises:
        Forbidden: its scopes do not hold ``publish``.
    """
    if actor.limits is not None and not actor.limits.publishes:
        raise Forbidden(object="", action="publish")
