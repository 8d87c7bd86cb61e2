"""A message as a MIME mail: headers that every mail server accepts, and no line longer than RFC 5322 allows."""

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address, HeaderRegistry, MessageIDHeader
from email.message import EmailMessage
from urllib.parse import quote

import flask_mail
from flask_babel import gettext as _

from webshop_orders.mailing import addresses
from webshop_orders.models import Message

HEADERS = HeaderRegistry()
for _header in ("references", "in-reply-to"):
    # As unstructured text, an id longer than a line would be encoded, and mail programs could not thread by it.
    HEADERS.map_to_type(_header, MessageIDHeader)  # type: ignore[arg-type]
POLICY = policy.SMTP.clone(header_factory=HEADERS)


class UnsendableError(ValueError):
    """The message cannot be sent as a mail; the text says why."""


@dataclass(frozen=True)
class MailContent:
    """The content of a mail that is not stored as a Message."""

    sender: str
    recipient: str
    subject: str
    text: str
    html: str
    language: str
    message_id: str
    queued_at: datetime
    reply_to: str | None = None


class MimeMail(flask_mail.Message):
    """A message for Flask-Mail to send, serialized with Python's `email.message` API.

    Raises UnsendableError if the sender or the recipient is not a valid mail address, or a header contains a control
    character.
    """

    def __init__(self, message: Message | MailContent, order_number: str | None = None) -> None:
        try:
            sender, recipient = addresses.parse(message.sender), addresses.parse(message.recipient)
        except addresses.InvalidAddressError as error:
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
        if reply_to := _usable(message.reply_to):
            headers["Reply-To"] = reply_to
        if order_number is not None:  # mail programs show all mails about an order together
            thread = f"<order-{quote(order_number, safe='')}@{sender.domain}>"
            headers |= {"In-Reply-To": thread, "References": thread}
        try:
            self.serialized = _serialize(headers, message.text, message.html)
        except UnsendableError:
            raise
        except Exception as error:  # one mail that the library cannot serialize must not block the others
            raise UnsendableError(_("It cannot be written as a mail: %(reason)s.", reason=error)) from error

    def as_bytes(self) -> bytes:
        return self.serialized


def _usable(address: str | None) -> Address | None:
    """An address to answer to; None for one that mail servers do not accept: the mail goes without it."""
    try:
        return addresses.parse(address) if address else None
    except addresses.InvalidAddressError:
        return None


def _serialize(headers: dict[str, object], text: str, html: str) -> bytes:
    mail = EmailMessage(policy=POLICY)
    for name, value in headers.items():
        if any(unicodedata.category(character) == "Cc" for character in str(value)):
            raise UnsendableError(_("The header %(name)s holds a control character.", name=name))
        mail[name] = value
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    # Derived instead of random, so that a mail that is sent twice is identical to the byte.
    mail.set_boundary(f"=_{hashlib.sha256(str(headers['Message-ID']).encode()).hexdigest()[:40]}")
    return mail.as_bytes()
