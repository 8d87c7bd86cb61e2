"""Users: accounts, passwords, sessions, second factor."""
