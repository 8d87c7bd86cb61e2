"""URLs of static files."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from flask import Flask


def asset_function(app: Flask, script_root: str) -> Callable[[str], str]:
    """The `asset` of templates, for the static files of an application below a path."""
    folder, prefix = Path(app.static_folder or ""), f"{script_root}{app.static_url_path}"

    @cache
    def asset(name: str) -> str:
        """The URL of a static file. It changes with the content, so browsers can cache the file without limit."""
        content = (folder / name).read_bytes()
        return f"{prefix}/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"

    return asset
