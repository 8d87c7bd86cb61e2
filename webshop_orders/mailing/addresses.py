"""E-mail addresses, as people write them and as mail servers accept them."""

import unicodedata
from email.headerregistry import Address
from email.utils import parseaddr
from functools import lru_cache

from flask import current_app
from flask_babel import gettext as _

from webshop_orders.errors import RuleViolation
from webshop_orders.models import Shop

FALLBACK_SENDER = "noreply@localhost"


class InvalidAddressError(ValueError):
    """An address that no mail server accepts; the text says why."""


def sender(shop: Shop) -> str:
    """The sender of the shop's mails, such as Ljus & Linne <butiken@example.com>.

    The shop's own address comes first, then MAIL_DEFAULT_SENDER, then FALLBACK_SENDER; an invalid one is passed over.
    """
    default = current_app.config.get("MAIL_DEFAULT_SENDER") or FALLBACK_SENDER
    return _sender(shop.sender_email, shop.sender_name, shop.name, default)


@lru_cache(maxsize=64)
def _sender(email: str | None, name_of_sender: str | None, name_of_shop: str, default: str) -> str:
    default_name, default_address = parseaddr(default)
    candidates = ((email, name_of_sender or name_of_shop), (default_address, name_of_sender or default_name))
    for address, name in candidates:
        try:
            return str(parse(str(Address(_printable(name), *_split(address or "")))))
        except ValueError:
            continue
    return FALLBACK_SENDER


@lru_cache(maxsize=64)
def domain(sender: str) -> str:
    """The domain of a sender, in ASCII."""
    return parse(sender).domain


def check_recipient(recipient: str) -> None:
    """Raise RuleViolation for an address with a control character, which could begin another header."""
    if not recipient.isprintable():
        raise RuleViolation(_("The e-mail address holds a character that no address has."), field="recipient")


def parse(text: str) -> Address:
    """An address with its display name as mail servers accept it, its domain in ASCII; raises InvalidAddressError."""
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise InvalidAddressError(_("it holds a control character"))
    name, address = parseaddr(text)
    local, domain = _split(address)
    return Address(name, local, domain)


def _split(address: str) -> tuple[str, str]:
    local, at, domain = address.rpartition("@")
    if not (at and local and domain) or any(character.isspace() for character in address):
        raise InvalidAddressError(_("it is not a mail address"))
    if not local.isascii():
        raise InvalidAddressError(_("before its @ it holds a letter that mail servers do not take"))
    try:
        return local, domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise InvalidAddressError(_("what follows its @ is not a domain")) from None


def _printable(name: str) -> str:
    return "".join(character for character in name if character.isprintable())
