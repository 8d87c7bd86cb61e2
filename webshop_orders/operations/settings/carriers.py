"""The carriers that tracking codes link to."""

from dataclasses import replace

from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.documents.known_carriers import match_name
from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.models import CODE_PATTERNS, Carrier, Shop
from webshop_orders.operations.inbox import attention

MAX_CARRIERS = 100


def save(carrier: Carrier, *, instead_of: str | None = None) -> None:
    """Add a carrier, or replace the one with the name `instead_of`.

    A new one without patterns of its codes gets those that are known of a carrier of its name.

    Raises RuleViolation if another carrier has the name, and NotFound if the one to replace was removed.
    """
    shop = shop_settings.for_update()
    others = [existing for existing in shop.carriers if existing.name != instead_of]
    if any(other.name.casefold() == carrier.name.casefold() for other in others):
        raise RuleViolation(_("There already is a carrier %(name)s.", name=carrier.name), field="name")
    if instead_of is None:
        if len(others) >= MAX_CARRIERS:
            raise RuleViolation(_("There is room for %(most)s carriers.", most=MAX_CARRIERS))
        known = match_name(carrier.name, CODE_PATTERNS) if not carrier.codes else None
        _replace(shop, [*others, replace(carrier, codes=CODE_PATTERNS[known]) if known else carrier])
        return
    if len(others) == len(shop.carriers):
        raise NotFound(_("There is no carrier %(name)s.", name=instead_of))
    _replace(shop, [carrier if existing.name == instead_of else existing for existing in shop.carriers])


def remove(name: str) -> None:
    """Remove a carrier; tracking codes of it keep its name, without a link."""
    shop = shop_settings.for_update()
    _replace(shop, [carrier for carrier in shop.carriers if carrier.name != name])


def _replace(shop: Shop, carriers: list[Carrier]) -> None:
    """What needs a person follows from which of them demand a phone number."""
    if _demanding(carriers) != _demanding(shop.carriers):
        attention.outdate()
    shop.carriers = carriers


def _demanding(carriers: list[Carrier]) -> set[str]:
    return {carrier.name for carrier in carriers if carrier.demands_phone}
