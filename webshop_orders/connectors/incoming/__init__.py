"""Calls of connected shops: told apart by topic, applied, logged, and tried again after a mend."""
