"""Flask-Mail made safe to leave alone with a mail server: it waits only so long, and knows whom it talks to."""

import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any

import flask_mail
from flask import current_app

SECONDS = 10
IMPLICIT_TLS_PORT = 465


class _KeepsAnswer(smtplib.SMTP):
    """Keeps what the server said when it took a mail, which `sendmail` throws away."""

    answer = ""

    def data(self, msg: Any) -> tuple[int, bytes]:
        code, answer = super().data(msg)
        self.answer = f"{code} {answer.decode('utf-8', 'replace')}"
        return code, answer


class _KeepsAnswerOverTls(_KeepsAnswer, smtplib.SMTP_SSL):
    """The same, where the connection is encrypted from its first byte."""


class Connection(flask_mail.Connection):
    """A connection to the mail server whose every step ends within `MAIL_TIMEOUT` seconds (10)."""

    def configure_host(self) -> smtplib.SMTP | smtplib.SMTP_SSL:
        seconds = current_app.config.get("MAIL_TIMEOUT", SECONDS)
        verified = ssl.create_default_context()
        encrypted = self.mail.use_ssl or self.mail.port == IMPLICIT_TLS_PORT
        host: smtplib.SMTP
        if encrypted:
            host = _KeepsAnswerOverTls(self.mail.server, self.mail.port, timeout=seconds, context=verified)
        else:
            host = _KeepsAnswer(self.mail.server, self.mail.port, timeout=seconds)
        try:
            if self.mail.use_tls and not encrypted:
                host.starttls(context=verified)
            if self.mail.username and self.mail.password:
                host.login(self.mail.username, self.mail.password)
        except BaseException:
            host.close()
            raise
        return host

    @property
    def is_open(self) -> bool:
        return self.host is not None and self.host.sock is not None

    @property
    def answer(self) -> str:
        """What the server said when it took the last mail."""
        return str(getattr(self.host, "answer", ""))

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, tb: TracebackType | None
    ) -> None:
        # What was sent is sent, however the server takes the goodbye.
        with suppress(OSError, smtplib.SMTPException):
            super().__exit__(exc_type, exc_value, tb)  # type: ignore[arg-type]


class Mail(flask_mail.Mail):
    """Flask-Mail with our connection; nothing is sent where `MAIL_SERVER` is not set."""

    def connect(self) -> Connection:
        return Connection(current_app.extensions["mail"])

    def init_mail(
        self, config: Mapping[str, Any], debug: bool | int = False, testing: bool = False
    ) -> flask_mail._Mail:
        # Neither debugging, which would print the password, nor testing decides over mail: only MAIL_SERVER does.
        return super().init_mail(dict(config), debug=False, testing=False)


mail = Mail()
