"""What `make dist` builds: reproducible, whole, and with the licences of what others wrote."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.distribution.conftest import CHECKOUT, Built, build, copy_checkout
from webshop_orders.version import VERSION

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="builds with another umask")

VENDOR = CHECKOUT / "static" / "vendor"
LICENCES = {"LICENSE", *(f"static/vendor/{path.name}" for path in VENDOR.glob("*.LICENSE"))}
IN_THE_WHEEL = ("templates", "static", "migrations")
LONG_AGO = 946_684_800  # 2000-01-01


def wheel_files(built: Built) -> dict[str, bytes]:
    with zipfile.ZipFile(built.wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sdist_names(built: Built) -> set[str]:
    with tarfile.open(built.sdist) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def files_below(folder: Path) -> set[str]:
    paths = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix() for path in paths}


def test_the_same_files_become_the_same_bytes_in_any_folder_at_any_time(built: Built, tmp_path: Path) -> None:
    elsewhere = copy_checkout(tmp_path / "in a folder of another name")
    for path in elsewhere.rglob("*"):
        path.chmod(path.stat().st_mode & 0o700)
        os.utime(path, (LONG_AGO, LONG_AGO))
    again = build(elsewhere, umask=0o077, zone="Asia/Tokyo")

    assert again.wheel.read_bytes() == built.wheel.read_bytes()
    assert again.sdist.read_bytes() == built.sdist.read_bytes()


def test_the_sdist_builds_the_same_wheel(built: Built, tmp_path: Path) -> None:
    with tarfile.open(built.sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    again = build(tmp_path / f"webshop_orders-{VERSION}")

    assert again.wheel.read_bytes() == built.wheel.read_bytes()
    assert again.sdist.read_bytes() == built.sdist.read_bytes()


def test_both_have_the_licence_of_everything_that_is_in_them(built: Built) -> None:
    files = wheel_files(built)
    info = f"webshop_orders-{VERSION}.dist-info"
    metadata = message_from_bytes(files[f"{info}/METADATA"])

    assert len(LICENCES) > 3
    assert set(metadata.get_all("License-File", [])) == LICENCES
    for path in LICENCES:
        assert files[f"{info}/licenses/{path}"] == (CHECKOUT / path).read_bytes()
    assert sdist_names(built) >= LICENCES
    assert metadata["License-Expression"] == "MIT AND 0BSD AND ISC"


def test_the_wheel_has_all_that_the_application_reads_and_no_more(built: Built) -> None:
    names = set(wheel_files(built))
    assets = {f"webshop_orders/assets/{name}/{path}" for name in IN_THE_WHEEL for path in files_below(CHECKOUT / name)}
    package = {f"webshop_orders/{path}" for path in files_below(CHECKOUT / "webshop_orders")}

    assert {name for name in names if ".dist-info/" not in name} == assets | package
    assert "webshop_orders/translations/sv/LC_MESSAGES/messages.mo" in names


def test_the_sdist_has_the_whole_checkout(built: Built) -> None:
    git = shutil.which("git")
    if git is None or not (CHECKOUT / ".git").exists():
        pytest.skip("this is no clone, so nothing says which files belong to it")
    listed = subprocess.run([git, "ls-files"], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    tracked = {name for name in listed.splitlines() if not name.startswith(".ci/") and (CHECKOUT / name).exists()}

    assert len(tracked) > 1000
    assert tracked - sdist_names(built) == set()


def test_nothing_else_that_lies_in_a_checkout_is_published(tmp_path: Path) -> None:
    source = copy_checkout(tmp_path / "source")
    for name in ("notes.txt", "orders.csv", "instance/secret_key", "instance.old/secret_key", ".env"):
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_text("of the developer's own")

    names = sdist_names(build(source))

    assert "README.md" in names
    assert {name for name in names if "/" not in name} - {path.name for path in CHECKOUT.iterdir()} <= {"PKG-INFO"}
    assert not [name for name in names if name.endswith(("secret_key", ".env", "notes.txt"))]


def test_the_documents_name_the_wheel_of_this_version(built: Built) -> None:
    documents = [CHECKOUT / "README.md", *(CHECKOUT / "docs").rglob("*.md"), *(CHECKOUT / "examples").rglob("*")]
    upgrading = CHECKOUT / "docs" / "upgrading.md"  # goes on to the next version
    texts = [path.read_text(errors="replace") for path in documents if path.is_file() and path != upgrading]
    named = {name for text in texts for name in re.findall(r"webshop_orders-\d[\w.-]*?\.whl", text)}

    assert named == {built.wheel.name}
