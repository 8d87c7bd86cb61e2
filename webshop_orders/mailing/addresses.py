"""Mail addresses, as people write them and as mail servers take them."""

import unicodedata
from email.headerregistry import Address
from email.utils import parseaddr

from flask import current_app
from flask_babel import gettext as _

from webshop_orders.errors import RuleViolation
from webshop_orders.models import Shop

NOBODY = "noreply@localhost"


class NotAnAddressError(ValueError):
    """What stands for an address is none that a mail server takes; the text says why."""


def sender(shop: Shop) -> str:
    """Who the shop's mails are from, such as Ljus & Linne <butiken@example.com>."""
    name, configured = parseaddr(current_app.config.get("MAIL_DEFAULT_SENDER") or NOBODY)
    for written, shown in ((shop.sender_email, shop.sender_name or shop.name), (configured, shop.sender_name or name)):
        try:
            return str(parse(str(Address(_printable(shown), *_parts(written or "")))))
        except ValueError:
            continue
    return NOBODY


def check_recipient(recipient: str) -> None:
    """Raises Refused where an address holds a control character, which could begin a header of its own."""
    if not recipient.isprintable():
        raise RuleViolation(_("The e-mail address holds a character that no address has."), field="recipient")


def parse(written: str) -> Address:
    """An address with its name as a mail server takes it, its domain in ASCII.

    Raises NotAnAddressError.
    """
    if any(unicodedata.category(sign) == "Cc" for sign in written):
        raise NotAnAddressError(_("it holds a control character"))
    name, plain = parseaddr(written)
    local, domain = _parts(plain)
    return Address(name, local, domain)


def _parts(plain: str) -> tuple[str, str]:
    local, at, domain = plain.rpartition("@")
    if not (at and local and domain) or any(sign.isspace() for sign in plain):
        raise NotAnAddressError(_("it is not a mail address"))
    if not local.isascii():
        raise NotAnAddressError(_("before its @ it holds a letter that mail servers do not take"))
    try:
        return local, domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise NotAnAddressError(_("what follows its @ is not a domain")) from None


def _printable(name: str) -> str:
    return "".join(sign for sign in name if sign.isprintable())
