"""The keys that sign sessions, forms and links: their strength, and the file that one is stored in."""

import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

MIN_LENGTH, MIN_DISTINCT = 32, 12
GENERATE_COMMAND = 'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
# Parts of example keys in instructions, and of keys that people type instead of generating them.
PLACEHOLDERS = (
    "changeme",
    "change-me",
    "change_me",
    "change this",
    "example",
    "placeholder",
    "insecure",
    "secret",
    "password",
    "default",
    "webshop",
    "qwerty",
    "012345",
    "123456",
    "abcdef",
)


def weakness(key: str) -> str | None:
    """Why a key is easy to guess, or None if it is strong."""
    if len(key) < MIN_LENGTH:
        return f"is shorter than {MIN_LENGTH} characters"
    if len(set(key)) < MIN_DISTINCT:
        return f"has fewer than {MIN_DISTINCT} different characters"
    if any(placeholder in key.lower() for placeholder in PLACEHOLDERS):
        return "was typed and not drawn at random"
    return None


def active_keys(config: Mapping[str, Any]) -> list[str]:
    """The keys whose signatures are accepted; new signatures are made with the last one."""
    return [*(config.get("SECRET_KEY_FALLBACKS") or []), config["SECRET_KEY"]]


def load_or_create(path: Path) -> str:
    """Read the key from its file, which is created with owner-only permissions if it does not exist."""
    if not path.exists():
        _create(path)
    return path.read_text("utf-8").strip()


def _create(path: Path) -> None:
    """Create the key file atomically, since other processes may start and read it at the same time."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    with suppress(FileExistsError):
        os.link(temporary, path)  # a rename would overwrite a key that another process already uses
    os.unlink(temporary)
