#!/usr/bin/env bash
# granian 2.8.7: where a WSGI application raises in the middle of a response without Content-Length, the server ends the
# response as if it were complete, so that a client takes half a file for the whole one. The same response of an ASGI
# application is broken off, and the client is told that it is incomplete.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check granian==2.8.7
cat >"$folder/applications.py" <<'PYTHON'
def wsgi(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/csv")])
    yield b"order;total\r\n"
    raise RuntimeError("the second part fails")


async def asgi(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/csv")]})
    await send({"type": "http.response.body", "body": b"order;total\r\n", "more_body": True})
    raise RuntimeError("the second part fails")
PYTHON
cat >"$folder/try.py" <<'PYTHON'
import http.client
import socket
import subprocess
import sys
import time

for interface in ("wsgi", "asgi"):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["granian", "--interface", interface, "--port", str(port), f"applications:{interface}"]
    server = subprocess.Popen([sys.executable, "-m", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _attempt in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        client.request("GET", "/")
        response = client.getresponse()
        try:
            seen = f"complete, {len(response.read())} bytes"
        except http.client.IncompleteRead as error:
            seen = f"incomplete, {len(error.partial)} bytes"
        print(interface, response.status, seen)
    finally:
        server.terminate()
        server.wait()
PYTHON
cat >"$folder/expected" <<'SEEN'
wsgi 200 complete, 13 bytes
asgi 200 incomplete, 13 bytes
SEEN
(cd "$folder" && "$folder/venv/bin/python" "$folder/try.py") | tee "$folder/seen"
diff "$folder/expected" "$folder/seen" && echo "As described."
