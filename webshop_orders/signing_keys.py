"""The keys that sign sessions, forms and links: how strong they are, and where one is kept."""

import os
import secrets
from collections.abc import Mapping
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


def in_use(config: Mapping[str, Any]) -> list[str]:
    """The keys that a signature may have been made with; the last one makes new ones."""
    return [*(config.get("SECRET_KEY_FALLBACKS") or []), config["SECRET_KEY"]]


def kept(path: Path) -> str:
    """The key in a file that nobody else can read, made where there is none."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        key = secrets.token_urlsafe(48)
        file.write(key)
    return key
