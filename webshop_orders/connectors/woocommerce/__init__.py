"""WooCommerce's orders, the same in its REST API v3 and its webhooks, as our order documents."""

from webshop_orders.connectors.woocommerce.adapter import WooCommerce

__all__ = ["WooCommerce"]
