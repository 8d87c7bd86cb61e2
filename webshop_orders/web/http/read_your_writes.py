"""Read your writes: after a change, a user's lists are not read from a replica that lacks it."""

from flask import Request, g

from webshop_orders.operations.users import read_your_writes


def expect_changes(request: Request) -> None:
    if request.method == "POST" and g.user is not None:
        read_your_writes.expect_changes(g.user)
