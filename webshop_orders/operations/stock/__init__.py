"""Products, their stock, and its reservation for the lines of orders."""
