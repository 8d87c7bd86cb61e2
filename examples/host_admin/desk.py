"""What a shop admin's server has to do with the order desk: sign tokens, and read orders over the API."""

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
READS_BACK = timedelta(days=30)


class DeskIsSilent(Exception):
    """The order desk did not answer, or not with what was asked for; the text says what it said."""


class Desk:
    """The order desk at `url`. `secret` signs the tokens of this host, `key` opens the API."""

    def __init__(self, url, secret, key, host_name="host"):
        self.url, self.host_name = url.rstrip("/"), host_name
        self.origin = "{0.scheme}://{0.netloc}".format(urlsplit(self.url))
        self._secret, self._key = OctKey.import_key(secret), key
        self._known, self._lock = {}, Lock()
        self._changed_since = (datetime.now(UTC) - READS_BACK).isoformat()

    def token(self, person, *, order=None, **appearance):
        """Lets one person into the frame, once and soon; signed here, since the secret never leaves the server."""
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
        """Orders by number, the newest first; after the first time, the desk is only asked for what changed."""
        with self._lock:
            wanted = {"limit": 200, "updated_since": self._changed_since}
            while True:
                page = self._get(f"/api/v1/orders?{urlencode(wanted)}")
                self._known |= {order["number"]: order for order in page["orders"]}
                if page["next_cursor"] is None:
                    break
                wanted["cursor"] = page["next_cursor"]
            self._changed_since = page["complete_until"]
            return sorted(self._known.values(), key=lambda order: order["placed_at"], reverse=True)

    def order(self, number):
        """One order as it is now, or None where there is none of that number."""
        return self._get(f"/api/v1/orders/{quote(number, safe='')}")

    def _get(self, path):
        # The address is the admin's own setting, here and below.
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {self._key}"})  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 # nosec B310
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                if refusal.code == 404:
                    return None
                raise DeskIsSilent(f"{refusal.code} {refusal.reason}") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise DeskIsSilent(str(error)) from None
