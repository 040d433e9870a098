"""The frame around every page: menu by rights, quick create, who is signed in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.access.roles import Rights, rights_of
from engine.logs.wanted import SHAPES
from engine.storage.snapshot import Unit
from metadata.catalog import SCREENS
from metadata.model import MenuDef, MenuItemDef, Site, say
from ui.i18n import LANGUAGES, translate
from ui.security.visitor import PageContext

ADMINISTRATION = "administration"
DESIGNER = "/designer"
LOGS = "/logs"
SCREEN = "screen"
ROLES = "/roles"
ADDRESSES = {"roles": ROLES}
"""Where the screens of the platform are that a menu may open."""
NO_ICON = "table"
AT_THE_THUMB = 3
"""How many entries of the menu a phone shows below."""
OWN_NAMES = {"zh-CN": "简体中文", "en": "English"}
"""Each language in its own words, whatever language the page has."""


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of a menu."""

    label: str
    icon: str
    url: str


@dataclass(frozen=True, slots=True)
class NavGroup:
    """Entries under a title; ``label`` may be empty."""

    label: str
    items: tuple[NavItem, ...]


@dataclass(frozen=True, slots=True)
class Navigation:
    """What somebody with these rights can go to."""

    groups: tuple[NavGroup, ...]
    foot: tuple[NavItem, ...]
    creatable: tuple[NavItem, ...]

    @property
    def entries(self) -> tuple[NavItem, ...]:
        """Give every entry of the menu, from top to bottom."""
        return (*(item for group in self.groups for item in group.items), *self.foot)

    @property
    def shortcuts(self) -> tuple[NavItem, ...]:
        """Give the entries that a phone shows at the thumb."""
        return self.entries[:AT_THE_THUMB]

    @property
    def home(self) -> str:
        """Give the address of the first entry; "" when nothing is open to this person."""
        return self.entries[0].url if self.entries else ""


@dataclass(frozen=True, slots=True)
class Note:
    """A short notice of what was just done; ``url`` leads to ``more`` about it."""

    text: str
    tone: str = "good"
    url: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """What the frame's templates need; ``active`` is the address of the menu entry shown."""

    navigation: Navigation
    language: str
    theme: str
    site_name: str
    csrf: str
    user_name: str
    user_id: int = 0
    active: str = ""
    query: str = ""
    notes: tuple[Note, ...] = ()
    account: tuple[NavItem, ...] = ()

    @property
    def groups(self) -> tuple[NavGroup, ...]:
        """Give the groups of the menu."""
        return self.navigation.groups

    @property
    def foot(self) -> tuple[NavItem, ...]:
        """Give the entries at the foot of the menu."""
        return self.navigation.foot

    @property
    def shortcuts(self) -> tuple[NavItem, ...]:
        """Give the entries that a phone shows at the thumb."""
        return self.navigation.shortcuts

    @property
    def creatable(self) -> tuple[NavItem, ...]:
        """Give what can be created from anywhere."""
        return self.navigation.creatable

    @property
    def languages(self) -> tuple[tuple[str, str], ...]:
        """Give the languages one can choose, each under its own name."""
        return tuple((code, OWN_NAMES[code]) for code in LANGUAGES)


def shell_of(
    unit: Unit,
    visitor: PageContext,
    *,
    active: str = "",
    query: str = "",
    notes: tuple[Note, ...] = (),
) -> Shell:
    """Make the frame for one answer."""
    return Shell(
        navigation=navigation_of(unit),
        language=visitor.language,
        theme=visitor.theme,
        site_name=translate(visitor.language, "shell.site_name"),
        csrf=visitor.csrf,
        user_name=visitor.actor.name,
        user_id=visitor.actor.user_id or 0,
        active=active,
        query=query,
        notes=notes,
        account=() if visitor.viewer else (_profile(visitor.language),),
    )


def navigation_of(unit: Unit) -> Navigation:
    """Give the menus of the unit's actor, composed once per version, roles and language."""
    actor, language = unit.context.actor, unit.context.locale.language
    key = ("navigation", actor.roles, actor.superadmin, language)
    return unit.snapshot.once(key, lambda: _navigation(unit, language))


def _profile(language: str) -> NavItem:
    return NavItem(translate(language, "profile.title"), "circle-user", "/profile")


def list_address(site: Site, opens: str) -> str:
    """Give the address that a menu entry opens; "" for what this site does not have."""
    kind, _, key = opens.partition("/")
    if kind == SCREEN:
        return ADDRESSES.get(key, "")
    if kind == "list" and key in site.lists:
        return f"/o/{site.lists[key].object}"
    if kind == "object" and key in site.objects:
        return f"/o/{key}"
    return ""


def _navigation(unit: Unit, language: str) -> Navigation:
    site, rights = unit.snapshot.site, rights_of(unit)
    menus = [menu for key, menu in site.menus.items() if key != ADMINISTRATION]
    groups = [group for menu in menus for group in _groups(site, menu, rights, language)]
    foot: list[NavItem] = []
    if ADMINISTRATION in site.menus:
        for group in _groups(site, site.menus[ADMINISTRATION], rights, language):
            foot.extend(group.items)
    if any(rights.admin(shape.right) for shape in SHAPES.values()):
        foot.append(NavItem(translate(language, "logs.title"), "scroll-text", LOGS))
    if rights.admin("metadata"):
        foot.append(NavItem(translate(language, "shell.designer"), "wrench", DESIGNER))
    return Navigation(tuple(groups), tuple(foot), _creatable(site, groups, rights, language))


def _groups(site: Site, menu: MenuDef, rights: Rights, language: str) -> Iterator[NavGroup]:
    single: list[NavItem] = []
    for key, item in menu.items.items():
        if not item.items:
            single += _entries(site, menu.key, {key: item}, rights, language)
            continue
        if single:
            yield NavGroup("", tuple(single))
            single = []
        found = _entries(site, menu.key, item.items, rights, language)
        if found:
            yield NavGroup(say(item.label, language) if item.label else "", tuple(found))
    if single:
        yield NavGroup("", tuple(single))


def _entries(
    site: Site,
    menu_key: str,
    items: Mapping[str, MenuItemDef],
    rights: Rights,
    language: str,
) -> list[NavItem]:
    found = []
    for key, item in items.items():
        url = list_address(site, item.opens)
        if not url or not rights.menu(menu_key, key) or not _opens(rights, item.opens, url):
            continue
        definition = site.objects.get(url.removeprefix("/o/"))
        label = item.label or (definition.plural if definition is not None else {"": key})
        icon = item.icon or (definition.icon if definition is not None else "") or NO_ICON
        found.append(NavItem(say(label, language), icon, url))
    return found


def _opens(rights: Rights, opens: str, url: str) -> bool:
    """Tell whether somebody may see what a menu entry opens."""
    kind, _, key = opens.partition("/")
    if kind == SCREEN:
        return rights.admin(SCREENS[key])
    return rights.allows(url.removeprefix("/o/"), "read_list")


def _creatable(
    site: Site, groups: list[NavGroup], rights: Rights, language: str
) -> tuple[NavItem, ...]:
    found = []
    for group in groups:
        for item in group.items:
            key = item.url.removeprefix("/o/")
            if key in site.objects and rights.allows(key, "create"):
                label = say(site.objects[key].label, language)
                found.append(NavItem(label, item.icon, f"{item.url}/new"))
    return tuple(found)
