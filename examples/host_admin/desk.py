"""The server side of a host: signs tokens for the order desk, and reads orders over its API."""

import http.client
import json
import secrets
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from threading import Lock
from urllib.parse import quote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey

TOKEN_SECONDS = 60
INITIAL_PERIOD = timedelta(days=30)


class DeskUnavailable(Exception):
    """The order desk did not answer, or answered with an error; the text says which."""


class Desk:
    """The order desk at `url`. `secret` signs the tokens of this host; `key` is an API key."""

    def __init__(self, url, secret, key, host_name="host"):
        self.url, self.host_name = url.rstrip("/"), host_name
        self.origin = "{0.scheme}://{0.netloc}".format(urlsplit(self.url))
        self._secret, self._key = OctKey.import_key(secret), key
        self._orders, self._lock = {}, Lock()
        self._changed_since = (datetime.now(UTC) - INITIAL_PERIOD).isoformat()

    def token(self, person, *, order=None, **appearance):
        """A token that signs one person in once, within a minute. The secret never leaves the server."""
        claims = {
            "iss": self.host_name,
            "aud": "webshop-orders",
            "sub": person.id,
            "name": person.name,
            "role": person.role,
            "exp": int(time.time()) + TOKEN_SECONDS,
            "jti": secrets.token_urlsafe(16),
            **appearance,
        }
        if order:
            claims["order"] = order
        return jwt.encode({"alg": "HS256"}, claims, self._secret)

    def orders(self):
        """All orders, newest first; after the first call, only changed orders are read from the desk."""
        with self._lock:
            query = {"limit": 200, "updated_since": self._changed_since}
            while True:
                page = self._get(f"/api/v1/orders?{urlencode(query)}")
                self._orders |= {order["number"]: order for order in page["orders"]}
                if page["next_cursor"] is None:
                    break
                query["cursor"] = page["next_cursor"]
            self._changed_since = page["complete_until"]
            return sorted(self._orders.values(), key=lambda order: order["placed_at"], reverse=True)

    def order(self, number):
        """The current state of one order, or None if there is no order with that number."""
        return self._get(f"/api/v1/orders/{quote(number, safe='')}")

    def _get(self, path):
        # The URL is a setting of the admin, here and below.
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {self._key}"})  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 # nosec B310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 404:
                    return None
                raise DeskUnavailable(f"{error.code} {error.reason}") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise DeskUnavailable(str(error)) from None
