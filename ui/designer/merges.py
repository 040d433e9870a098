"""What other packs mean for the site, in words: conflicts, what is kept, what sleeps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.publish.plan import Choice, Merge
from engine.publish.settling import identity
from metadata.errors import Problem
from metadata.load import Kept, Pack
from metadata.model import say
from metadata.overrides import entries_of
from ui.designer.sentences import property_label, shown
from ui.i18n import has_text, translate


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldConflict:
    """A conflict in words; ``id`` names its choice in a form."""

    id: str
    name: str
    where: str
    base: str
    mine: str
    theirs: str
    side: str
    stranded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldFile:
    """A problem of a file in words; ``place`` is file:line:column."""

    place: str
    text: str
    hint: str


@dataclass(frozen=True, slots=True)
class Move:
    """A pack that comes, changes its version, or goes; "" stands for not there."""

    key: str
    label: str
    before: str
    after: str


def tell_conflicts(choices: Sequence[Choice], language: str) -> list[ToldConflict]:
    """Tell conflicts with the three values, and what was chosen."""
    return [_conflict(one, language) for one in choices]


def _conflict(choice: Choice, language: str) -> ToldConflict:
    one = choice.conflict
    last = next((place for _, place in reversed(list(entries_of(one.path)))), "")
    rest = one.path[len(last) :].strip("/").split("/")
    name = say(one.label, language) if one.label else last.rpartition("/")[2] or one.document
    if rest[0]:
        inner = f" ({rest[1]})" if len(rest) > 1 else ""
        name = f"{name} · {property_label(rest[0], language)}{inner}"
    return ToldConflict(
        id=identity(choice),
        name=name,
        where=f"{one.document} › {one.path}",
        base=_value(one.base, language),
        mine=_value(one.mine, language),
        theirs=_value(one.theirs, language),
        side=choice.side,
        stranded=one.stranded,
    )


def _value(value: Any, language: str) -> str:
    if isinstance(value, Mapping) and not value:
        return translate(language, "designer.there")
    return shown(value, language)


def tell_kept(merge: Merge, language: str) -> list[str]:
    """Tell what packs left out, and what sleeps until its pack is back."""
    lines = [_kept(one, language) for one in merge.kept]
    return [
        *lines,
        *(translate(language, "designer.asleep", document=name) for name in merge.asleep),
    ]


def _kept(one: Kept, language: str) -> str:
    kind = "option" if "options/" in one.path else "field" if one.path else "document"
    word = f"designer.kept.{kind}_{'hidden' if one.hidden else 'shown'}"
    name = say(one.label, language) if one.label else one.path.rpartition("/")[2]
    return translate(language, word, name=name, pack=one.pack, document=one.document)


def moves(before: Sequence[Pack], after: Sequence[Pack], language: str) -> list[Move]:
    """Tell which packs come, change and go."""
    old, new = {one.key: one for one in before}, {one.key: one for one in after}
    found = []
    for key in dict.fromkeys([*old, *new]):
        was, will = old.get(key), new.get(key)
        if was is not None and will is not None and was.dump() == will.dump():
            continue
        shown_pack = will or was
        label = shown_pack.manifest.body.get("label") if shown_pack is not None else None
        found.append(
            Move(
                key,
                say(label, language) if isinstance(label, Mapping) and label else key,
                was.version if was is not None else "",
                will.version if will is not None else "",
            )
        )
    return found


def tell_files(problems: Sequence[Problem], language: str) -> list[ToldFile]:
    """Tell the problems of an archive, each with file, line and column."""
    return [_file(one, language) for one in problems]


def _file(problem: Problem, language: str) -> ToldFile:
    hint = f"problem.{problem.code}.hint"
    place = problem.file or " › ".join(part for part in (problem.document, problem.path) if part)
    if problem.line:
        place = f"{place}:{problem.line}:{problem.column}"
    return ToldFile(
        place=place,
        text=translate(language, f"problem.{problem.code}", **problem.params),
        hint=translate(language, hint, **problem.params) if has_text(language, hint) else "",
    )
