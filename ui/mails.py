"""Mails in words, and the jobs that send them."""

from collections.abc import Mapping

from engine.access.actors import find_person
from engine.audit.deeds import log_deed
from engine.mail import MailRefused, send_mail, server_of
from engine.people import acting, company_name
from engine.publish.live import LiveSite
from engine.queue import lease
from engine.queue.job import Job
from engine.settings import Settings
from engine.sign_in import resets
from engine.worker.runner import Handler
from ui.i18n import translate

RESET_PATH = "/forgotten/"


def mail_handlers(settings: Settings) -> Mapping[str, Handler]:
    """Give what runs each kind of mail."""

    def mail_reset(live: LiveSite, job: Job) -> None:
        account = str(job.payload.get("account", ""))
        with live.write(acting(live)) as unit:
            made = resets.make_reset(unit, account) if settings.mails else None
            company = company_name(unit.connection)
        if made is not None:
            _send(settings, made, company)
        with live.write(acting(live)) as unit:
            if made is not None:
                log_deed(unit.connection, unit.context, "mail.sent", made.name, {"about": "reset"})
            lease.finish(unit.connection, job, unit.context.now, state="done", result={})

    def told(live: LiveSite, job: Job) -> None:
        try:
            mail_reset(live, job)
        except MailRefused as error:
            with live.write(acting(live)) as unit:
                account = str(job.payload.get("account", ""))
                person = find_person(unit.connection, unit.snapshot, account)
                about = person.name if person is not None else ""
                reason = {"about": "reset", "reason": error.params.get("reason")}
                log_deed(unit.connection, unit.context, "mail.failed", about, reason, marked=True)
            raise

    return {resets.KIND: told}


def send_test(settings: Settings, to: str, language: str) -> None:
    """Send a mail that says nothing but that it came.

    Raises:
        MailRefused: the server does not take it.
        MailDelayed: the server cannot be reached.
    """
    send_mail(
        server_of(settings),
        to=to,
        subject=translate(language, "mail.test_subject"),
        text=translate(language, "mail.test", url=settings.public_url),
    )


def _send(settings: Settings, made: resets.ResetMail, company: str) -> None:
    language = settings.locale
    site = company or translate(language, "auth.product")
    send_mail(
        server_of(settings),
        to=made.to,
        subject=translate(language, "mail.reset_subject", site=site),
        text=translate(
            language,
            "mail.reset",
            name=made.name,
            site=site,
            url=settings.public_url + RESET_PATH + made.secret,
        ),
    )
