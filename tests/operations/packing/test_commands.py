"""Commands are codes of their own, which scanners type alike on a Swedish and an American keyboard."""

import pytest

from webshop_orders.barcodes import code128
from webshop_orders.operations.packing import commands
from webshop_orders.operations.packing.commands import Command

# Whose keys are elsewhere on one of the two keyboards.
MOVED = set("-+/*'\"&()=?!@#$%^{}[]\\|;:<>_~`") | set("ÅÄÖåäö")


@pytest.mark.parametrize("scanned", ["OK", "KLAR", "..", "..XX", "LJUS-12", "", "]C0", "...OK"])
def test_other_codes_are_no_commands(scanned: str) -> None:
    assert commands.read(scanned) is None


@pytest.mark.parametrize("command", Command)
def test_a_command_is_read_as_readers_send_it(command: Command) -> None:
    assert commands.read(command.value) is command
    assert commands.read(f"]C0{command.value}") is command
    assert commands.read(f" {command.value.lower()}\n") is command
    assert not set(command.value) & MOVED


def test_a_command_is_narrow_enough_for_four_beside_each_other() -> None:
    drawings = [code128.draw(command, width=45, height=10) for command in Command]
    assert all(drawing is not None and drawing.width <= 40 for drawing in drawings)
