"""The forms of the order's tabs and of the list, each named after its view module."""
