"""A real mail server, on a port of its own."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """Keeps what it is given; `refusals` holds the reply to a recipient that is not taken, `after_data` to any mail."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.refusals: dict[str, str] = {}
        self.after_data = "250 OK"
        self.drops = 0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.drops:
            # It has taken the mail, and the connection breaks before it can say so.
            self.drops -= 1
            self.mails.append(envelope)
            server.transport.abort()
        elif self.after_data.startswith("250"):
            self.mails.append(envelope)
        return self.after_data


class Stuck:
    """Takes a connection and then never answers; `reached` tells that someone is waiting."""

    def __init__(self) -> None:
        self.reached = Event()

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.reached.set()
        await asyncio.sleep(60)
        return "250 OK"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def _serving(handler: object, settings: object) -> Iterator[Controller]:
    server = Controller(handler, hostname="127.0.0.1", port=_free_port())
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = server.port
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def second_server(settings: object) -> Iterator[tuple[Mailbox, str]]:
    """Run another mail server, and have the settings name it after the one of EMAIL_URL; yields its box and name."""
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=_free_port())
    server.start()
    name = f"smtp://127.0.0.1:{server.port}"
    settings.MAIL_PROVIDERS = ["smtp", name]
    try:
        yield box, name
    finally:
        server.stop()


@pytest.fixture
def serve_mail(settings: object) -> Callable[[object], Iterator[Controller]]:
    """Run a mail server for the length of a with block, and have the settings name it."""
    return lambda handler: _serving(handler, settings)


@pytest.fixture
def mailbox(serve_mail: Callable[[object], Iterator[Controller]]) -> Iterator[Mailbox]:
    box = Mailbox()
    with serve_mail(box):
        yield box
