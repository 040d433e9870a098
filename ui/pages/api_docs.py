"""The API on a page of our own: what the reader may call right now, by object."""

from dataclasses import dataclass
from typing import Any

from litestar import Response, get

from engine.access.roles import Rights, rights_of
from engine.storage.snapshot import BoundObject, Unit
from metadata.model import say
from ui.api.objects import readable
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.frame import show
from ui.request import PageRequest
from ui.security.rights import SIGNED_IN

CALLS = (
    ("read_list", "GET", "/api/v1/records/{object}"),
    ("create", "POST", "/api/v1/records/{object}"),
    ("read", "GET", "/api/v1/records/{object}/{{id}}"),
    ("update", "PATCH", "/api/v1/records/{object}/{{id}}"),
    ("delete", "DELETE", "/api/v1/records/{object}/{{id}}"),
    ("restore", "POST", "/api/v1/records/{object}/{{id}}/actions/restore"),
    ("import", "POST", "/api/v1/imports/{object}"),
    ("export", "POST", "/api/v1/exports/{object}"),
)
"""Action that grants it, method, address."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call that the reader may make."""

    method: str
    address: str
    text: str


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field as the API knows it."""

    key: str
    label: str
    type: str
    required: bool
    readonly: bool


@dataclass(frozen=True, slots=True)
class ObjectDocs:
    """An object's part of the page."""

    key: str
    label: str
    calls: tuple[Call, ...]
    fields: tuple[FieldRow, ...]


@get("/api/docs", name="api.docs", right=SIGNED_IN, sync_to_thread=True)
def show_docs(request: PageRequest, site: GivenSite, context: GivenContext) -> Response[Any]:
    """Show the page."""
    language = context.locale.language
    with site.read(context) as unit:
        rights = rights_of(unit)
        parts = [_part(unit, rights, key, language) for key in rights.objects()]
        title = translate(language, "api_docs.title")
        return show(request, unit, "api/docs.html", title=title, objects=parts)


def _part(unit: Unit, rights: Rights, key: str, language: str) -> ObjectDocs:
    bound = unit.snapshot.object(key)
    calls = tuple(
        Call(method, address.format(object=key), translate(language, f"api_docs.{action}"))
        for action, method, address in CALLS
        if rights.allows(key, action)
    )
    fields = tuple(_rows(rights, bound, language))
    return ObjectDocs(key, say(bound.definition.label, language), calls, fields)


def _rows(rights: Rights, bound: BoundObject, language: str) -> list[FieldRow]:
    return [
        FieldRow(
            key=field.key,
            label=say(field.definition.label, language),
            type=translate(language, f"field_type.{field.definition.type}"),
            required=field.definition.required,
            readonly=field.definition.readonly
            or rights.field_level(bound.key, field.key) != "edit",
        )
        for field in readable(rights, bound)
    ]


ROUTES = [show_docs]
