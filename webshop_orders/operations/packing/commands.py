"""What a packer does by scanning a code that is printed on the slip, so that the scanner stays in the hand."""

from enum import StrEnum

from webshop_orders.barcodes import gs1


class Command(StrEnum):
    """A command by its code: short, so that it fits beside others, and with two dots in front, which no SKU has.

    They have only keys that a Swedish and an American keyboard share, as scanners that type may be set to either.
    """

    DONE = "..OK"
    MISSING = "..NO"
    NEW_PARCEL = "..NP"
    UNDO = "..UN"
    WHOLE_LINE = "..AL"


BY_CODE = {command.value: command for command in Command}


def read(scanned: str) -> Command | None:
    """The command of a scanned code, if it is one."""
    return BY_CODE.get(gs1.read(scanned).text.upper())
