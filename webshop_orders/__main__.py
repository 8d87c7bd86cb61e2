"""`python -m webshop_orders` does what `webshop-orders` does."""

from webshop_orders.cli import main

if __name__ == "__main__":  # processes that the server spawns import this module under another name
    main()
