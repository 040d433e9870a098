"""Jobs of a person: how far they are, what came of them, what can be done next."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from litestar import Controller, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import File

from engine.bulk.order import BULK
from engine.bulk.undo import undo_bulk
from engine.context import Context
from engine.exchange.failed import write_failed_rows
from engine.exchange.importer import enqueue_order
from engine.exchange.jobs import my_job, result_file
from engine.exchange.logged import EXPORT
from engine.exchange.order import IMPORT, Order
from engine.exchange.undo import start_undo
from engine.exchange.writers import MEDIA_TYPES
from engine.files.errors import UnknownFile
from engine.publish.live import LiveSite
from engine.queue.job import ENDED
from engine.upkeep.recheck import recheck
from engine.worker.visible import cancel, resume, sees_all, visible_job, visible_jobs
from metadata.model import say
from ui.file_store import attachment, files_of
from ui.given import GivenContext, GivenServices, GivenSite
from ui.i18n import translate
from ui.job_words import row_message
from ui.page import see_other
from ui.pages.frame import show
from ui.pages.job_rows import STATES, Asked, job_rows
from ui.pages.job_view import job_view
from ui.pages.list_state import number as number_of
from ui.request import PageRequest
from ui.security.rights import SIGNED_IN
from ui.services import Services

MOST_LISTED = 50


def _cancel(services: Services, context: Context, number: int) -> int:
    cancel(services.site, context, number)
    return number


def _resume(services: Services, context: Context, number: int) -> int:
    resume(services.site, context, number)
    return number


def _recheck(services: Services, context: Context, number: int) -> int:
    """Look once more at what stood in the way of a unique or required field."""
    with services.site.write(context) as unit:
        made = recheck(unit, visible_job(unit, number))
    services.site.job_bell.set()
    return made


def _import(services: Services, context: Context, number: int) -> int:
    """Do what was tried out."""
    with services.site.read(context) as unit:
        job = my_job(unit.connection, context, number)
    if job.kind != IMPORT:
        raise UnknownFile
    order = replace(Order.of(job.payload), dry_run=False)
    return enqueue_order(services.site, context, files_of(services), order)


def _undo(services: Services, context: Context, number: int) -> int:
    """Take an import or a bulk action back."""
    with services.site.read(context) as unit:
        kind = visible_job(unit, number).kind
    undo = undo_bulk if kind == BULK else start_undo
    return undo(services.site, context, number)


STEPS: Mapping[str, Callable[[Services, Context, int], int]] = {
    "cancel": _cancel,
    "resume": _resume,
    "recheck": _recheck,
    "import": _import,
    "undo": _undo,
}
"""What can be done with a job: the last part of the address -> what gives the job to show."""


class JobController(Controller):
    """Jobs. Everybody sees his own; who looks after the system, everybody's."""

    path = "/jobs"
    opt = {"right": SIGNED_IN}

    @get(name="jobs", sync_to_thread=True)
    def show_jobs(
        self, request: PageRequest, site: GivenSite, context: GivenContext
    ) -> Response[Any]:
        """List them, newest first."""
        everybody = bool(request.query_params.get("all"))
        before = number_of(request.query_params.get("before"))
        with site.read(context) as unit:
            found = visible_jobs(unit, everybody=everybody, before=before, limit=MOST_LISTED + 1)
            jobs = [job_view(unit, job, whole=False) for job in found[:MOST_LISTED]]
            more = f"&before={jobs[-1].id}" if len(found) > MOST_LISTED else ""
            return show(
                request,
                unit,
                "exchange/jobs.html",
                title=translate(context.locale.language, "job.list"),
                jobs=jobs,
                can_see_all=sees_all(unit),
                everybody=everybody and sees_all(unit),
                older_url=f"/jobs?all={'1' if everybody else ''}{more}" if more else "",
            )

    @get("/running", name="jobs.running", sync_to_thread=True)
    def show_running(
        self, request: PageRequest, site: GivenSite, context: GivenContext
    ) -> Response[Any]:
        """Draw the notice of the newest job that has not ended; empty when there is none."""
        with site.read(context) as unit:
            found = visible_jobs(unit, limit=1)
            jobs = [job_view(unit, job, whole=False) for job in found if job.state not in ENDED]
            return show(
                request,
                unit,
                "exchange/_running.html",
                title="",
                job=jobs[0] if jobs else None,
            )

    @get("/{number:int}", name="jobs.one", sync_to_thread=True)
    def show_job(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        number: FromPath[int],
    ) -> Response[Any]:
        """Show one: its progress while it runs, then its result."""
        with site.read(context) as unit:
            job = visible_job(unit, number)
            view = job_view(unit, job)
            asked = request.query_params.get("state", "")
            after = number_of(request.query_params.get("after")) or 0
            rows = job_rows(unit, job, Asked(asked if asked in STATES else "", after))
            template = "exchange/_job.html" if request.wants_partial else "exchange/job.html"
            return show(
                request,
                unit,
                template,
                title=view.title,
                active=view.list_url,
                job=view,
                rows=rows,
            )

    @post("/{number:int}/{step:str}", name="jobs.step", sync_to_thread=True, status_code=303)
    def submit_step(
        self,
        request: PageRequest,
        services: GivenServices,
        context: GivenContext,
        number: FromPath[int],
        step: FromPath[str],
    ) -> Response[Any]:
        """Do what can be done next, by the name of a step; goes to the job that came of it."""
        if step not in STEPS:
            raise NotFoundException
        return see_other(request, f"/jobs/{STEPS[step](services, context, number)}")

    @get("/{number:int}/file", name="jobs.file", sync_to_thread=True)
    def get_file(
        self, services: GivenServices, context: GivenContext, number: FromPath[int]
    ) -> File:
        """Give the file that an export made."""
        with services.site.read(context) as unit:
            found = result_file(unit.connection, context, files_of(services), number)
        kind = found.name.rpartition(".")[2]
        return File(
            found.path,
            filename=found.name,
            content_disposition_type="attachment",
            media_type=MEDIA_TYPES.get(kind, "application/octet-stream"),
        )

    @get("/{number:int}/failed.csv", name="jobs.failed", sync_to_thread=True)
    def get_failed(
        self, services: GivenServices, context: GivenContext, number: FromPath[int]
    ) -> Response[bytes]:
        """Give the rows that an import did not take, with the reasons."""
        content, name = _failed(services.site, context, files_of(services), number)
        return attachment(content, name, MEDIA_TYPES["csv"])


def _failed(site: LiveSite, context: Context, files: Any, number: int) -> tuple[bytes, str]:
    language = context.locale.language
    target = files.new_path()
    headings = (translate(language, "job.column.row"), translate(language, "job.column.reason"))
    try:
        with site.read(context) as unit:
            job = my_job(unit.connection, context, number)
            if job.kind == EXPORT or "file" not in job.payload:
                raise UnknownFile
            source = files.find(unit.connection, job.payload["file"], by=job.by)
            bound = unit.snapshot.objects.get(job.payload["object"])
            write_failed_rows(
                unit.connection,
                number,
                source.path,
                target,
                headings,
                lambda error: row_message(error.code, error.params, language),
            )
        content = target.read_bytes()
    finally:
        target.unlink(missing_ok=True)
    plural = say(bound.definition.plural, language) if bound else job.payload["object"]
    return content, f"{plural}-{translate(language, 'job.failed_rows')}.csv"


ROUTES: list[Any] = [JobController]
