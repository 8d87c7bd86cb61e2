"""What an order costs and how it is paid. Amounts are whole minor units, such as öre."""
