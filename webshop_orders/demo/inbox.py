"""The demo's mailbox: a folder with one file for each mail, `1.eml` and so on, in the sequence of their arrival."""

import os
import shutil
import tempfile
import threading
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import Message, MessageState, Order
from webshop_orders.outbox.mail.mime import MimeMail

FOLDER = "demo-inbox"
MAX_MAILS = 200  # the latest


class Inbox:
    """A mailbox for all recipients; only one process adds mails to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def add(self, mail: bytes, recipients: Iterable[str], *, at: datetime | None = None) -> int:
        """Store a mail, whole or not at all, with the recipients of its envelope; returns its number."""
        envelope = "".join(f"Delivered-To: {recipient}\r\n" for recipient in recipients)
        descriptor, temporary = tempfile.mkstemp(dir=self.folder)
        with os.fdopen(descriptor, "wb") as file:
            file.write(envelope.encode("utf-8", "replace") + mail)
        seconds = (at or now()).timestamp()
        os.utime(temporary, (seconds, seconds))
        with self._lock:
            numbers = self.numbers()
            number = max(numbers, default=0) + 1
            os.replace(temporary, self.path(number))
            for old in sorted(numbers)[: -MAX_MAILS + 1]:
                self.path(old).unlink(missing_ok=True)
        return number

    def numbers(self) -> list[int]:
        return [int(path.stem) for path in self.folder.glob("*.eml")]

    def path(self, number: int) -> Path:
        return self.folder / f"{number}.eml"

    def clear(self) -> None:
        shutil.rmtree(self.folder)
        self.folder.mkdir(mode=0o700)

    def add_sent_mails(self) -> None:
        """Store the mails that a new demo shop has sent already."""
        sent = select(Message, Order.number).join(Order, Order.id == Message.order_id)
        sent = sent.where(Message.state == MessageState.SENT).order_by(Message.queued_at, Message.id)
        for message, number in db.session.execute(sent):
            self.add(MimeMail(message, number).as_bytes(), [message.recipient], at=message.sent_at)
