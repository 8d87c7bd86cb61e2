"""A shop admin of another site that has the order desk in a frame."""

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, request
from joserfc import jws
from joserfc.jwk import OctKey

from tests.wsgi_server import WsgiServer
from webshop_orders.security.embed_hosts import EmbedHost

SECRET = "en hemlighet som bara de två känner till"
PAGE = """<!doctype html><html lang="sv"><title>Butikens admin</title>
<h1>Butikens admin</h1><p id="open"></p><p id="changed"></p><div id="desk"></div>
<script src="{desk}/static/embed.js"></script>
<script>
window.asked = 0;
window.heard = [];
addEventListener("message", (event) => heard.push(event.data));
window.desk = WebshopOrders.embed("#desk", {{
  token: async () => {{
    asked += 1;
    return (await fetch("/token?" + new URLSearchParams(location.search))).text();
  }},
  follow: true,
  onOrder: ({{ order }}) => {{ document.getElementById("open").textContent = order ?? "listan"; }},
  onChange: ({{ order, status }}) => {{ document.getElementById("changed").textContent = `${{order}} ${{status}}`; }},
}});
</script>"""
PLAIN = """<!doctype html><html lang="sv"><title>Butikens admin</title><h1>Butikens admin</h1>
<iframe title="Order" width="1000" height="900" src="{desk}/embed?token={token}"></iframe>"""


def sign(secret: str = SECRET, **claims: Any) -> str:
    """A token as a host issues it."""
    current_time = time.time()
    payload = {"iss": "host", "aud": "webshop-orders", "sub": "7", "name": "Hanna Värd", "role": "staff"}
    payload |= {"exp": int(current_time) + 50, "jti": secrets.token_urlsafe(16)}
    payload = {name: value for name, value in {**payload, **claims}.items() if value is not None}
    return jws.serialize_compact({"alg": "HS256", "typ": "JWT"}, json.dumps(payload), OctKey.import_key(secret))


class Host:
    """The shop admin's server, under another host name than the desk's, and so another site."""

    def __init__(self) -> None:
        app = Flask("host")
        app.add_url_rule("/", "page", view_func=lambda: PAGE.format(desk=self.desk))
        app.add_url_rule("/plain", "plain", view_func=lambda: PLAIN.format(desk=self.desk, token=sign(**request.args)))
        app.add_url_rule("/token", "token", view_func=lambda: sign(**request.args))
        self.desk = ""
        self._server = WsgiServer(app)
        self.origin = f"http://localhost:{self._server.port}"

    @property
    def as_known_to_the_desk(self) -> EmbedHost:
        return EmbedHost("host", (self.origin,), (SECRET,))

    def stop(self) -> None:
        self._server.stop()


@contextmanager
def hosting() -> Iterator[Host]:
    host = Host()
    try:
        yield host
    finally:
        host.stop()
