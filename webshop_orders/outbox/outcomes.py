"""What became of one try to deliver a mail, read from what the mail server answered."""

import smtplib
import socket
import ssl
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webshop_orders.models import MessageState
from webshop_orders.outbox.mail.mime import UnsendableError

# Whatever keeps a mail from leaving, short of a mistake of our own.
FAILURES = (OSError, smtplib.SMTPException, UnsendableError)
LONGEST_ANSWER = 500
NO_ANSWER = {
    ConnectionRefusedError: _l("The mail server takes no connections."),
    TimeoutError: _l("The mail server did not answer in time."),
    socket.gaierror: _l("No mail server goes by that name."),
    ssl.SSLCertVerificationError: _l("The mail server could not prove who it is."),
    smtplib.SMTPServerDisconnected: _l("The mail server hung up."),
    smtplib.SMTPNotSupportedError: _l("The mail server does not offer what was asked of it."),
}


@dataclass(frozen=True)
class Outcome:
    """The state that a try leaves a message in, and the answer to show beside it."""

    state: MessageState
    answer: str


def sent(answer: str) -> Outcome:
    return Outcome(MessageState.SENT, printable(answer))


def failed(error: Exception) -> Outcome:
    """Given up where this very mail was turned down for good, otherwise to be tried again.

    A server that turns down the sender or the sign-in is the shop's to mend, and the mails wait for that.
    """
    if isinstance(error, UnsendableError):
        return Outcome(MessageState.GIVEN_UP, str(error))
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, answer = next(iter(error.recipients.values()))
        return _answered(code, answer)
    if isinstance(error, smtplib.SMTPDataError):
        return _answered(error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPResponseException):
        return Outcome(MessageState.RETRYING, _line(error.smtp_code, error.smtp_error))
    return Outcome(MessageState.RETRYING, printable(_no_answer(error)))


def _no_answer(error: Exception) -> str:
    """What happened where the server said nothing, in words for staff, with the system's own behind them."""
    reason = str(error) or type(error).__name__
    for kind, sentence in NO_ANSWER.items():
        if isinstance(error, kind):
            return _("%(sentence)s (%(reason)s)", sentence=sentence, reason=reason)
    return reason


def _answered(code: int, answer: bytes | str) -> Outcome:
    state = MessageState.GIVEN_UP if 500 <= code < 600 else MessageState.RETRYING
    return Outcome(state, _line(code, answer))


def _line(code: int, answer: bytes | str) -> str:
    return printable(f"{code} {answer.decode('utf-8', 'replace') if isinstance(answer, bytes) else answer}")


def printable(answer: str) -> str:
    """An answer of another system on one line, without signs that cannot be shown."""
    shown = "".join(sign if sign.isprintable() else " " for sign in answer)
    return " ".join(shown.split())[:LONGEST_ANSWER]
