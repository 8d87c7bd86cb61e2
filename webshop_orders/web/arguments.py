"""What stands behind the question mark of an address."""

from flask import request

MOST = 200


def words(name: str) -> str:
    """An argument, empty where it is not given, without NUL, which PostgreSQL takes in no text."""
    return request.args.get(name, "").replace("\0", "")[:MOST].strip()
