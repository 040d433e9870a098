"""Export: a job that writes records into a file, a page at a time, from one state of the data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from engine.access.actors import read_actor
from engine.access.roles import rights_of
from engine.context import SYSTEM, Actor, Context, Locale
from engine.errors import FieldError, Forbidden, InvalidInput
from engine.exchange.export_rows import ExportRows
from engine.exchange.log_export import LOG, LogExport
from engine.exchange.logged import EXPORT, USUAL_A_DAY, log_export
from engine.exchange.store import FileStore
from engine.exchange.writers import WRITERS
from engine.files.names import safe_name
from engine.personal.columns import chosen_columns, read_taste
from engine.personal.scenes import my_scenes
from engine.publish.live import LiveSite
from engine.query.listing import ListRequest, Page, read_rows
from engine.query.paths import uses_of
from engine.queue import lease
from engine.queue.enqueue import enqueue
from engine.queue.job import Job
from engine.records.read import count, page, visible_fields
from engine.storage.snapshot import BoundObject, Unit
from engine.worker.runner import Handler
from metadata.conditions import AllOf, Node, parse_condition
from metadata.model import say

Format = Literal["csv", "xlsx"]

ROWS = 500
MOST_ROWS = 1_000_000
MOST_IDS = 10_000
EVERY_FIELD = "*"
HIDDEN_FACTS = frozenset({"version", "deleted_at", "deleted_by"})
ORDER_KEYS = frozenset({"format", "columns", "ids", "scene", "where", "sort", "search"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOrder:
    """An export as ordered.

    Attributes:
        object: which object's records.
        format: of the file.
        columns: paths; none means the list as the person has it, ``*`` every field he may read.
        ids: chosen records; None means all that the rest describes.
        scene: key of a scene.
        where: a condition as JSON has it.
        sort: as in lists.
        search: what the quick search looks for.
        language: of labels.
    """

    object: str
    format: Format = "xlsx"
    columns: tuple[str, ...] = ()
    ids: tuple[int, ...] | None = None
    scene: str = ""
    where: Mapping[str, Any] | None = None
    sort: tuple[str, ...] = ()
    search: str = ""
    language: str = "zh-CN"

    @staticmethod
    def of(payload: Mapping[str, Any]) -> "ExportOrder":
        """Read the payload of a job."""
        tuples = {key: tuple(payload[key]) for key in ("columns", "sort")}
        ids = None if payload["ids"] is None else tuple(payload["ids"])
        return ExportOrder(**{**payload, **tuples, "ids": ids})


def parse_export(object_key: str, raw: Mapping[str, Any], language: str) -> ExportOrder:
    """Read what an API call wants exported.

    Raises:
        InvalidInput: lists everything wrong, unknown keys too.
    """
    errors = [FieldError(key, "unknown_field") for key in sorted(raw.keys() - ORDER_KEYS)]
    ids = raw.get("ids")
    if raw.get("format", "xlsx") not in WRITERS:
        errors.append(FieldError("format", "unknown_format"))
    for key in ("columns", "sort"):
        if not _is_list(raw.get(key, []), str):
            errors.append(FieldError(key, "not_a_list"))
    if ids is not None and (not _is_list(ids, int) or len(ids) > MOST_IDS):
        errors.append(FieldError("ids", "not_a_list"))
    for key in ("scene", "search"):
        if not isinstance(raw.get(key, ""), str):
            errors.append(FieldError(key, "not_text"))
    where = raw.get("where")
    if where is not None and not isinstance(where, Mapping):
        errors.append(FieldError("where", "not_a_mapping"))
    if errors:
        raise InvalidInput(errors)
    return ExportOrder(
        object=object_key,
        format=raw.get("format", "xlsx"),
        columns=tuple(raw.get("columns", ())),
        ids=None if ids is None else tuple(ids),
        scene=raw.get("scene", ""),
        where=where,
        sort=tuple(raw.get("sort", ())),
        search=raw.get("search", ""),
        language=language,
    )


def start_export(live: LiveSite, context: Context, order: ExportOrder) -> int:
    """Order an export; gives the job's id.

    Raises:
        UnknownObject: no such object, or it is out of his rights.
        Forbidden: he may not export it.
        UnknownField: a column, the sort or the condition names what is not there or hidden.
        InvalidInput: the condition or the order does not fit.
    """
    with live.write(context) as unit:
        bound = _exporting(unit, order.object)
        _columns(unit, bound, order)
        if order.ids is None:
            count(unit, _request(unit, order))  # whatever does not fit is told now, not later
        number = enqueue(unit, EXPORT, asdict(order))
    live.job_bell.set()
    return number


def export_handler(files: FileStore, locale: Locale, most_a_day: int = USUAL_A_DAY) -> Handler:
    """Give the handler of export jobs; ``locale`` is the company's, but for the language.

    ``most_a_day``: rows of one person from which on administrators are told.
    """

    def handle(live: LiveSite, job: Job) -> None:
        made = LogExport if LOG in job.payload else _Export
        made(live, job, files, locale, most_a_day).run()

    return handle


def usual_columns(unit: Unit, bound: BoundObject) -> tuple[str, ...]:
    """Give the columns of the list as the actor has it, as far as he may read them."""
    definition = unit.snapshot.site.list_of(bound.key)
    others = [key for key in visible_fields(unit, bound.key) if key not in HIDDEN_FACTS]
    chosen = chosen_columns(definition, read_taste(unit, definition), others)
    return tuple(column.path for column in chosen if _may_read(unit, bound, [column.path]))


class _Export:
    """One run of an export job; one that was cut off is simply run again."""

    def __init__(
        self, live: LiveSite, job: Job, files: FileStore, locale: Locale, most_a_day: int
    ) -> None:
        self._most_a_day = most_a_day
        self._columns: Sequence[str] = ()
        self._live = live
        self._job = job
        self._files = files
        self._order = ExportOrder.of(job.payload)
        self._locale = replace(locale, language=self._order.language)
        self._cancelled = False

    def run(self) -> None:
        """Write the file and end the job."""
        path = self._files.new_path()
        try:
            with self._live.read(self._context()) as system:
                unit = self._as_person(system)
                bound = _exporting(unit, self._order.object)
                name = say(bound.definition.plural, self._order.language)
                done = self._write(unit, bound, path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        if self._cancelled:
            path.unlink(missing_ok=True)
            return
        with self._live.write(self._context()) as unit:
            day = unit.context.today.isoformat()
            owner = replace(unit, context=replace(unit.context, actor=self._owner(unit)))
            full = safe_name(f"{name}-{day}.{self._order.format}")
            kept = self._files.register(owner, path, full, "export")
            lease.save_progress(
                unit.connection, self._job, done=done, total=done, counts={"exported": done}
            )
            result = {"file": kept.id, "name": kept.name}
            lease.finish(unit.connection, self._job, unit.context.now, result=result)
            self._log(owner, done)

    def _log(self, unit: Unit, done: int) -> None:
        order = self._order
        told = {
            "rows": done,
            "columns": list(self._columns),
            "format": order.format,
            "scene": order.scene,
            "where": order.where,
            "search": order.search,
            "chosen": len(order.ids or ()),
            "job": self._job.id,
        }
        kept = {key: value for key, value in told.items() if value or key == "rows"}
        most = self._most_a_day
        log_export(unit, order.object, kept, deed="export.made", most_a_day=most)

    def _write(self, unit: Unit, bound: BoundObject, path: Path) -> int:
        columns = self._columns = _columns(unit, bound, self._order)
        rows = ExportRows(unit, bound, columns, self._locale)
        writer = WRITERS[self._order.format](path, rows.header)
        done = written = 0
        try:
            total = self._total(unit)
            for found in self._pages(unit, rows.own):
                for record in rows.rows(found):
                    written += len(record)
                    _refuse_more(written)
                    for cells in record:
                        writer.row(cells)
                done += len(found.rows)
                if not self._note(done, max(total, done)):
                    break
        finally:
            writer.close()
        return done

    def _total(self, unit: Unit) -> int:
        if self._order.ids is not None:
            return len(self._order.ids)
        total = count(unit, _request(unit, self._order), cap=None).value
        _refuse_more(total)
        return total

    def _pages(self, unit: Unit, columns: Sequence[str]) -> Iterator[Page]:
        """Walk by cursor; the rows themselves are read by the right to export."""
        predicate = rights_of(unit).predicate(self._order.object, EXPORT)
        for ids in self._ids(unit):
            yield read_rows(unit, predicate, self._order.object, ids, columns)

    def _ids(self, unit: Unit) -> Iterator[Sequence[int]]:
        if self._order.ids is not None:
            for first in range(0, len(self._order.ids), ROWS):
                yield self._order.ids[first : first + ROWS]
            return
        request = replace(_request(unit, self._order), columns=("id",), limit=ROWS)
        while True:
            found = page(unit, request)
            yield [row[found.id_index] for row in found.rows]
            if found.next_cursor is None:
                return
            request = replace(request, cursor=found.next_cursor)

    def _note(self, done: int, total: int) -> bool:
        """Save how far the file is; False when somebody asked to stop."""
        with self._live.write(self._context()) as unit:
            if lease.is_cancel_asked(unit.connection, self._job):
                lease.finish(unit.connection, self._job, unit.context.now, state="cancelled")
                self._cancelled = True
                return False
            lease.save_progress(
                unit.connection, self._job, done=done, total=total, counts={"exported": done}
            )
        return True

    def _context(self) -> Context:
        return Context(
            actor=SYSTEM,
            now=self._live.clock(),
            locale=self._locale,
            request_id=f"job-{self._job.id}",
        )

    def _as_person(self, unit: Unit) -> Unit:
        return replace(unit, context=replace(unit.context, actor=self._owner(unit)))

    def _owner(self, unit: Unit) -> Actor:
        """Give who ordered the export, as he is now.

        Raises:
            Forbidden: he may not sign in any more.
        """
        if self._job.by is None:
            return SYSTEM
        actor = read_actor(unit.connection, unit.snapshot, self._job.by)
        if actor is None:
            raise Forbidden(object=self._order.object, action=EXPORT)
        return actor


def _refuse_more(rows: int) -> None:
    if rows > MOST_ROWS:
        raise InvalidInput([FieldError("rows", "too_many", {"most": MOST_ROWS})])


def _exporting(unit: Unit, object_key: str) -> BoundObject:
    bound = unit.snapshot.object(object_key)
    rights = rights_of(unit)
    rights.require(object_key, EXPORT)
    rights.require(object_key, "read_list")
    if not bound.definition.has(EXPORT):
        raise Forbidden(object=object_key, action=EXPORT)
    return bound


def _columns(unit: Unit, bound: BoundObject, order: ExportOrder) -> tuple[str, ...]:
    """Give the columns of an export.

    Raises:
        UnknownField: one that is not there, or hidden.
    """
    if not order.columns:
        return usual_columns(unit, bound) or (bound.name.key,)
    if order.columns == (EVERY_FIELD,):
        return tuple(key for key in visible_fields(unit, bound.key) if key not in HIDDEN_FACTS)
    columns = tuple(dict.fromkeys(order.columns))
    for object_key, key in uses_of(unit.snapshot, bound.key, paths=columns).fields:
        if key not in visible_fields(unit, object_key):
            raise InvalidInput([FieldError("columns", "unknown_field", {"value": key})])
    return columns


def _may_read(unit: Unit, bound: BoundObject, paths: Sequence[str]) -> bool:
    uses = uses_of(unit.snapshot, bound.key, paths=paths)
    return all(key in visible_fields(unit, owner) for owner, key in uses.fields)


def _request(unit: Unit, order: ExportOrder) -> ListRequest:
    scene = _scene(unit, order)
    found = [node for node in (scene, parse_condition(order.where)) if node is not None]
    where = None if not found else found[0] if len(found) == 1 else AllOf(tuple(found))
    sort = order.sort or unit.snapshot.site.list_of(order.object).sort
    return ListRequest(object=order.object, where=where, sort=sort, search=order.search)


def _scene(unit: Unit, order: ExportOrder) -> Node | None:
    """Give the condition of a scene.

    Raises:
        InvalidInput: the actor sees no such scene.
    """
    if not order.scene:
        return None
    mine = {scene.key: scene for scene in my_scenes(unit, order.object)}
    scene = mine.get(order.scene) or unit.snapshot.site.scenes.get(order.scene)
    actor = unit.context.actor
    if scene is None or scene.object != order.object:
        raise InvalidInput([FieldError("scene", "unknown_scene", {"value": order.scene})])
    if scene.roles and not actor.superadmin and not actor.roles.intersection(scene.roles):
        raise InvalidInput([FieldError("scene", "unknown_scene", {"value": order.scene})])
    return scene.where


def _is_list(value: Any, kind: type) -> bool:
    return isinstance(value, list | tuple) and all(
        isinstance(item, kind) and not isinstance(item, bool) for item in value
    )
