"""What became of one try to deliver a mail, read from what the mail server answered."""

import smtplib
from dataclasses import dataclass

from webshop_orders.models import MessageState
from webshop_orders.outbox.letters import UnsendableError

# Whatever keeps a mail from leaving, short of a mistake of our own.
FAILURES = (OSError, smtplib.SMTPException, UnsendableError)
LONGEST_ANSWER = 500


@dataclass(frozen=True)
class Outcome:
    """The state that a try leaves a message in, and the answer to show beside it."""

    state: MessageState
    answer: str


def sent(answer: str) -> Outcome:
    return Outcome(MessageState.SENT, _readable(answer))


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
    return Outcome(MessageState.RETRYING, _readable(str(error) or type(error).__name__))


def _answered(code: int, answer: bytes | str) -> Outcome:
    state = MessageState.GIVEN_UP if 500 <= code < 600 else MessageState.RETRYING
    return Outcome(state, _line(code, answer))


def _line(code: int, answer: bytes | str) -> str:
    return _readable(f"{code} {answer.decode('utf-8', 'replace') if isinstance(answer, bytes) else answer}")


def _readable(answer: str) -> str:
    shown = "".join(sign if sign.isprintable() else " " for sign in answer)
    return " ".join(shown.split())[:LONGEST_ANSWER]
