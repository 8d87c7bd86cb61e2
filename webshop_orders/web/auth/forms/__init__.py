"""The forms of signing in and of one's own account, each named after its view module."""
