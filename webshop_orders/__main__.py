"""`python -m webshop_orders` is the same as the command `webshop-orders`."""

from webshop_orders.cli import main

if __name__ == "__main__":  # processes that the server spawns import this module under another name
    main()
