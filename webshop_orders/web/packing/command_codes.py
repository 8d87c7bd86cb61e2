"""The codes of commands, drawn to be printed on a packing slip, and on a sheet for the packing table."""

from functools import cache

from flask import Response

from webshop_orders.barcodes import code128
from webshop_orders.barcodes.drawing import Drawing
from webshop_orders.operations.packing.commands import Command
from webshop_orders.text.languages import Sentence
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.responses import render_region
from webshop_orders.web.packing.pages import blueprint

LABELS: dict[Command, Sentence] = {
    Command.DONE: _l("DONE"),
    Command.MISSING: _l("MISSING"),
    Command.NEW_PARCEL: _l("NEW PARCEL"),
    Command.UNDO: _l("UNDO"),
    Command.WHOLE_LINE: _l("WHOLE ROW"),
}
# In millimetres: four fit beside each other on A4.
WIDTH, HEIGHT = 42, 10


@blueprint.get("/commands")
def sheet() -> Response:
    """All commands, to be printed."""
    return render_region("packing/commands.html")


def packing_commands() -> list[tuple[Sentence, Drawing]]:
    """Each command with its code."""
    return [(LABELS[command], drawing) for command, drawing in _drawings().items()]


@cache
def _drawings() -> dict[Command, Drawing]:
    drawings = {command: code128.draw(command, width=WIDTH, height=HEIGHT) for command in Command}
    return {command: drawing for command, drawing in drawings.items() if drawing is not None}


TEMPLATE_GLOBALS = {"packing_commands": packing_commands}
