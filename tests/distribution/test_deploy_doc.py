"""The steps of docs/deploy.md, carried out as they stand there on an empty machine."""

import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from tests.distribution import machine
from tests.distribution.conftest import CHECKOUT, Built
from tests.distribution.machine import Machine
from tests.examples.tls import NAME, Client
from webshop_orders.version import VERSION

DOC = (CHECKOUT / "docs" / "deploy.md").read_text()
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
FIRST_PART, UPGRADE_PART = DOC.split("\n### A new version\n")
# What one shell would keep from step to step, and the steps.
NAMES, *STEPS = BLOCK.findall(FIRST_PART)
UPGRADE = BLOCK.findall(UPGRADE_PART)[0]
UNITS = "webshop-orders-web@8001 webshop-orders-web@8002 webshop-orders-worker@1 webshop-orders-worker@2"
PASSWORD = "seven long horses"
PATIENCE = 60
ASK_MEANWHILE = """
({steps}) &
for one in $(seq 60); do
  curl --fail --silent --show-error --insecure --resolve {name}:443:127.0.0.1 https://{name}/healthz
  sleep 0.2
done
wait $!
"""


def follow(machine: Machine, step: str) -> subprocess.CompletedProcess[str]:
    return machine.run(f"{NAMES}cd /root\nexport WEBSHOP_ORDERS_NEW_PASSWORD='{PASSWORD}'\n{step}")


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_the_doc_names_this_version_and_files_that_exist() -> None:
    named = set(re.findall(r"webshop_orders-\$VERSION/([\w./*-]+)", DOC))

    assert f"VERSION={VERSION}\n" in DOC
    assert set(re.findall(r"webshop.orders-([\d.]+\d)", DOC)) == {VERSION}
    assert len(named) >= 5
    assert [path for path in named if not list(CHECKOUT.glob(path))] == []


def test_what_is_installed_is_what_was_tested() -> None:
    """production.lock is the part of requirements.lock that the desk needs to run, with the same hashes."""
    tested, installed = (
        (CHECKOUT / name).read_text().replace("\\\n", "").splitlines()
        for name in ("requirements.lock", "production.lock")
    )

    assert len(installed) > 40
    assert set(installed) - set(tested) == set()


@pytest.fixture
def deployed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine on which somebody has followed the doc."""
    machine.check_may_boot()
    root = tmp_path_factory.mktemp("machine") / "root"
    machine.make(root)
    for path in (built.wheel, built.sdist):
        shutil.copy(path, root / "root")
    with machine.booted(root) as booted:
        for step in STEPS:
            done = follow(booted, step)
            assert done.returncode == 0, f"{step}\n{done.stdout}\n{done.stderr}"
        yield booted
    shutil.rmtree(root)  # half a gigabyte


@pytest.mark.soak
def test_an_empty_machine_has_the_desk_in_an_admin_after_these_steps(deployed: Machine, tmp_path: Path) -> None:
    certificate = tmp_path / "certificate.pem"
    shutil.copy(deployed.root / "etc/webshop-orders/tls/certificate.pem", certificate)
    settings = (deployed.root / "etc/webshop-orders/settings").read_text()
    client = Client(443, certificate)
    eventually(lambda: client.get("/readyz")[0].status == 200)

    # The frame of an admin opens the desk, signed in.
    (secret,) = re.findall(r"^WEBSHOP_ORDERS_EMBED_SECRET=(.+)$", settings, re.MULTILINE)
    claims = {"iss": "host", "aud": "webshop-orders", "sub": "7", "name": "Berit Ek", "role": "staff", "lang": "sv"}
    claims |= {"exp": int(time.time()) + 60, "jti": secrets.token_urlsafe(16)}
    opened, _text = client.get("/embed?token=" + jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret)))
    assert opened.status in {200, 302, 303}
    shown, text = client.get("/orders")
    assert shown.status == 200
    assert "frame-ancestors https://admin.example.com" in shown.headers["Content-Security-Policy"]
    assert "/login" not in text

    # What systemd confines runs all that the desk does: here a worker's backup, and a file that a command writes.
    deployed.run("sed -i s/BACKUP_EVERY=6h/BACKUP_EVERY=1m/ /etc/webshop-orders/settings")
    assert deployed.run(f"systemctl restart {UNITS}").returncode == 0
    backups = deployed.root / "var/lib/webshop-orders/backups"
    eventually(lambda: backups.is_dir() and any(path.stat().st_size for path in backups.iterdir()))
    done = deployed.run("webshop-orders backup /var/lib/webshop-orders/by-hand.backup && webshop-orders verify")
    assert done.returncode == 0, done.stderr
    said = deployed.run("systemd-analyze security --no-pager webshop-orders-web@8001").stdout
    assert float(said.split("webshop-orders-web@8001.service: ")[1].split()[0]) < 3

    # What is killed comes back, and while one is restarted, as for a new version, the other answers.
    deployed.run("systemctl kill --signal=KILL webshop-orders-web@8001 webshop-orders-worker@1")
    eventually(lambda: deployed.run(f"systemctl is-active {UNITS}").returncode == 0)
    done = follow(deployed, ASK_MEANWHILE.format(steps=UPGRADE, name=NAME))
    assert done.returncode == 0, done.stderr

    # A database that is away for a while.
    deployed.run('systemctl stop "postgresql@*"')
    eventually(lambda: client.get("/healthz")[0].status == 503)
    assert deployed.run("systemctl restart postgresql").returncode == 0
    eventually(lambda: client.get("/readyz")[0].status == 200)
    assert deployed.run(f"systemctl is-active {UNITS}").returncode == 0
