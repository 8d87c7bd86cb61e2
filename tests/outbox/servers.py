"""Mail servers on loopback: one that answers as configured, and ones that fall silent or hang up."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

GREETING = b"220 test\r\n"


class Post:
    """The mails a server received, and its answers to sender, recipient and mail; `seen` is called for each mail."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.connections = 0
        self.to_recipient: dict[str, str] = {}
        self.to_sender = ""
        self.to_mail = "250 2.0.0 Taken as 4711"
        self.to_mails: dict[str, str] = {}
        self.closes_after_mail = False
        self.seen: Callable[[], None] = lambda: None

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.to_sender or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.to_recipient.get(address, "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        raw = envelope.content
        assert isinstance(raw, bytes)
        self.seen()
        answer = self.to_mails.get(envelope.rcpt_tos[0], self.to_mail)
        if answer.startswith("250"):
            self.raw.append(raw)
            self.mails.append(message_from_bytes(raw, policy=policy.SMTP.clone(raise_on_defect=True)))
        if self.closes_after_mail:
            await server.push(answer)
            server.transport.close()
        return answer


@contextmanager
def mail_server(post: Post, **options: Any) -> Iterator[int]:
    """A real mail server that passes its mail to `post`; yields its port."""
    controller = Controller(post, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@contextmanager
def broken_server(*answers: bytes) -> Iterator[int]:
    """A server that gives each answer once and then hangs up, or on b"" falls silent; yields its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):  # a client that times out hangs up
                for answer in answers:
                    if not answer:
                        ended.wait()
                        break
                    connection.sendall(answer)
                    connection.recv(65536)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        ended.set()
        # close() alone would leave the thread blocked in accept().
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


class BlackHole:
    """A server that accepts connections and never answers."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self.connected = threading.Event()
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept)

    def __enter__(self) -> "BlackHole":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.hang_up()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def hang_up(self) -> None:
        """Close every connection."""
        for connection in self._open:
            connection.close()
        self._open.clear()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _address = self._listener.accept()
                self._open.append(connection)
                self.connections += 1
                self.connected.set()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
