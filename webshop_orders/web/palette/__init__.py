"""The palette: one field that finds orders, products, places and what can be done here."""
