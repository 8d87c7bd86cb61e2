from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from sqlalchemy import CheckConstraint, Sequence
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.db.columns import Json, ValueObject
from webshop_orders.db.extensions import Base
from webshop_orders.models.carrier import CARRIERS, Carrier
from webshop_orders.models.dispatch_check import DispatchChecks
from webshop_orders.models.hold import HoldRules
from webshop_orders.models.message import CAUSED_BY_CHANGES, MessageKind

MAX_MAIL_GRACE_SECONDS = 300
WITH_GRACE = (MessageKind.ORDER_CONFIRMATION, *CAUSED_BY_CHANGES)
# The series of order numbers on PostgreSQL.
ORDER_NUMBERS = Sequence("order_numbers", start=100_001, metadata=Base.metadata)


class HasCode(Protocol):
    """A tracking code, with its carrier and a link of its own, where they are known."""

    @property
    def code(self) -> str: ...
    @property
    def carrier(self) -> str | None: ...
    @property
    def url(self) -> str | None: ...


class Shop(Base):
    """The shop's settings, edited in Konfiguration: a table of one row.

    `next_number` is that of the next order on SQLite; on PostgreSQL the sequence ORDER_NUMBERS has it.
    `mail_templates` has the active version of each template that the shop wrote itself, by kind and language;
    `webhook_events` has the events of each active webhook, by its id. Personal data of closed orders are erased
    `personal_data_months` after the last change where that is set, except those that bookkeeping needs: they are
    kept for `bookkeeping_years` after the calendar year of the order. The bodies of incoming calls are kept for
    `incoming_call_days`. Customers whose language has no mail templates get mails in `nordic_mail_language` where
    theirs is Norwegian or Danish, and in `other_mail_language` else. Confirmations that go automatically wait in the
    outbox for `mail_grace_seconds`. Labels and credit notes have the `sender_address`, these
    the `organisation_number` and `vat_number` too, and packing slips end with the shop's own text in
    the language of the customer. `hold_rules` hold new orders by themselves, and customers can withdraw from a purchase
    for `withdrawal_days`; `logo` is the digest of the picture on them (`models.logo`). New orders ship whole where
    `ships_whole_by_default`. What has been ready for `ready_days` needs a person, as does what fails one of the
    `dispatch_checks`.
    """

    __tablename__ = "shop"
    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        CheckConstraint("number_digits between 3 and 12", name="number_digits"),
        CheckConstraint("stock_safety_margin >= 0", name="stock_safety_margin"),
        CheckConstraint("personal_data_months > 0", name="personal_data_months"),
        CheckConstraint(f"mail_grace_seconds between 0 and {MAX_MAIL_GRACE_SECONDS}", name="mail_grace_seconds"),
        CheckConstraint("bookkeeping_years between 0 and 30", name="bookkeeping_years"),
        CheckConstraint("withdrawal_days between 14 and 365", name="withdrawal_days"),
        CheckConstraint("ready_days between 1 and 60", name="ready_days"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    name: Mapped[str] = mapped_column(default="webshop-orders")
    currency: Mapped[str] = mapped_column(default="SEK")
    number_prefix: Mapped[str] = mapped_column(default="WS-")
    number_digits: Mapped[int] = mapped_column(default=6)
    next_number: Mapped[int] = mapped_column(default=100_001)
    mails_order_confirmations: Mapped[bool] = mapped_column(default=True)
    mails_delivery_confirmations: Mapped[bool] = mapped_column(default=True)
    mail_grace_seconds: Mapped[int] = mapped_column(default=30)
    rounds_to_whole_kronor: Mapped[bool] = mapped_column(default=True)
    sender_name: Mapped[str | None]
    sender_email: Mapped[str | None]
    notification_email: Mapped[str | None]
    stock_safety_margin: Mapped[int] = mapped_column(default=0)
    backorderable_by_default: Mapped[bool] = mapped_column(default=True)
    carriers: Mapped[list[Carrier]] = mapped_column(ValueObject(Carrier, many=True), default=lambda: list(CARRIERS))
    mail_templates: Mapped[dict[str, int]] = mapped_column(Json(), default=dict)
    webhook_events: Mapped[dict[str, list[str]]] = mapped_column(Json(), default=dict)
    requires_second_factor: Mapped[bool] = mapped_column(default=False)
    personal_data_months: Mapped[int | None]
    bookkeeping_years: Mapped[int] = mapped_column(default=7)
    incoming_call_days: Mapped[int] = mapped_column(default=30)
    nordic_mail_language: Mapped[str] = mapped_column(default="sv")
    other_mail_language: Mapped[str] = mapped_column(default="en")
    sender_address: Mapped[str | None]
    organisation_number: Mapped[str | None]
    vat_number: Mapped[str | None]
    slip_text_sv: Mapped[str | None]
    slip_text_en: Mapped[str | None]
    slip_shows_prices: Mapped[bool] = mapped_column(default=False)
    slip_has_return_form: Mapped[bool] = mapped_column(default=False)
    slip_has_commands: Mapped[bool] = mapped_column(default=False)
    logo: Mapped[str | None]
    hold_rules: Mapped[HoldRules] = mapped_column(ValueObject(HoldRules), default=HoldRules)
    withdrawal_days: Mapped[int] = mapped_column(default=14)
    ships_whole_by_default: Mapped[bool] = mapped_column(default=False)
    ready_days: Mapped[int] = mapped_column(default=3)
    dispatch_checks: Mapped[DispatchChecks] = mapped_column(ValueObject(DispatchChecks), default=DispatchChecks)
    language: Mapped[str | None]
    time_zone: Mapped[str] = mapped_column(default="Europe/Stockholm")

    def slip_text(self, language: str) -> str | None:
        """The shop's own text on packing slips in a language."""
        return self.slip_text_sv if language == "sv" else self.slip_text_en

    def sends_automatically(self, kind: MessageKind) -> bool:
        """Whether mails of a kind are sent automatically."""
        if kind is MessageKind.ORDER_CONFIRMATION:
            return self.mails_order_confirmations
        if kind is MessageKind.DELIVERY_CONFIRMATION:
            return self.mails_delivery_confirmations
        return True

    def mail_grace(self, kind: MessageKind) -> timedelta:
        """How long an automatic mail of a kind waits, during which it can be withdrawn with the change behind it."""
        return timedelta(seconds=self.mail_grace_seconds if kind in WITH_GRACE else 0)

    def carrier(self, name: str | None) -> Carrier | None:
        return next((carrier for carrier in self.carriers if carrier.name == name), None)

    def tracking_url(self, tracking: HasCode) -> str | None:
        """The address of a parcel's tracking page: the link that staff pasted, or else its carrier's page."""
        carrier = self.carrier(tracking.carrier)
        return tracking.url or (carrier.url(tracking.code) if carrier else None)
