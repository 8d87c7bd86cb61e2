"""The forms of the order's tabs and of the list, by the name of their view."""
