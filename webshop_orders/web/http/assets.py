"""URLs of static files."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from flask import Flask, request


def asset_function(app: Flask) -> Callable[[str], str]:
    """The `asset` of templates, for the static files of an application."""
    folder, prefix = Path(app.static_folder or ""), app.static_url_path

    @cache
    def with_fingerprint(name: str) -> str:
        content = (folder / name).read_bytes()
        return f"{prefix}/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"

    def asset(name: str) -> str:
        """The URL of a static file. It changes with the content, so browsers can cache the file without limit."""
        return request.script_root + with_fingerprint(name)

    return asset
