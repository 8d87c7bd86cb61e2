"""What the shop decides in Konfiguration."""
