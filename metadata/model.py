"""The frozen model that documents compile to: plain values, no behaviour but look-ups.

Every mapping keeps the order of the effective documents. Nothing here changes after it is made,
so a `Site` is shared by all threads and by every version that did not change the part.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from metadata.computed import FOLLOWS, Computed, Following
from metadata.conditions import Node

Text = Mapping[str, str]
"""Language -> text. A document's plain string is ``{"": text}``. Never empty."""


class _Empty(Mapping[str, Any]):
    """A mapping of nothing that is hashable, as the default of a frozen dataclass must be."""

    __slots__ = ()

    def __getitem__(self, key: str) -> Any:
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "{}"


EMPTY: Mapping[str, Any] = _Empty()


def say(text: Text, language: str) -> str:
    """Give ``text`` in ``language``, else as a plain string, else in its first language."""
    return text.get(language) or text.get("") or next(iter(text.values()))


@dataclass(frozen=True, slots=True)
class OptionDef:
    """One choice of a select, multi_select or tags field."""

    key: str
    label: Text
    color: str = ""  # grey | red | amber | green | blue | violet | "" (none)
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDef:
    """A property of an object.

    ``props`` holds what only this type knows (``max_length``, ``scale``, ``currency``, ``min``,
    ``max``, ``to``, ``where``, ``on_delete``, ``inverse``, ``copies``, ``country``, ``depth``,
    ``rule``, ``allow_new`` …), as the document says it, checked by the type's schema.
    """

    key: str
    type: str
    label: Text
    help: Text | None = None
    required: bool = False
    required_if: Node | None = None
    visible_if: Node | None = None
    readonly: bool = False
    readonly_if: Node | None = None
    options_if: Mapping[str, Node] = EMPTY  # option -> when it is offered; others always are
    unique: bool = False
    search: bool = False
    sortable: bool = False
    personal: bool = False
    default: Any = None
    sample: Any = None
    options: Mapping[str, OptionDef] = EMPTY  # resolved: own ones or those of ``options_from``
    options_from: str = ""
    origin: str = "kernel"  # "kernel", a pack's key, or "local"
    system: bool = False  # brought by the kernel or an ability; never redeclared
    props: Mapping[str, Any] = EMPTY
    computed: Computed | None = None  # how the engine fills it; ``type`` is that of the result
    follows: Following | None = None  # whose value it takes until somebody overrides it

    @property
    def is_virtual(self) -> bool:
        """Tell whether the value is computed at each read, and stands in no column."""
        return self.computed is not None and self.computed.virtual

    @property
    def derived(self) -> Computed | None:
        """Give how the engine makes the value, always or until somebody overrides it."""
        if self.follows is not None:
            return Computed(kind=FOLLOWS, field=self.follows.field)
        return self.computed


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionDef:
    """Something that can be done with a record; each is a right of its own."""

    key: str
    label: Text
    form: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    set: Mapping[str, Any] = EMPTY
    when: Node | None = None
    icon: str = ""
    confirm: Text | None = None  # what is asked before it is done
    bulk: bool = False
    then: str = ""  # the action that is offered next, where it may be done
    platform: bool = False  # the platform knows what it does; the document names it
    standard: bool = True  # of the kernel or an ability; False: declared by the document
    right: bool = True  # False: everybody who may read the record may do it


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDef:
    """A cross-field check: where ``when`` holds, ``check`` must hold too."""

    key: str
    when: Node | None
    check: Node
    message: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectDef:
    """A kind of thing. ``fields`` holds system, ability and own fields, in display order."""

    key: str
    label: Text
    plural: Text
    icon: str
    name_field: str
    abilities: Mapping[str, Mapping[str, Any]]
    fields: Mapping[str, FieldDef]
    rules: Mapping[str, RuleDef] = EMPTY
    actions: Mapping[str, ActionDef] = EMPTY
    customise: Mapping[str, Any] = EMPTY
    origin: str = "kernel"

    def has(self, ability: str) -> bool:
        """Tell whether the object declares ``ability``."""
        return ability in self.abilities


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDef:
    """A column of a list: ``path`` is a field or a path over at most two links."""

    path: str
    label: Text | None = field(default=None, hash=False)
    width: int | None = None
    pin: str = ""
    align: str = ""
    opens: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KanbanDef:
    """A list as columns of cards: one for each option of ``by``; ``sum``: what each adds up."""

    by: str
    sum: str = ""
    card: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDef:
    """How the records of an object are listed. ``sort``: field keys, ``-`` means descending.

    ``view`` is how it opens: table, kanban or calendar; ``calendar`` is the field of the day.
    """

    key: str
    object: str
    columns: Mapping[str, ColumnDef]
    sort: tuple[str, ...] = ("-updated_at",)
    page_size: int = 20
    density: str = "compact"
    scenes: Mapping[str, Mapping[str, Any]] = EMPTY
    row_actions: tuple[str, ...] = ()
    bulk_actions: tuple[str, ...] = ()
    footer: Mapping[str, str] = EMPTY
    view: str = "table"
    kanban: KanbanDef | None = None
    calendar: str = ""
    personal: tuple[str, ...] = ("columns", "order", "width", "sort", "page_size")


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneDef:
    """A saved filter. ``where`` is None when it keeps everything."""

    key: str
    object: str
    label: Text
    where: Node | None = None
    sort: tuple[str, ...] = ()
    count: bool = False
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionDef:
    """A group of fields in a form; ``items``: field key -> layout (``width`` 50 or 100)."""

    key: str
    label: Text | None = None
    columns: int = 2
    visible_if: Node | None = None
    items: Mapping[str, Mapping[str, Any]] = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class FormTabDef:
    """A tab of a form."""

    key: str
    label: Text | None
    sections: Mapping[str, SectionDef]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormDef:
    """Where the fields of an object stand on its form."""

    key: str
    object: str
    tabs: Mapping[str, FormTabDef]


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailTabDef:
    """A tab of a record page. ``type``: form, related, history, timeline, files."""

    key: str
    type: str
    label: Text | None = None
    form: str = ""
    list: str = ""  # the key of a related list (an ``inverse`` key)
    columns: Mapping[str, ColumnDef] = EMPTY
    create: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailDef:
    """The record page: what stands in the header and which tabs follow."""

    key: str
    object: str
    title: str
    badges: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    tabs: Mapping[str, DetailTabDef] = EMPTY
    side: Mapping[str, Mapping[str, Any]] = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItemDef:
    """An entry (``opens`` = "object/key", "list/key" …) or a group (``items``) of a menu."""

    key: str
    label: Text | None = None
    icon: str = ""
    opens: str = ""
    items: Mapping[str, "MenuItemDef"] = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuDef:
    """A navigation menu."""

    key: str
    label: Text
    items: Mapping[str, MenuItemDef]


