"""JSON from other systems: its text, the rules for single values, and the objects that are declared from them."""
