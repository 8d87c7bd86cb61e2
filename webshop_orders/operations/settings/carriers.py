"""TODO operations.settings.carriers."""

from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.models import Carrier

MOST_CARRIERS = 100


def save(carrier: Carrier, *, instead_of: str | None = None) -> None:
    """Add a carrier, or change the one that goes by `instead_of`.

    Raises Refused where another has the name, and NotFound where the one to change is gone.
    """
    shop = shop_settings.for_update()
    others = [one for one in shop.carriers if one.name != instead_of]
    if any(one.name.casefold() == carrier.name.casefold() for one in others):
        raise RuleViolation(_("There already is a carrier %(name)s.", name=carrier.name), field="name")
    if instead_of is None:
        if len(others) >= MOST_CARRIERS:
            raise RuleViolation(_("There is room for %(most)s carriers.", most=MOST_CARRIERS))
        shop.carriers = [*others, carrier]
        return
    if len(others) == len(shop.carriers):
        raise NotFound(_("There is no carrier %(name)s.", name=instead_of))
    shop.carriers = [carrier if one.name == instead_of else one for one in shop.carriers]


def remove(name: str) -> None:
    """Take a carrier out of the list; tracking codes that name it keep its name without a link."""
    shop = shop_settings.for_update()
    shop.carriers = [one for one in shop.carriers if one.name != name]
