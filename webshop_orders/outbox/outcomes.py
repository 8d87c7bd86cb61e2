"""The outcome of one delivery attempt, derived from the mail server's answer."""

import smtplib
import socket
import ssl
from dataclasses import dataclass

from flask_babel import gettext as _

from webshop_orders.models import MessageState
from webshop_orders.outbox.mail.mime import UnsendableError
from webshop_orders.text.languages import lazy_gettext as _l

# Every error that can keep a mail from being sent, other than a bug of our own.
FAILURES = (OSError, smtplib.SMTPException, UnsendableError)
MAX_ANSWER_LENGTH = 500
CONNECTION_ERRORS = {
    ConnectionRefusedError: _l("The mail server takes no connections."),
    TimeoutError: _l("The mail server did not answer in time."),
    socket.gaierror: _l("No mail server goes by that name."),
    ssl.SSLCertVerificationError: _l("The mail server could not prove who it is."),
    smtplib.SMTPServerDisconnected: _l("The mail server hung up."),
    smtplib.SMTPNotSupportedError: _l("The mail server does not offer what was asked of it."),
}


@dataclass(frozen=True)
class Outcome:
    """The state that an attempt leaves a message in, and the answer to show beside it."""

    state: MessageState
    answer: str


def sent(answer: str) -> Outcome:
    return Outcome(MessageState.SENT, printable(answer))


def failed(error: Exception) -> Outcome:
    """GIVEN_UP where the server permanently rejected this mail (5xx), otherwise RETRYING.

    A rejected sender or sign-in is a configuration error that the shop can fix, so those mails are retried.
    """
    if isinstance(error, UnsendableError):
        return Outcome(MessageState.GIVEN_UP, str(error))
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, answer = next(iter(error.recipients.values()))
        return _from_reply(code, answer)
    if isinstance(error, smtplib.SMTPDataError):
        return _from_reply(error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPResponseException):
        return Outcome(MessageState.RETRYING, _one_line(error.smtp_code, error.smtp_error))
    return Outcome(MessageState.RETRYING, printable(_describe_connection_error(error)))


def _describe_connection_error(error: Exception) -> str:
    """What happened where the server gave no answer: a sentence for staff, with the operating system's own after it."""
    reason = str(error) or type(error).__name__
    for error_class, sentence in CONNECTION_ERRORS.items():
        if isinstance(error, error_class):
            return _("%(sentence)s (%(reason)s)", sentence=sentence, reason=reason)
    return reason


def _from_reply(code: int, answer: bytes | str) -> Outcome:
    state = MessageState.GIVEN_UP if 500 <= code < 600 else MessageState.RETRYING
    return Outcome(state, _one_line(code, answer))


def _one_line(code: int, answer: bytes | str) -> str:
    return printable(f"{code} {answer.decode('utf-8', 'replace') if isinstance(answer, bytes) else answer}")


def printable(answer: str) -> str:
    """Another system's answer on one line, without unprintable characters, at most MAX_ANSWER_LENGTH long."""
    cleaned = "".join(character if character.isprintable() else " " for character in answer)
    return " ".join(cleaned.split())[:MAX_ANSWER_LENGTH]
