"""Konfiguration: the shop's settings, carriers, mail templates, API keys and connections."""
