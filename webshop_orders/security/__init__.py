"""Keys, signatures and signed links; who a host says is in front of its page."""
