"""Read your writes: after a change, a user's lists are not read from a replica that lacks it."""

from flask import g, request

from webshop_orders.db import replica


def expect_changes() -> None:
    if request.method == "POST" and g.user is not None:
        replica.expect_changes(g.user)
