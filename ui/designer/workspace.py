"""The draft that somebody works on, and the site as it would be with it.

Each administrator has one open draft. Every change is saved at once, and only when the whole still
compiles: a draft on the page is sound, unless it was made elsewhere or put on a newer version.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from engine.context import Context
from engine.publish.draft import (
    Draft,
    create_draft,
    discard_draft,
    own_draft,
    rebase_draft,
    save_draft,
)
from engine.publish.live import LiveSite
from engine.publish.plan import compile_draft
from engine.storage.snapshot import Unit
from metadata.documents import Document
from metadata.errors import MetadataInvalid, Problem
from metadata.layers import Layered, Layers, effective
from metadata.load import Compiled
from metadata.model import ObjectDef, Site
from ui.designer.changes import Change, Changes, same

TRIES = 5

Edit = Callable[["Workspace"], Sequence[Change]]
"""Gives the draft's changes as they should be; called again when somebody was faster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A draft in the light of a version.

    Attributes:
        draft: None while nothing was changed.
        served: the version that is served now.
        base: the site that the draft starts from.
        compiled: the site with the draft; ``base`` again when it has problems.
        problems: why the draft cannot be published as it is.
    """

    live: LiveSite
    unit: Unit
    draft: Draft | None
    served: int
    base: Compiled
    compiled: Compiled
    problems: Sequence[Problem] = ()

    @property
    def site(self) -> Site:
        """Give the site with the draft."""
        return self.compiled.site

    @property
    def changes(self) -> Changes:
        """Give the changes of the draft."""
        return self.draft.changes if self.draft is not None else ()

    @property
    def outdated(self) -> bool:
        """Tell whether somebody has published since the draft began."""
        return self.draft is not None and self.draft.base != self.served

    @property
    def language(self) -> str:
        """Give the language of who works."""
        return self.unit.context.locale.language

    @property
    def shipped(self) -> Layered:
        """Give the documents as the packs have them, without what was changed on site."""
        packs = self.base.layers.packs
        return self.unit.snapshot.once(
            ("designer.shipped", self.draft.base if self.draft else self.served),
            lambda: effective(Layers(packs)),
        )

    def object(self, key: str) -> ObjectDef | None:
        """Give an object with the draft; None when there is no such object."""
        return self.site.objects.get(key)

    def document(self, name: str) -> Document | None:
        """Give a document with the draft."""
        return self.compiled.layered.documents.get(name)

    def published(self, name: str) -> Document | None:
        """Give a document without the draft."""
        return self.base.layered.documents.get(name)

    def local(self, name: str) -> Mapping[str, Mapping[str, Any]]:
        """Give what the published version changes on site in a document: path -> entry."""
        return self.base.layers.local.get(name, {})

    def tried(self, changes: Sequence[Change]) -> Compiled:
        """Compile other changes on the same base.

        Raises:
            MetadataInvalid: with every reason why they will not do.
        """
        draft = _draft_of(self.draft, self.unit, self.served)
        return compile_draft(self.live, self.unit.connection, replace(draft, changes=changes))

    def with_changes(self, changes: Sequence[Change]) -> "Workspace":
        """Give the same workspace with other changes, not saved.

        Raises:
            MetadataInvalid: with every reason why they will not do.
        """
        if same(changes, list(self.changes)):
            return self
        draft = replace(_draft_of(self.draft, self.unit, self.served), changes=changes)
        return replace(self, draft=draft, compiled=self.tried(changes))


def open_workspace(live: LiveSite, unit: Unit) -> Workspace:
    """Open the draft of the unit's actor."""
    draft = own_draft(unit)
    served = unit.snapshot.number
    blank = replace(_draft_of(draft, unit, served), changes=())
    base = compile_draft(live, unit.connection, blank)
    compiled = base
    problems: Sequence[Problem] = ()
    if draft is not None and draft.changes:
        try:
            compiled = compile_draft(live, unit.connection, draft)
        except MetadataInvalid as invalid:
            problems = invalid.problems
    return Workspace(
        live=live,
        unit=unit,
        draft=draft,
        served=served,
        base=base,
        compiled=compiled,
        problems=problems,
    )


