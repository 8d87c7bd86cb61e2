"""The entrances for other shops' files."""
