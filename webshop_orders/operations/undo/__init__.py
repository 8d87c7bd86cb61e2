"""Taking changes of an order back, and carrying them out again."""
