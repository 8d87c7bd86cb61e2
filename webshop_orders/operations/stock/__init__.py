"""Products, their stock, and which order it is reserved for."""
