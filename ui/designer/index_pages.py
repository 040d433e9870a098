"""The index advisor: slow lists that were seen, indexes that would help, what each costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from engine.errors import UnknownField
from engine.query.paths import resolve
from engine.storage.snapshot import BoundObject, Unit
from engine.upkeep.advice import (
    ChosenIndex,
    SlowList,
    add_index,
    chosen_indexes,
    remove_index,
    slow_lists,
)
from engine.upkeep.slow_lists import KeepSlowLists, forget
from metadata.model import say
from ui.given import GivenContext, GivenSite
from ui.i18n import translate
from ui.pages.forms_read import Form, all_of
from ui.pages.frame import go, show
from ui.pages.job_view import moment
from ui.pages.sentences import operator_label, path_label
from ui.request import PageRequest
from ui.security.rights import ADMIN

METADATA = f"{ADMIN}metadata"
PATH = "/designer/indexes"
TONES = {"ready": "green", "building": "blue", "blocked": "red"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowView:
    """A slow list in words."""

    id: str
    object_key: str
    object_label: str
    list_url: str
    text: str
    seen: str
    average: str
    longest: str
    last_at: str
    columns: tuple[str, ...]
    index_text: str
    cost_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexView:
    """An added index in words."""

    id: int
    object_label: str
    text: str
    state: str
    tone: str
    job_url: str
    at: str


@get(PATH, name="designer.indexes", sync_to_thread=True, right=METADATA)
def show_indexes(request: PageRequest, site: GivenSite, context: GivenContext) -> Response[Any]:
    """Show what was slow and what was built."""
    KeepSlowLists()(site)  # what was noticed a moment ago is shown, too
    with site.read(context) as unit:
        return show(
            request,
            unit,
            "designer/indexes.html",
            title=translate(context.locale.language, "indexes.title"),
            active="/designer",
            slow=[_slow(unit, one) for one in slow_lists(unit)],
            built=[_built(unit, one) for one in chosen_indexes(unit)],
        )


@post(PATH, name="designer.indexes_add", sync_to_thread=True, status_code=303, right=METADATA)
def submit_index(
    request: PageRequest, site: GivenSite, context: GivenContext, data: Form
) -> Response[Any]:
    """Have an index built."""
    with site.write(context) as unit:
        add_index(unit, str(data.get("object", "")), tuple(all_of(data, "column")))
    site.job_bell.set()
    return go(request, PATH, "index_ordered")


@post(
    f"{PATH}/{{number:int}}/drop",
    name="designer.indexes_drop",
    sync_to_thread=True,
    status_code=303,
    right=METADATA,
)
def submit_drop(
    request: PageRequest, site: GivenSite, context: GivenContext, number: FromPath[int]
) -> Response[Any]:
    """Have an added index dropped."""
    with site.write(context) as unit:
        remove_index(unit, number)
    site.job_bell.set()
    return go(request, PATH, "index_dropped")


@post(f"{PATH}/forget", name="designer.indexes_forget", sync_to_thread=True, status_code=303,
      right=METADATA)  # fmt: skip
def submit_forget(
    request: PageRequest, site: GivenSite, context: GivenContext, data: Form
) -> Response[Any]:
    """Forget a slow list; it comes back when it is slow again."""
    with site.write(context) as unit:
        forget(unit.connection, str(data.get("id", "")))
    return go(request, PATH)


def _slow(unit: Unit, one: SlowList) -> SlowView:
    locale, bound = unit.context.locale, unit.snapshot.object(one.object)
    language = locale.language
    return SlowView(
        id=one.id,
        object_key=one.object,
        object_label=say(bound.definition.plural, language),
        list_url=f"/o/{one.object}",
        text=_told(unit, bound, one.shape),
        seen=f"{one.seen:,}",
        average=translate(language, "indexes.ms", count=f"{one.average_ms:,.0f}"),
        longest=translate(language, "indexes.ms", count=f"{one.longest_ms:,.0f}"),
        last_at=moment(one.last_at, locale),
        columns=one.columns,
        index_text=_columns(unit, bound, one.columns),
        cost_text=_cost(one, language),
    )


def _cost(one: SlowList, language: str) -> str:
    if one.cost is None:
        return ""
    return translate(
        language,
        "indexes.cost",
        rows=f"{one.cost.rows:,}",
        size=f"{one.cost.megabytes:,.1f}",
        seconds=f"{max(one.cost.seconds, 0.1):,.1f}",
        write=f"{one.cost.write_us / 1000:.2f}",
    )


def _built(unit: Unit, one: ChosenIndex) -> IndexView:
    locale = unit.context.locale
    bound = unit.snapshot.objects.get(one.object)
    return IndexView(
        id=one.id,
        object_label=say(bound.definition.plural, locale.language) if bound else one.object,
        text=_columns(unit, bound, one.columns) if bound else ", ".join(one.columns),
        state=translate(locale.language, f"indexes.state.{one.state}"),
        tone=TONES[one.state],
        job_url=f"/jobs/{one.job}" if one.job else "",
        at=moment(one.at, locale),
    )


def _told(unit: Unit, bound: BoundObject, shape: Mapping[str, Any]) -> str:
    """Tell the shape of a list in a sentence; there are no values in it."""
    language = unit.context.locale.language
    kind = "indexes.counted" if shape["kind"] == "count" else "indexes.listed"
    parts = [translate(language, kind)]
    if shape["scope"] == "owners":
        parts.append(translate(language, "indexes.own"))
    for path, op in shape["tests"]:
        parts.append(_test(unit, bound, path, op))
    for word in ("more", "search", "bin"):
        if shape[word]:
            parts.append(translate(language, f"indexes.{word}"))
    if shape["sort"]:
        parts.append(
            translate(language, "indexes.sorted", fields=_columns(unit, bound, shape["sort"]))
        )
    return " · ".join(parts)


def _test(unit: Unit, bound: BoundObject, text: str, op: str) -> str:
    language = unit.context.locale.language
    try:
        path = resolve(unit.snapshot, bound, text)
    except UnknownField:
        return text
    return f"{path_label(path, language)} {operator_label(op, path.field, language)}"


def _columns(unit: Unit, bound: BoundObject, columns: Any) -> str:
    language, found = unit.context.locale.language, []
    for text in columns:
        try:
            label = path_label(resolve(unit.snapshot, bound, text.lstrip("-")), language)
        except UnknownField:
            label = text.lstrip("-")
        found.append(f"{label} ↓" if text.startswith("-") else label)
    return ", ".join(found)


ROUTES: list[Any] = [show_indexes, submit_index, submit_drop, submit_forget]
