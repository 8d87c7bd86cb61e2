"""`python -m webshop_orders` does what `webshop-orders` does."""

from webshop_orders.cli import main

main()
