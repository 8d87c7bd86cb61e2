"""Pick lists and packing slips: what is on them, and that they were printed."""
