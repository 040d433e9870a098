"""The palette: records, screens and actions behind one field that opens anywhere."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from urllib.parse import urlencode

from litestar import Response, get

from engine.access.roles import rights_of
from engine.fields.initials import initials_of
from engine.fields.link import LARGEST_ID
from engine.personal.stars import starred_everywhere
from engine.query.search import Hit
from engine.query.tokens import normal
from engine.records.find import find_each, look_up
from engine.storage.snapshot import Unit
from metadata.model import say
from ui.given import GivenContext, GivenSite
from ui.i18n import LANGUAGES, translate
from ui.pages.frame import redirect, show
from ui.pages.search import MOST_QUERY, facts_text
from ui.request import PageRequest
from ui.security.rights import SIGNED_IN
from ui.shell import NO_ICON, OWN_NAMES, NavItem, navigation_of

FEW, MANY = 6, 12
"""So many of each kind; records that were found are more."""
FITTING = 4
"""Of actions and of screens, before the records; and of the records of one object."""

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Command:
    """Something to go to or to do.

    ``press``: it presses what this selector finds on the page, where it has no address.
    ``about``: what it is done with, whose initials find it too.
    """

    label: str
    icon: str
    url: str = ""
    press: str = ""
    note: str = ""
    about: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class CommandGroup:
    """Commands of one kind."""

    key: str
    label: str
    items: tuple[Command, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """A command, its label as search compares it, and the initials it may begin with."""

    command: Command
    label: str
    initials: str

    def fits(self, word: str) -> bool:
        """Tell whether a word of a query stands in the label, or begins some initials."""
        return word in self.label or f" {word}" in self.initials

    def begins(self, word: str) -> bool:
        """Tell whether the label begins so, or its initials."""
        return self.label.startswith(word) or self.initials.startswith(f" {word}")


@dataclass(frozen=True, slots=True)
class Commands:
    """What somebody can always go to or do."""

    actions: tuple[Known, ...]
    screens: tuple[Known, ...]


@get("/palette", name="palette", sync_to_thread=True, right=SIGNED_IN)
def show_palette(
    request: PageRequest, site: GivenSite, context: GivenContext
) -> Response[str] | Response[None]:
    """Give what fits ``q``; without it what is at hand: opened records (``recent``), stars."""
    query = str(request.query_params.get("q", "")).strip()[:MOST_QUERY]
    if not request.wants_partial:
        return redirect(f"/search?{urlencode({'q': query})}")
    recent = read_places(str(request.query_params.get("recent", "")))
    with site.read(context) as unit:
        groups = _fitting(unit, query) if query else _at_hand(unit, recent)
        return show(
            request, unit, "palette/_list.html", title="", asked=query, groups=_numbered(groups)
        )


def read_places(text: str) -> list[Place]:
    """Read ``object/id,object/id``; what is no place is passed over."""
    found: list[Place] = []
    for one in text.split(",")[:MANY]:
        key, _, number = one.partition("/")
        digits = number.isascii() and number.isdigit() and len(number) <= len(str(LARGEST_ID))
        if key.isidentifier() and digits and 0 < int(number) <= LARGEST_ID:
            found.append((key, int(number)))
    return found


def _at_hand(unit: Unit, recent: Sequence[Place]) -> Iterator[CommandGroup]:
    commands = _commands(unit)
    yield _group(unit, "recent", _records(unit, look_up(unit, recent)[:FEW]))
    stars = [(key, one) for key, ids in starred_everywhere(unit).items() for one in ids[:FEW]]
    yield _group(unit, "starred", _records(unit, look_up(unit, stars[:MANY])))
    yield _group(unit, "actions", (one.command for one in commands.actions))
    yield _group(unit, "screens", (one.command for one in commands.screens))


def _fitting(unit: Unit, query: str) -> Iterator[CommandGroup]:
    commands = _commands(unit)
    words = normal(query).split(" ")
    yield _group(unit, "screens", chosen(commands.screens, words))
    yield _group(unit, "actions", chosen(commands.actions, words))
    yield from _found(unit, query)
    say_all = translate(unit.context.locale.language, "palette.all", query=query)
    address = f"/search?{urlencode({'q': query})}"
    yield _group(unit, "more", [Command(say_all, "search", address)])


def chosen(known: Iterable[Known], words: Sequence[str]) -> list[Command]:
    """Keep what every word fits; what begins with the first comes first."""
    kept = [one for one in known if all(one.fits(word) for word in words)]
    kept.sort(key=lambda one: not one.begins(words[0]))
    return [one.command for one in kept[:FITTING]]


def _found(unit: Unit, query: str) -> Iterator[CommandGroup]:
    """Give the records that fit, those of one object together, in the order of the menu."""
    language = unit.context.locale.language
    found = find_each(unit, query, each=FITTING)
    places = {one.url: at for at, one in enumerate(navigation_of(unit).entries)}
    for key in sorted(found, key=lambda key: places.get(f"/o/{key}", len(places))):
        label = say(unit.snapshot.object(key).definition.plural, language)
        records = _records(unit, found[key], among_others=False)
        yield CommandGroup(f"object-{key}", label, tuple(records))


def _records(unit: Unit, hits: Iterable[Hit], *, among_others: bool = True) -> Iterator[Command]:
    """Draw records; ``among_others``: of other objects, so that each says of which it is."""
    language = unit.context.locale.language
    for hit in hits:
        definition = unit.snapshot.object(hit.object).definition
        kind = [say(definition.label, language)] if among_others else []
        note = " · ".join([*kind, *facts_text(unit, hit)])
        url = f"/o/{hit.object}/{hit.id}"
        yield Command(hit.label or f"#{hit.id}", definition.icon or NO_ICON, url, note=note)


def _group(unit: Unit, key: str, items: Iterable[Command]) -> CommandGroup:
    label = translate(unit.context.locale.language, f"palette.{key}")
    return CommandGroup(key, label, tuple(items))


def _numbered(groups: Iterable[CommandGroup]) -> list[CommandGroup]:
    """Leave empty groups out, and number what is left: each option needs a name of its own."""
    found: list[CommandGroup] = []
    numbers = count(1)
    for group in groups:
        items = tuple(replace(item, number=next(numbers)) for item in group.items)
        if items:
            found.append(replace(group, items=items))
    return found


def _commands(unit: Unit) -> Commands:
    """Give what the actor can go to and do, composed once per version, roles and language."""
    actor, language = unit.context.actor, unit.context.locale.language
    return unit.snapshot.once(
        ("palette", actor.roles, actor.superadmin, language),
        lambda: Commands(
            actions=tuple(known(_actions(unit, language))),
            screens=tuple(known(_screens(unit, language))),
        ),
    )


def known(commands: Iterable[Command]) -> Iterator[Known]:
    """Prepare commands to be found."""
    for command in commands:
        label, about = normal(command.label), normal(command.about)
        yield Known(command, label, f" {initials_of(label)} {initials_of(about)}")


def _screens(unit: Unit, language: str) -> Iterator[Command]:
    rights = rights_of(unit)
    entries = navigation_of(unit).entries
    for item in entries:
        yield Command(item.label, item.icon, item.url)
    for name, icon, url in (("job.list", "list-checks", "/jobs"),
                            ("profile.title", "circle-user", "/profile")):  # fmt: skip
        yield Command(translate(language, name), icon, url)
    for key, label in _listed(unit, entries, language):
        if rights.allows(key, "restore"):
            said = translate(language, "palette.bin", name=label)
            yield Command(said, "trash-2", f"/o/{key}/bin", about=label)


def _actions(unit: Unit, language: str) -> Iterator[Command]:
    rights, navigation = rights_of(unit), navigation_of(unit)
    for item in navigation.creatable:
        said = translate(language, "palette.new", name=item.label)
        yield Command(said, "plus", item.url, about=item.label)
    listed = list(_listed(unit, navigation.entries, language))
    for key, label in listed:
        if rights.allows(key, "import"):
            said = translate(language, "palette.import", name=label)
            yield Command(said, "upload", f"/o/{key}/import", about=label)
    if rights.admin("metadata"):
        for key, label in listed:
            said = translate(language, "palette.customise", name=label)
            yield Command(said, "wrench", f"/designer/object/{key}", about=label)
    yield Command(translate(language, "shell.theme"), "moon", press=".h-top [data-theme]")
    for code in LANGUAGES:
        if code != language:
            press = f'form[action="/language"] button[value="{code}"]'
            yield Command(OWN_NAMES[code], "languages", press=press)
    press = 'form[action="/sign-out"] button'
    yield Command(translate(language, "shell.sign_out"), "log-out", press=press)


def _listed(unit: Unit, entries: Iterable[NavItem], language: str) -> Iterator[tuple[str, str]]:
    for item in entries:
        key = item.url.removeprefix("/o/")
        if key in unit.snapshot.objects:
            yield key, say(unit.snapshot.object(key).definition.plural, language)


ROUTES = [show_palette]