@dataclass(frozen=True, slots=True)
class FieldGrant:
    """What a role may do with a field.

    ``level`` is hidden, read or edit; ``mask`` is "" (none), list or always.
    """

    level: str = "edit"
    mask: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectGrant:
    """``actions``: action -> data scope ("all" where the document says true)."""

    actions: Mapping[str, str]
    fields: Mapping[str, FieldGrant] = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDef:
    """Rights that people hold together. What it does not name is denied."""

    key: str
    label: Text
    objects: Mapping[str, ObjectGrant]
    menus: Mapping[str, frozenset[str]] = EMPTY
    admin: frozenset[str] = frozenset()
    sealed: bool = False
    require_totp: bool = False
    group: Text | None = field(default=None, hash=False)  # under what it is listed
    description: Text | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRuleDef:
    """How numbers are made; ``segments``: key -> {text} | {date, format, or} | {digits, …}."""

    key: str
    object: str
    field: str
    segments: Mapping[str, Mapping[str, Any]]
    separator: str = "-"
    manual: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionSetDef:
    """Options shared by fields."""

    key: str
    label: Text
    options: Mapping[str, OptionDef]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackDef:
    """The manifest of a pack."""

    key: str
    label: Text
    version: str
    engine: str
    languages: tuple[str, ...]
    requires: Mapping[str, str] = EMPTY
    conflicts: Mapping[str, str] = EMPTY
    policy: Mapping[str, str] = EMPTY
    renames: Mapping[str, Any] = EMPTY
    removed: Mapping[str, Any] = EMPTY
    seeds: Mapping[str, Any] = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class InverseDef:
    """A related list: records of ``object`` whose link ``field`` points here."""

    key: str
    label: Text
    object: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Everything a company sees, compiled from the effective documents of one version."""

    packs: Mapping[str, PackDef] = EMPTY
    objects: Mapping[str, ObjectDef] = EMPTY
    option_sets: Mapping[str, OptionSetDef] = EMPTY
    lists: Mapping[str, ListDef] = EMPTY
    scenes: Mapping[str, SceneDef] = EMPTY
    forms: Mapping[str, FormDef] = EMPTY
    details: Mapping[str, DetailDef] = EMPTY
    menus: Mapping[str, MenuDef] = EMPTY
    roles: Mapping[str, RoleDef] = EMPTY
    number_rules: Mapping[str, NumberRuleDef] = EMPTY
    related: Mapping[str, Mapping[str, InverseDef]] = EMPTY  # object -> related list key -> def
    default_lists: Mapping[str, str] = EMPTY  # object -> list key (made up when no document says)
    default_forms: Mapping[str, str] = EMPTY
    default_details: Mapping[str, str] = EMPTY
    languages: tuple[str, ...] = ("zh-CN", "en")
    hashes: Mapping[str, str] = field(default_factory=dict)  # "kind/key" -> content hash

    def list_of(self, object_key: str) -> ListDef:
        """Give the default list of an object."""
        return self.lists[self.default_lists[object_key]]

    def form_of(self, object_key: str) -> FormDef:
        """Give the default form of an object."""
        return self.forms[self.default_forms[object_key]]

    def detail_of(self, object_key: str) -> DetailDef:
        """Give the default record page of an object."""
        return self.details[self.default_details[object_key]]
