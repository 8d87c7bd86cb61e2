"""The forms of Konfiguration, each named after its view module."""
