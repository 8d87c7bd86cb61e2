"""A message of the outbox as it travels: headers that every mail server takes, lines that none breaks."""

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import HeaderRegistry, MessageIDHeader
from email.message import EmailMessage
from urllib.parse import quote

import flask_mail
from flask_babel import gettext as _

from webshop_orders.mailing import addresses
from webshop_orders.models import Message

HEADERS = HeaderRegistry()
for _header in ("references", "in-reply-to"):
    # As free text, an id longer than a line would be encoded, and no reader could thread by it.
    HEADERS.map_to_type(_header, MessageIDHeader)  # type: ignore[arg-type]
POLICY = policy.SMTP.clone(header_factory=HEADERS)


class UnsendableError(ValueError):
    """A message that no mail server could be given; the text says why."""


@dataclass(frozen=True)
class MailContent:
    """What a letter is made from, where it is kept nowhere as a message."""

    sender: str
    recipient: str
    subject: str
    text: str
    html: str
    language: str
    message_id: str
    queued_at: datetime


class MimeMail(flask_mail.Message):
    """A message for Flask-Mail to send, written by Python's present mail library.

    Raises UnsendableError where the sender or the recipient is no mail address, or a header holds a control character.
    """

    def __init__(self, message: Message | MailContent, order_number: str | None = None) -> None:
        try:
            sender, recipient = addresses.parse(message.sender), addresses.parse(message.recipient)
        except addresses.NotAnAddressError as error:
            raise UnsendableError(_("The address cannot be used: %(reason)s.", reason=error)) from error
        super().__init__(subject=message.subject, sender=sender.addr_spec, recipients=[recipient.addr_spec])
        headers: dict[str, object] = {
            "From": sender,
            "To": recipient,
            "Subject": message.subject,
            "Date": message.queued_at,
            "Message-ID": message.message_id,
            "Auto-Submitted": "auto-generated",
            "Content-Language": message.language,
        }
        if order_number is not None:  # mail programs show all mails about an order together
            thread = f"<order-{quote(order_number, safe='')}@{sender.domain}>"
            headers |= {"In-Reply-To": thread, "References": thread}
        try:
            self.written = _write(headers, message.text, message.html)
        except UnsendableError:
            raise
        except Exception as error:  # whatever trips the library up, this mail alone must not hold up the others
            raise UnsendableError(_("It cannot be written as a mail: %(reason)s.", reason=error)) from error

    def as_bytes(self) -> bytes:
        return self.written


def _write(headers: dict[str, object], text: str, html: str) -> bytes:
    mail = EmailMessage(policy=POLICY)
    for name, value in headers.items():
        if any(unicodedata.category(sign) == "Cc" for sign in str(value)):
            raise UnsendableError(_("The header %(name)s holds a control character.", name=name))
        mail[name] = value
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    # Not drawn at random, so that a mail that has to be sent twice is the same to the byte.
    mail.set_boundary(f"=_{hashlib.sha256(str(headers['Message-ID']).encode()).hexdigest()[:40]}")
    return mail.as_bytes()
