"""A mail server on the loopback address, that takes what it is told to take."""

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

USER, PASSWORD = "heddle", "smtp-secret-4471"
FINE = "250 fine"
GREETINGS = {"EHLO": "250-here\r\n250 AUTH PLAIN", "DATA": "354 go on"}


@dataclass(slots=True)
class MailBox:
    """What came. ``answers``: the first word of a command -> what is answered to it."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    users: list[str] = field(default_factory=list)


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.say("220 ready")
        box = cast("_Server", self.server).box
        for line in iter(self.rfile.readline, b""):
            word = line.split()[0].upper().decode() if line.split() else ""
            if word == "QUIT":
                break
            told = box.answers.get(word) or GREETINGS.get(word, FINE)
            if word == "AUTH" and word not in box.answers:
                told = self.sign_in(box, line)
            self.say(told)
            if told == GREETINGS["DATA"]:
                box.mails.append(self.read_mail())
                self.say(FINE)

    def sign_in(self, box: MailBox, line: bytes) -> str:
        _, user, password = base64.b64decode(line.split()[-1]).decode().split("\0")
        box.users.append(user)
        return "235 welcome" if (user, password) == (USER, PASSWORD) else "535 wrong"

    def read_mail(self) -> EmailMessage:
        lines = [line.replace(b"\r\n", b"\n") for line in iter(self.rfile.readline, b".\r\n")]
        plain = b"".join(line.removeprefix(b".") for line in lines)
        return message_from_bytes(plain, policy=default)

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    box: MailBox

    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that went away in the middle."""


@contextmanager
def mail_server(context: ssl.SSLContext | None = None) -> Iterator[MailBox]:
    """Run a mail server; with ``context`` it is encrypted from the first byte."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.box = MailBox(port=server.server_address[1])
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server.box
        finally:
            server.shutdown()
            thread.join()