@contextmanager
def opened_draft(live: LiveSite, context: Context) -> Iterator[Workspace]:
    """Open the actor's draft in a unit of work of its own, to show it."""
    with live.read(context) as unit:
        yield open_workspace(live, unit)


def work(live: LiveSite, context: Context, edit: Edit) -> None:
    """Change the actor's draft and save it.

    Args:
        live: the site.
        context: who works.
        edit: makes the new changes from the workspace.

    Raises:
        MetadataInvalid: with the new changes the draft has problems that it did not have.
    """
    for _ in range(TRIES):
        with live.read(context) as unit:
            workspace = open_workspace(live, unit)
            changes = list(edit(workspace))
            if same(changes, list(workspace.changes)):
                return
            _check(workspace, changes)
            draft = workspace.draft
        if _saved(live, context, draft, changes):
            return
    raise RuntimeError("a draft changed faster than it could be saved")


def rebase(live: LiveSite, context: Context) -> None:
    """Put the actor's draft on the served version.

    What somebody else has hidden or brought back in the meantime is done: the draft's same wish
    would undo it.
    """
    with live.write(context) as unit:
        draft = own_draft(unit)
        if draft is None:
            return
        before = open_workspace(live, unit)
        rebase_draft(unit, draft.id)
        after = open_workspace(live, unit)
        save_draft(unit, draft.id, [one for one in draft.changes if not _done(one, before, after)])


def discard(live: LiveSite, context: Context) -> None:
    """Throw the actor's draft away."""
    with live.write(context) as unit:
        draft = own_draft(unit)
        if draft is not None:
            discard_draft(unit, draft.id)


def _done(change: Mapping[str, Any], before: Workspace, after: Workspace) -> bool:
    if change["op"] != "remove":
        return False
    name, path = change["document"], change["path"]
    return _taken_away(before, name, path) != _taken_away(after, name, path)


def _taken_away(workspace: Workspace, name: str, path: str) -> bool:
    entry = workspace.local(name).get(path, {})
    return entry.get("op") == "remove" or bool(entry.get("removed"))


def _draft_of(draft: Draft | None, unit: Unit, served: int) -> Draft:
    return draft if draft is not None else replace(blank_draft(unit), base=served)


def blank_draft(unit: Unit) -> Draft:
    """Make a draft that changes nothing and is stored nowhere."""
    context = unit.context
    return Draft(
        id=0,
        base=unit.snapshot.number,
        changes=(),
        packs=None,
        note="",
        by=context.actor.user_id,
        by_name=context.actor.name,
        created_at=context.now,
        updated_at=context.now,
    )


def _check(workspace: Workspace, changes: Sequence[Change]) -> None:
    """Refuse new problems; taking a change back out of a broken draft must always work."""
    try:
        workspace.tried(changes)
    except MetadataInvalid as invalid:
        known = {(one.code, one.document, one.path) for one in workspace.problems}
        new = [one for one in invalid.problems if (one.code, one.document, one.path) not in known]
        if new:
            raise MetadataInvalid(new) from invalid


def _saved(
    live: LiveSite, context: Context, seen: Draft | None, changes: Sequence[Change]
) -> bool:
    """Save, unless the draft is not as it was seen."""
    with live.write(context) as unit:
        draft = own_draft(unit)
        if seen is None:
            if draft is not None:
                return False
            create_draft(unit, changes)
            return True
        if draft is None or draft.id != seen.id or not same(draft.changes, seen.changes):
            return False
        if changes or draft.note:
            save_draft(unit, draft.id, changes)
        else:
            discard_draft(unit, draft.id)
        return True
