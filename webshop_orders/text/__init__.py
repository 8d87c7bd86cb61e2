"""Text: which characters it may hold, how it is compared, and how values are written for people."""
