"""Handing a mail over: whom we speak to, how, and what is told when it does not work."""

import logging
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from engine.mail import MailDelayed, MailRefused, MailServer, send_mail
from tests.support.certificates import own_certificate
from tests.support.site import free_port
from tests.support.smtp_server import PASSWORD, USER, MailBox, mail_server

LOOPBACK = (ip_network("127.0.0.0/8"),)


def server(box: MailBox, **more: object) -> MailServer:
    plain = MailServer(
        host="127.0.0.1",
        port=box.port,
        tls="none",
        user=USER,
        password=PASSWORD,
        sender="crm@weavers.example",
        allowed=LOOPBACK,
    )
    return replace(plain, **more)  # type: ignore[arg-type]  # fields by name


def send(to: MailServer, address: str = "bob@weavers.example") -> None:
    send_mail(to, to=address, subject="新密码", text="你好\n.\n再见")


def test_a_mail_arrives_as_it_was_written() -> None:
    with mail_server() as box:
        send(server(box))
    (mail,) = box.mails
    assert (mail["to"], mail["subject"]) == ("bob@weavers.example", "新密码")
    assert mail.get_content() == "你好\n.\n再见\n"
    assert mail["auto-submitted"] == "auto-generated"
    assert box.users == [USER]


@pytest.mark.parametrize(
    ("answers", "error", "reason"),
    [
        ({"AUTH": "535 wrong"}, MailRefused, "credentials"),
        ({"RCPT": "550 nobody"}, MailRefused, "recipient"),
        ({"RCPT": "451 later"}, MailDelayed, "asked_to_wait"),
        ({"MAIL": "553 not you"}, MailRefused, "message"),
        ({"DATA": "451 later"}, MailDelayed, "asked_to_wait"),
    ],
    ids=str,
)
def test_what_the_server_refuses_is_told(
    answers: dict[str, str],
    error: type[Exception],
    reason: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with mail_server() as box, caplog.at_level(logging.DEBUG):
        box.answers.update(answers)
        with pytest.raises(error) as refused:
            send(server(box))
    assert refused.value.params["reason"] == reason  # type: ignore[attr-defined]
    assert PASSWORD not in caplog.text + str(refused.value) + repr(server(box))
    assert not box.mails


@pytest.mark.parametrize("address", ["bob@x.example\nBcc: all@x.example", "no address\r\n"])
def test_an_address_brings_no_lines_of_its_own(address: str) -> None:
    with mail_server() as box, pytest.raises(MailRefused):
        send(server(box), address)
    assert not box.mails


def test_a_private_server_needs_a_setting_and_encryption_is_not_given_up() -> None:
    with mail_server() as box:
        with pytest.raises(MailRefused) as private:
            send(server(box, allowed=()))
        with pytest.raises(MailRefused) as plain:
            send(server(box, tls="starttls"))
    assert private.value.params["reason"] == "server_address"
    assert plain.value.params["reason"] == "no_encryption"
    assert not box.users
    with pytest.raises(MailDelayed):
        send(server(MailBox(port=free_port())))


def test_the_certificate_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, context = own_certificate(tmp_path)
    with mail_server(context) as box:
        with pytest.raises(MailRefused) as unknown:
            send(server(box, tls="tls"))
        assert unknown.value.params["reason"] == "certificate"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        send(server(box, tls="tls"))
    assert len(box.mails) == 1
