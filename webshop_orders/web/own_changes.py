"""Whoever changed something sees it in the lists that follow, also where those are read from a replica."""

from contextlib import suppress

from flask import Flask, Response, g, request

from webshop_orders import replica
from webshop_orders.errors import Busy
from webshop_orders.unit_of_work import writing

SUCCEEDED = range(200, 400)


def install(app: Flask) -> None:
    app.after_request(leave_sign)


def leave_sign(response: Response) -> Response:
    is_change = request.method == "POST" and response.status_code in SUCCEEDED and g.get("user") is not None
    if is_change and replica.find() is not None:
        with suppress(Busy), writing():
            replica.note_change(g.user)
    return response
