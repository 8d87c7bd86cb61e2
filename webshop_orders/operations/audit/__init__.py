"""The order's history, the access log, and the export and erasure of personal data."""
