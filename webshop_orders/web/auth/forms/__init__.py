"""The forms of signing in and of one's own account, by the name of their view."""
