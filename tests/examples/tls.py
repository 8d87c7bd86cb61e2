"""A client that reaches a name at a port of this machine, over TLS, and trusts one certificate."""

import http.client
import socket
import ssl
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.tools import required

NAME = "desk.example.com"


def make_certificate(
    folder: Path, host: str = NAME, certificate: str = "certificate.pem", key: str = "key.pem"
) -> Path:
    """A certificate that is signed by itself, and its key, as files of these names."""
    words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}"]
    files = ["-keyout", str(folder / key), "-out", str(folder / certificate)]
    subprocess.run([required("openssl", "openssl"), *words, *names, *files], check=True, capture_output=True)
    return folder / certificate


class Client:
    """Asks for pages as a browser that has typed `https://desk.example.com`; keeps cookies, follows nothing."""

    def __init__(self, port: int, certificate: Path) -> None:
        self.port = port
        self._context = ssl.create_default_context(cafile=certificate)
        self.cookies: dict[str, str] = {}

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[http.client.HTTPResponse, str]:
        """The response, and its text."""
        connection = http.client.HTTPSConnection(NAME, timeout=20)
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        connection.sock = self._context.wrap_socket(plain, server_hostname=NAME)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request("GET", path, headers={**(headers or {}), **({"Cookie": cookies} if cookies else {})})
        response = connection.getresponse()
        for header in response.headers.get_all("Set-Cookie", []):
            name, _equals, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        text = response.read().decode()
        connection.close()
        return response, text


def get_without_tls(port: int, path: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers={"Host": NAME})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response
