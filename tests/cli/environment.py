"""The environment of commands that tests start as separate processes."""

import os


def environ(**settings: str) -> dict[str, str]:
    """The current environment, with only these settings of ours.

    Commands may keep what they compile, as otherwise every start would compile everything and take seconds.
    """
    ours = ("WEBSHOP_ORDERS_", "PYTHONDONTWRITEBYTECODE")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    variables = {f"WEBSHOP_ORDERS_{name}": value for name, value in settings.items()}
    return {**inherited, **variables}
