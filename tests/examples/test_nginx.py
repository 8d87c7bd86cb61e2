"""nginx with TLS, as examples/nginx/desk.conf and examples/compose have it, in front of the real server."""

import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.cli.environment import environ
from tests.examples.tls import NAME, Client, get_without_tls, make_certificate
from tests.outbox.servers import free_port
from tests.tools import required

EXAMPLES = Path(__file__).parents[2] / "examples"
PATIENCE = 60
# What stands around a file of conf.d; nothing outside the folder is written.
AROUND = """
daemon off;
pid nginx.pid;
error_log stderr error;
worker_processes 1;
events {}
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  include site.conf;
}
"""


@contextmanager
def run(*command: str, folder: Path, **settings: str) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(command, cwd=folder, env=environ(**settings))
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


@contextmanager
def desk(folder: Path, host: str, port: int) -> Iterator[None]:
    settings = {"INSTANCE": str(folder), "BASE_URL": f"https://{NAME}", "TRUSTED_PROXIES": "1"}
    command = ["serve", "--no-worker", "--workers", "1", "--host", host, "--port", str(port)]
    with run(sys.executable, "-m", "webshop_orders", *command, folder=folder, **settings) as process:
        wait_for(host, port, process)
        yield


@contextmanager
def nginx(folder: Path, site: str, port: int) -> Iterator[None]:
    """nginx with one file of conf.d; it stands with its files in `folder`."""
    program = required("nginx", "nginx-light")
    (folder / "nginx.conf").write_text(AROUND)
    (folder / "site.conf").write_text(site)
    with run(program, "-p", str(folder), "-c", str(folder / "nginx.conf"), folder=folder) as process:
        wait_for("127.0.0.1", port, process)
        yield


def wait_for(host: str, port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, "it has ended by itself"
        with suppress(OSError):
            socket.create_connection((host, port), timeout=1).close()
            return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on {host}:{port}")


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


SITES = [*EXAMPLES.glob("nginx/*.conf"), EXAMPLES / "compose" / "nginx.conf.template"]
TRUSTED_HEADERS = {"Host", "X-Forwarded-Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Request-Id"}


@pytest.mark.parametrize("site", SITES, ids=[site.name for site in SITES])
def test_the_proxy_sets_each_header_itself_that_the_desk_believes(site: Path) -> None:
    """What it passed on as it came, a client could choose."""
    to_the_desk = [part for part in site.read_text().split("location ") if "X-Forwarded-For" in part]

    assert len(to_the_desk) == 1
    assert set(re.findall(r"proxy_set_header (\S+) \$(?!http_x)", to_the_desk[0])) == TRUSTED_HEADERS


def check_front(plain: int, secure: int, certificate: Path) -> None:
    """What both files promise of TLS."""
    client = Client(secure, certificate)
    response, text = client.get("/healthz", {"X-Request-Id": "0123456789abcdef"})
    assert (response.status, text) == (200, "ok\n")
    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["X-Request-Id"])  # nginx's own, not the client's
    assert "1." not in response.headers["Server"]

    response, _text = client.get("/login")
    assert response.status == 200
    assert response.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert list(client.cookies) == ["__Host-webshop_orders"]

    typed = get_without_tls(plain, "/")
    assert (typed.status, typed.headers["Location"]) == (301, f"https://{NAME}/")
    assert get_without_tls(plain, "/api/v1/orders").status == 403


def test_the_desk_is_reached_over_tls_and_not_without(tmp_path: Path) -> None:
    first, second, plain, secure = (free_port() for _ in range(4))
    certificate = make_certificate(tmp_path)
    site = replaced(
        (EXAMPLES / "nginx" / "desk.conf").read_text(),
        ("127.0.0.1:8001", f"127.0.0.1:{first}"),
        ("127.0.0.1:8002", f"127.0.0.1:{second}"),
        ("  listen [::]:80;\n", ""),
        ("  listen [::]:443 ssl;\n", ""),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{secure} ssl;"),
        ("/etc/webshop-orders/tls/", f"{tmp_path}/"),
    )

    # Of the two that are named only one runs, as while the other is restarted.
    with desk(tmp_path, "127.0.0.1", first), nginx(tmp_path, site, secure):
        for _attempt in range(3):
            check_front(plain, secure, certificate)


class NameServer:
    """Answers each question with the same addresses, as a network of containers does for a name that several have."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._answer)
        self._thread.start()

    def stop(self) -> None:
        self._socket.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    def _answer(self) -> None:
        while True:
            question, client = self._socket.recvfrom(512)
            if not question:
                return
            end = question.index(b"\0", 12) + 5  # the name, its end, type and class
            header = question[:2] + struct.pack("!HHHHH", 0x8180, 1, len(self.addresses), 0, 0)
            answers = (struct.pack("!HHHIH", 0xC00C, 1, 1, 1, 4) + socket.inet_aton(one) for one in self.addresses)
            self._socket.sendto(header + question[12:end] + b"".join(answers), client)


@pytest.fixture
def names() -> Iterator[NameServer]:
    server = NameServer("127.0.0.2", "127.0.0.3")
    yield server
    server.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the machine has one loopback address only")
def test_containers_are_found_by_name_and_found_anew(tmp_path: Path, names: NameServer) -> None:
    port, plain, secure = (free_port() for _ in range(3))
    certificate = make_certificate(tmp_path)
    # As the image of nginx does it: only the variables that it sets itself.
    site = replaced(
        (EXAMPLES / "compose" / "nginx.conf.template").read_text(),
        ("${NGINX_LOCAL_RESOLVERS}", f"127.0.0.1:{names.port}"),
        ("${DESK}", NAME),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{secure} ssl;"),
        ("/etc/nginx/tls/", f"{tmp_path}/"),
        ("$desk:8000", f"$desk:{port}"),
    )

    with nginx(tmp_path, site, secure):
        with desk(tmp_path, "127.0.0.2", port):
            for _attempt in range(4):  # the other address answers nobody, which no client is told
                check_front(plain, secure, certificate)
        names.addresses = ["127.0.0.4"]
        time.sleep(3)  # longer than `valid`
        with desk(tmp_path, "127.0.0.4", port):
            check_front(plain, secure, certificate)
