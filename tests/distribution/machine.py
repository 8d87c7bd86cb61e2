"""An empty Debian machine, made by debootstrap and booted by systemd-nspawn, with this machine's network."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.tools import FOLDERS

MIRROR = "http://deb.debian.org/debian"
# What an installed Debian has beside what debootstrap calls essential.
INSTALLED = "ca-certificates,dbus,iproute2,systemd,systemd-sysv"
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
BOOT_SECONDS = 60


class Machine:
    """A booted machine; `run` is a root shell on it, which ends at the first command that fails."""

    def __init__(self, root: Path, init: int) -> None:
        self.root = root
        self._enter = ["nsenter", "--target", str(init), "--all", "env", "-i", "HOME=/root", "LANG=C.UTF-8"]
        self._enter += [f"PIP_CERT={AUTHORITIES}", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]

    def run(self, script: str, *, stdin: str = "") -> subprocess.CompletedProcess[str]:
        path = self.root / "root" / "script"
        path.write_text(script)
        command = [*self._enter, "bash", "-e", "/root/script"]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)

    def has_booted(self) -> bool:
        return self.run("systemctl is-system-running --wait").stdout.strip() in {"running", "degraded"}


def check_may_boot() -> None:
    """Skip the test where this process may not make machines, in CI too: it asks for root and a network."""
    if os.geteuid() != 0:
        pytest.skip("only root boots machines")
    for program, package in (("debootstrap", "debootstrap"), ("systemd-nspawn", "systemd-container")):
        if shutil.which(program, path=FOLDERS) is None:
            pytest.skip(f"{program} is not installed: apt-get install {package}")
    for port in (80, 443):
        with socket.socket() as taken:
            if taken.connect_ex(("127.0.0.1", port)) == 0:
                pytest.skip(f"port {port} is in use, which the machine would share")


def make(root: Path, suite: str = "bookworm") -> None:
    """Install the machine; takes about a minute, and reads Debian's mirror."""
    command = ["debootstrap", "--variant=minbase", f"--include={INSTALLED}", suite, str(root), MIRROR]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    trust_what_we_trust(root)


def trust_what_we_trust(root: Path) -> None:
    """Behind a proxy that opens TLS, the machine trusts it as this one does."""
    shutil.copy(AUTHORITIES, root / AUTHORITIES.lstrip("/"))


@contextmanager
def booted(root: Path) -> Iterator[Machine]:
    command = ["systemd-nspawn", "--quiet", f"--directory={root}", "--register=no", "--keep-unit", "--console=pipe"]
    command += ["--resolv-conf=replace-host", "--boot"]
    with (root.parent / f"{root.name}.console").open("wb") as console:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=console, stderr=console)
    try:
        machine = Machine(root, _init_of(process))
        deadline = time.monotonic() + BOOT_SECONDS
        while not machine.has_booted():
            assert time.monotonic() < deadline, "the machine does not boot"
            time.sleep(0.5)
        yield machine
    finally:
        process.terminate()  # nspawn lets the machine shut down in order
        process.wait(BOOT_SECONDS)


def _init_of(process: "subprocess.Popen[bytes]") -> int:
    deadline = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "systemd-nspawn has ended by itself"
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        for child in children:
            if Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                return int(child)
        time.sleep(0.1)
    raise AssertionError("there is no init")
