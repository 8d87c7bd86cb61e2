"""Whoever changed something sees it in the lists that follow, also where those are read from a replica."""

from flask import Flask, g, request

from webshop_orders.db import replica


def install(app: Flask) -> None:
    app.before_request(expect_changes)


def expect_changes() -> None:
    if request.method == "POST" and g.user is not None:
        replica.expect_changes(g.user)
