"""Pack mode: a page for a phone or a hand scanner, on which shipments are packed one after the other."""
