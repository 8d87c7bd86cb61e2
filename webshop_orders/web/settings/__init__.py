"""Konfiguration: the pages under /settings."""
