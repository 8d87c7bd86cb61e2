"""The carriers that a shop sends with, and those that a new shop begins with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class Carrier:
    """A carrier and the address of its tracking page, with `{code}` where the tracking code goes.

    `codes` are the patterns of its codes, as `documents/code_patterns.py` reads them. One that `demands_phone` takes no
    parcel without the recipient's phone number.
    """

    name: str
    pattern: str
    codes: Sequence[str] = ()
    demands_phone: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "codes", tuple(self.codes))  # lists, where they come from JSON

    def url(self, code: str) -> str:
        return self.pattern.replace("{code}", quote(code, safe=""))


# How the codes of carriers look, where that is published or seen on their labels. Those of Budbee, Instabee, Airmee and
# DSV have no form that tells them from others: their links are read.
CODE_PATTERNS: dict[str, Sequence[str]] = {
    # SSCC with the numbers that GS1 gave the company; S10 ends in the country whose post has the parcel.
    "PostNord": ("@@#########SE S10", "@@#########DK S10", "37073############# GS1", "37350048########## GS1"),
    "DHL": ("@@#########DE S10", "JJD*(8-29)", "JD#(16-20)", "JVGL*(8-29)", "##########"),
    "DB Schenker": ("########## LUHN",),
    "Bring": ("@@#########NO S10", "3704############## GS1", "704##############"),
    "UPS": ("1Z***************# UPS",),
    "Posti": ("@@#########FI S10", "@@#########AX S10", "JJFI*(8-31)"),
    "FedEx": ("############", "###############"),
    "GLS": ("###########", "############"),
    "DPD": ("##############",),
}

# The carriers' public tracking pages, for a new shop to start from. Those that come by appointment send text messages.
CARRIERS = [
    Carrier("PostNord", "https://tracking.postnord.com/se/?id={code}", CODE_PATTERNS["PostNord"]),
    Carrier("DHL", "https://www.dhl.com/se-sv/home/tracking.html?tracking-id={code}", CODE_PATTERNS["DHL"]),
    Carrier(
        "DB Schenker",
        "https://www.dbschenker.com/app/tracking-public/?refNumber={code}",
        CODE_PATTERNS["DB Schenker"],
    ),
    Carrier("Bring", "https://tracking.bring.se/tracking/{code}", CODE_PATTERNS["Bring"]),
    Carrier("Budbee", "https://tracking.budbee.com/{code}", demands_phone=True),
    Carrier("Instabee", "https://tracking.instabee.com/{code}", demands_phone=True),
    Carrier("UPS", "https://www.ups.com/track?loc=sv_SE&tracknum={code}", CODE_PATTERNS["UPS"]),
    Carrier("Airmee", "https://tracking.airmee.com/{code}", demands_phone=True),
]
