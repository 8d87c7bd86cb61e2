"""Keys, signatures and signed links; hosts that embed the desk, and the tokens that they sign."""
