"""What staff, integrations and imports can do to orders: check, change, record, and never commit."""
