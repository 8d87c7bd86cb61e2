"""Changes as whole transactions: above the operations, which never commit, and below those who request changes."""
