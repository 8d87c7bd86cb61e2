"""The database: column types, the two engines, locks, a replica to read from, and migrations."""
