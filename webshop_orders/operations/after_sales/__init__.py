"""What comes after the sale: goods that come back, and the money for them."""
