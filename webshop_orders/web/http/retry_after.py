"""Retry-After: how soon a request that is refused for now may be sent again."""

from flask import Response, g

from webshop_orders.errors import DomainError, TooManyAttempts

SECONDS = {429: 60, 503: 2}  # where the error does not say


def remember(error: DomainError) -> None:
    """Note how long the user has to wait, for the response that shows the error."""
    if isinstance(error, TooManyAttempts):
        g.retry_after = error.wait_seconds


def set_header(response: Response) -> Response:
    if response.status_code in SECONDS and "Retry-After" not in response.headers:
        response.headers["Retry-After"] = str(g.get("retry_after", SECONDS[response.status_code]))
    return response
