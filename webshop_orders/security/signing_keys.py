"""The keys that sign sessions, forms and links: how strong they are, and where one is kept."""

import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

SHORTEST, FEWEST_DIFFERENT = 32, 12
HOW_TO_MAKE_ONE = 'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
# Parts of keys that stand in instructions, and of what people type instead of drawing one.
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
    """What makes a key easy to guess, or None."""
    if len(key) < SHORTEST:
        return f"is shorter than {SHORTEST} characters"
    if len(set(key)) < FEWEST_DIFFERENT:
        return f"has fewer than {FEWEST_DIFFERENT} different characters"
    if any(placeholder in key.lower() for placeholder in PLACEHOLDERS):
        return "was typed and not drawn at random"
    return None


def active_keys(config: Mapping[str, Any]) -> list[str]:
    """The keys that a signature may have been made with; the last one makes new ones."""
    return [*(config.get("SECRET_KEY_FALLBACKS") or []), config["SECRET_KEY"]]


def load_or_create(path: Path) -> str:
    """The key in a file that nobody else can read, made where there is none: one for all who start."""
    if not path.exists():
        _make(path)
    return path.read_text().strip()


def _make(path: Path) -> None:
    """Put a new key into a file that is not there yet: whole at once, since others may be starting and read it."""
    descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    with suppress(FileExistsError):
        os.link(aside, path)  # and not a rename, which would take the place of a key that is in use already
    os.unlink(aside)
