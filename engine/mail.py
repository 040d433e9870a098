"""The one way out for mail: SMTP to the server of the settings, at an address that was checked.

What stands in a mail is nobody's business but its reader's: neither texts nor addresses nor the
server's password are logged.
"""

import smtplib
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid

from engine.errors import NotReady
from engine.outgoing import SECONDS_OF_SILENCE, AddressRefused, NotReached, find_address
from engine.settings import Network, Settings
from metadata.errors import PlatformError

STARTTLS, TLS = "starttls", "tls"
PASSING = range(400, 500)
"""Answers of a mail server that hold for the moment only."""


class MailRefused(PlatformError):
    """The mail server does not take it; ``reason`` says at what."""

    code = "mail_refused"
    status = 502


class MailDelayed(NotReady):
    """The mail server cannot be reached or asks to come again: the cause may pass."""

    code = "mail_delayed"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, and as whom."""

    host: str
    port: int
    tls: str
    user: str
    password: str = field(repr=False)
    sender: str
    allowed: Sequence[Network] = ()


def server_of(settings: Settings) -> MailServer:
    """Give the mail server of the settings."""
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        tls=settings.smtp_tls,
        user=settings.smtp_user,
        password=settings.smtp_password,
        sender=settings.mail_from,
        allowed=settings.outgoing_networks,
    )


def send_mail(server: MailServer, *, to: str, subject: str, text: str) -> None:
    """Hand a mail over.

    Raises:
        MailRefused: it is no use to try again as things are.
        MailDelayed: it may be later.
    """
    message = EmailMessage(policy=SMTP)
    try:
        message["From"], message["To"], message["Subject"] = server.sender, to, subject
    except ValueError:
        raise MailRefused(reason="address") from None
    message["Message-ID"] = make_msgid(domain=server.sender.rpartition("@")[2] or None)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    try:
        with _connected(server) as connection:
            connection.send_message(message)
    except (AddressRefused, ssl.SSLError) as error:
        reason = "server_address" if isinstance(error, AddressRefused) else "certificate"
        raise MailRefused(reason=reason) from None
    except smtplib.SMTPAuthenticationError:
        raise MailRefused(reason="credentials") from None
    except smtplib.SMTPNotSupportedError:
        raise MailRefused(reason="no_encryption") from None
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise _answered(codes[0] if codes else 0, "recipient") from None
    except smtplib.SMTPResponseException as error:
        raise _answered(error.smtp_code, "message") from None
    except (NotReached, OSError, smtplib.SMTPException):
        raise MailDelayed(reason="not_reached") from None


def _answered(code: int, at: str) -> PlatformError:
    return MailDelayed(reason="asked_to_wait") if code in PASSING else MailRefused(reason=at)


class _Plain(smtplib.SMTP):
    """Connects to the address that was checked, whatever the name means by then."""

    allowed: Sequence[Network] = ()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        place = (str(find_address(host, port, self.allowed)), port)
        return socket.create_connection(place, timeout)


class _Encrypted(smtplib.SMTP_SSL, _Plain):
    """The same, encrypted from the first byte."""


def _connected(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    us = server.sender.rpartition("@")[2] or "localhost"  # to ask for our own name may take long
    made: _Plain
    if server.tls == TLS:
        made = _Encrypted(local_hostname=us, timeout=SECONDS_OF_SILENCE, context=context)
    else:
        made = _Plain(local_hostname=us, timeout=SECONDS_OF_SILENCE)
    made.allowed = server.allowed
    made._host = server.host  # type: ignore[attr-defined]  # the name that a certificate must have
    made.connect(server.host, server.port)
    try:
        if server.tls == STARTTLS:
            made.starttls(context=context)
        if server.user:
            made.login(server.user, server.password)
    except BaseException:
        made.close()
        raise
    return made
