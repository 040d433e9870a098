"""Lists, scenes, forms, pages and menus."""

from collections.abc import Mapping
from typing import Any

from metadata.compile_objects import to_text, to_text_or_none
from metadata.conditions import parse_condition
from metadata.documents import Document
from metadata.model import (
    ColumnDef,
    DetailDef,
    DetailTabDef,
    FormDef,
    FormTabDef,
    KanbanDef,
    ListDef,
    MenuDef,
    MenuItemDef,
    SceneDef,
    SectionDef,
)

_PERSONAL = ("columns", "order", "width", "sort", "page_size")


def columns_from(raw: Mapping[str, Mapping[str, Any]]) -> dict[str, ColumnDef]:
    """Compile columns, in order."""
    return {
        path: ColumnDef(
            path=path,
            label=to_text_or_none(column.get("label")),
            width=column.get("width"),
            pin=column.get("pin", ""),
            align=column.get("align", ""),
            opens=column.get("opens", ""),
        )
        for path, column in raw.items()
    }


def list_from(document: Document) -> ListDef:
    """Compile a list."""
    body = document.body
    return ListDef(
        key=document.key,
        object=body["object"],
        columns=columns_from(body["columns"]),
        sort=tuple(body.get("sort", ("-updated_at",))),
        page_size=body.get("page_size", 20),
        density=body.get("density", "compact"),
        scenes=body.get("scenes", {}),
        row_actions=tuple(body.get("row_actions", ())),
        bulk_actions=tuple(body.get("bulk_actions", ())),
        footer=body.get("footer", {}),
        view=body.get("view", "table"),
        kanban=_kanban(body.get("kanban")),
        calendar=body.get("calendar", {}).get("date", ""),
        personal=tuple(body.get("personal", _PERSONAL)),
    )


def _kanban(raw: Mapping[str, Any] | None) -> KanbanDef | None:
    if raw is None:
        return None
    return KanbanDef(by=raw["by"], sum=raw.get("sum", ""), card=tuple(raw.get("card", ())))


def scene_from(document: Document) -> SceneDef:
    """Compile a scene."""
    body = document.body
    return SceneDef(
        key=document.key,
        object=body["object"],
        label=to_text(body["label"]),
        where=parse_condition(body.get("where")),
        sort=tuple(body.get("sort", ())),
        count=body.get("count", False),
        roles=tuple(body.get("roles", ())),
    )


def form_from(document: Document) -> FormDef:
    """Compile a form."""
    return FormDef(
        key=document.key,
        object=document.body["object"],
        tabs={
            key: FormTabDef(
                key=key,
                label=to_text_or_none(tab.get("label")),
                sections={
                    name: SectionDef(
                        key=name,
                        label=to_text_or_none(section.get("label")),
                        columns=section.get("columns", 2),
                        visible_if=parse_condition(section.get("visible_if")),
                        items=section["items"],
                    )
                    for name, section in tab["sections"].items()
                },
            )
            for key, tab in document.body["tabs"].items()
        },
    )


def detail_from(document: Document) -> DetailDef:
    """Compile the page of a record."""
    body = document.body
    header = body["header"]
    return DetailDef(
        key=document.key,
        object=body["object"],
        title=header["title"],
        badges=tuple(header.get("badges", ())),
        facts=tuple(header.get("facts", ())),
        tabs={
            key: DetailTabDef(
                key=key,
                type=tab["type"],
                label=to_text_or_none(tab.get("label")),
                form=tab.get("form", ""),
                list=tab.get("list", ""),
                columns=columns_from(tab.get("columns", {})),
                create=tab.get("create", False),
            )
            for key, tab in body["tabs"].items()
        },
        side=body.get("side", {}),
    )


def menu_from(document: Document) -> MenuDef:
    """Compile a menu."""
    return MenuDef(
        key=document.key,
        label=to_text(document.body["label"]),
        items=_items_from(document.body["items"]),
    )


def _items_from(raw: Mapping[str, Mapping[str, Any]]) -> dict[str, MenuItemDef]:
    return {
        key: MenuItemDef(
            key=key,
            label=to_text_or_none(item.get("label")),
            icon=item.get("icon", ""),
            opens=item.get("opens", ""),
            items=_items_from(item.get("items", {})),
        )
        for key, item in raw.items()
    }
