"""The environment of commands that tests start as processes of their own."""

import os
import tempfile

# Python is asked in many places not to keep its bytecode; every start would then take seconds.
BYTECODE = tempfile.TemporaryDirectory(prefix="webshop-orders-bytecode-")


def environ(**settings: str) -> dict[str, str]:
    """The present environment with none of our settings but those given."""
    ours = ("WEBSHOP_ORDERS_", "PYTHONDONTWRITEBYTECODE")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    given = {f"WEBSHOP_ORDERS_{name}": value for name, value in settings.items()}
    return {**inherited, "PYTHONPYCACHEPREFIX": BYTECODE.name, **given}
