"""The style sheets and scripts of others are the published files, byte for byte."""

import base64
import hashlib
from pathlib import Path

import webshop_orders

VENDOR = Path(webshop_orders.__file__).parent.parent / "static" / "vendor"
# Subresource integrity (W3C SRI) of the files in the packages of npm: bootstrap 5.3.9, dist/css/bootstrap.min.css, and
# htmx.org 4.0.1, dist/htmx.min.js.
PUBLISHED = {
    "bootstrap-5.3.9.min.css": "sha384-yEPZ7jP9S0QKiUQ0m3jjsO4ProIW7wvR9gXkI7JOGa2XVsw53Yke2bsdkBbjmmiX",
    "htmx-4.0.1.min.js": "sha384-Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn",
}


def integrity(path: Path) -> str:
    return f"sha384-{base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()}"


def test_vendored_files_are_the_published_ones() -> None:
    files = [path for path in VENDOR.iterdir() if path.suffix in {".css", ".js"}]

    assert {path.name: integrity(path) for path in files} == PUBLISHED


def test_vendored_files_have_their_licence() -> None:
    names = {path.name.split("-")[0] for path in VENDOR.iterdir() if path.suffix in {".css", ".js"}}

    assert {f"{name}.LICENSE" for name in names} <= {path.name for path in VENDOR.iterdir()}
