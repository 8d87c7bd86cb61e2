"""Flask-Mail with a timeout on every step, and with TLS certificates verified."""

import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any

import flask_mail
from flask import current_app

DEFAULT_TIMEOUT_SECONDS = 10
IMPLICIT_TLS_PORT = 465


class _ReplyRecordingSmtp(smtplib.SMTP):
    """Keeps the server's answer to an accepted mail, which `sendmail` discards."""

    answer = ""

    def data(self, msg: Any) -> tuple[int, bytes]:
        code, answer = super().data(msg)
        self.answer = f"{code} {answer.decode('utf-8', 'replace')}"
        return code, answer


class _ReplyRecordingSmtpTls(_ReplyRecordingSmtp, smtplib.SMTP_SSL):
    """The same over implicit TLS."""


class SmtpConnection(flask_mail.Connection):
    """A connection to the mail server on which every step ends within `MAIL_TIMEOUT` seconds (default 10)."""

    def configure_host(self) -> smtplib.SMTP | smtplib.SMTP_SSL:
        seconds = current_app.config.get("MAIL_TIMEOUT", DEFAULT_TIMEOUT_SECONDS)
        context = ssl.create_default_context()
        is_implicit_tls = self.mail.use_ssl or self.mail.port == IMPLICIT_TLS_PORT
        host: smtplib.SMTP
        if is_implicit_tls:
            host = _ReplyRecordingSmtpTls(self.mail.server, self.mail.port, timeout=seconds, context=context)
        else:
            host = _ReplyRecordingSmtp(self.mail.server, self.mail.port, timeout=seconds)
        try:
            if self.mail.use_tls and not is_implicit_tls:
                host.starttls(context=context)
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
        """The server's answer to the last mail that it accepted."""
        return str(getattr(self.host, "answer", ""))

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, tb: TracebackType | None
    ) -> None:
        # An error after QUIT does not change that the mails were sent.
        with suppress(OSError, smtplib.SMTPException):
            super().__exit__(exc_type, exc_value, tb)  # type: ignore[arg-type]


class Mail(flask_mail.Mail):
    """Flask-Mail with our connection; nothing is sent if `MAIL_SERVER` is not set."""

    def connect(self) -> SmtpConnection:
        return SmtpConnection(current_app.extensions["mail"])

    def init_mail(
        self, config: Mapping[str, Any], debug: bool | int = False, testing: bool = False
    ) -> flask_mail._Mail:
        # Only MAIL_SERVER decides whether mail is sent. Debug output would print the password.
        return super().init_mail(dict(config), debug=False, testing=False)


mail = Mail()
