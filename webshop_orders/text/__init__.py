"""Text: allowed characters, comparison and sorting, and formatting of values for people."""
