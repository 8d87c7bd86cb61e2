"""The environment of commands that tests start as separate processes."""

import os
import tempfile

# Where PYTHONDONTWRITEBYTECODE is set, every start of a command would compile everything and take seconds.
BYTECODE = tempfile.TemporaryDirectory(prefix="webshop-orders-bytecode-")


def environ(**settings: str) -> dict[str, str]:
    """The current environment, with only these settings of ours."""
    ours = ("WEBSHOP_ORDERS_", "PYTHONDONTWRITEBYTECODE")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    variables = {f"WEBSHOP_ORDERS_{name}": value for name, value in settings.items()}
    return {**inherited, "PYTHONPYCACHEPREFIX": BYTECODE.name, **variables}
