"""The database: its types, its two engines, a replica to read from, and its migrations."""
