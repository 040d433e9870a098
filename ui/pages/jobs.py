"""Jobs of a person: how far they are, what came of them, what can be done next."""

from dataclasses import replace
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import File

from engine.context import Context
from engine.exchange.exporter import EXPORT
from engine.exchange.failed import write_failed_rows
from engine.exchange.importer import enqueue_order
from engine.exchange.jobs import KINDS, cancel_job, my_job, result_file
from engine.exchange.order import IMPORT, Order
from engine.exchange.store import UnknownFile
from engine.exchange.undo import start_undo
from engine.exchange.writers import MEDIA_TYPES
from engine.publish.live import LiveSite
from engine.queue.job import ENDED, list_jobs
from metadata.model import say
from ui.file_store import attachment, files_of
from ui.given import GivenContext, GivenServices, GivenSite
from ui.i18n import translate
from ui.job_words import row_message
from ui.page import see_other
from ui.pages.frame import show
from ui.pages.job_view import job_view
from ui.request import PageRequest
from ui.security.rights import SIGNED_IN

MOST_LISTED = 50


class JobController(Controller):
    """Jobs. Everybody sees his own."""

    path = "/jobs"
    opt = {"right": SIGNED_IN}

    @get(name="jobs", sync_to_thread=True)
    def show_jobs(
        self, request: PageRequest, site: GivenSite, context: GivenContext
    ) -> Response[Any]:
        """List them, newest first."""
        with site.read(context) as unit:
            by = context.actor.user_id or 0
            found = list_jobs(unit.connection, by=by, kinds=KINDS, limit=MOST_LISTED)
            jobs = [job_view(unit, job, whole=False) for job in found]
            title = translate(context.locale.language, "job.list")
            return show(request, unit, "exchange/jobs.html", title=title, jobs=jobs)

    @get("/running", name="jobs.running", sync_to_thread=True)
    def show_running(
        self, request: PageRequest, site: GivenSite, context: GivenContext
    ) -> Response[Any]:
        """Draw the notice of the newest job that has not ended; empty when there is none."""
        with site.read(context) as unit:
            by = context.actor.user_id or 0
            found = list_jobs(unit.connection, by=by, kinds=KINDS, limit=1)
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
            view = job_view(unit, my_job(unit.connection, context, number))
            template = "exchange/_job.html" if request.wants_partial else "exchange/job.html"
            return show(request, unit, template, title=view.title, active=view.list_url, job=view)

    @post("/{number:int}/cancel", name="jobs.cancel", sync_to_thread=True, status_code=303)
    def cancel(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        number: FromPath[int],
    ) -> Response[Any]:
        """Ask it to stop."""
        cancel_job(site, context, number)
        return see_other(request, f"/jobs/{number}")

    @post("/{number:int}/import", name="jobs.import", sync_to_thread=True, status_code=303)
    def do_import(
        self,
        request: PageRequest,
        services: GivenServices,
        context: GivenContext,
        number: FromPath[int],
    ) -> Response[Any]:
        """Do what was tried out."""
        site = services.site
        with site.read(context) as unit:
            job = my_job(unit.connection, context, number)
        if job.kind != IMPORT:
            raise UnknownFile
        order = replace(Order.of(job.payload), dry_run=False)
        made = enqueue_order(site, context, files_of(services), order)
        return see_other(request, f"/jobs/{made}")

    @post("/{number:int}/undo", name="jobs.undo", sync_to_thread=True, status_code=303)
    def undo(
        self,
        request: PageRequest,
        site: GivenSite,
        context: GivenContext,
        number: FromPath[int],
    ) -> Response[Any]:
        """Take an import back."""
        return see_other(request, f"/jobs/{start_undo(site, context, number)}")

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
