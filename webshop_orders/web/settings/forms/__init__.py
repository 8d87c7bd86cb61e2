"""The forms of Konfiguration, by the name of their view."""
