"""What happened: the order's history, the access log, and personal data kept or erased."""
