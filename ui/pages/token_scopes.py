"""Scopes of a token as the form offers them, and in words."""

from collections.abc import Sequence

from engine.access.limits import OBJECT, parse_scopes
from engine.access.roles import rights_of
from engine.storage.snapshot import Unit
from metadata.model import say
from ui.i18n import has_text, translate

OFFERED = ("", "read", "write", "read metadata")
"""What may be done with a token; "" is all that the person may."""
WITHIN = ("read", "write")
"""Of these a part may be taken: one object."""


def chosen_scopes(unit: Unit, words: str, object_key: str) -> tuple[str, ...]:
    """Give the scopes of a choice; of one object alone nothing but its records is left.

    Raises:
        InvalidInput: an unknown word or object.
    """
    if object_key:
        words = f"{words if words in WITHIN else 'write'} {OBJECT}{object_key}"
    return parse_scopes(words.split(), unit.snapshot.objects) if words else ()


def objects_to_choose(unit: Unit) -> list[tuple[str, str]]:
    """List the objects that the person may read: key and name."""
    language = unit.context.locale.language
    objects = unit.snapshot.objects
    return [
        (key, say(objects[key].definition.plural, language)) for key in rights_of(unit).objects()
    ]


def scope_text(unit: Unit, scopes: Sequence[str]) -> str:
    """Say what a token leaves of its person's rights; "" when it leaves all."""
    language, objects = unit.context.locale.language, unit.snapshot.objects
    words = [word for word in scopes if not word.startswith(OBJECT)]
    key = f"profile.token_scope.{'_'.join(words)}"
    said = (
        [translate(language, key) if has_text(language, key) else " ".join(words)] if words else []
    )
    for scope in scopes:
        object_key = scope.removeprefix(OBJECT)
        if object_key != scope and object_key in objects:
            said.append(say(objects[object_key].definition.plural, language))
    return " · ".join(said)
