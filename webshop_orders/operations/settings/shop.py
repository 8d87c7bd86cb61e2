"""What the shop's own people change in Konfiguration."""

from typing import Any

from webshop_orders import shop_settings


def change(values: dict[str, Any]) -> None:
    """Set some of the shop's settings to new values."""
    shop = shop_settings.for_update()
    for name, value in values.items():
        setattr(shop, name, value)
