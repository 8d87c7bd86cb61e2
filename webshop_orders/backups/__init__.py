"""Backups of the database: made by hand or by the worker, checked before they count, and restored into an empty one."""
