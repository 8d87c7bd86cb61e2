"""How the codes of carriers look, and codes that were corrected after their shipment left"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# As shops of this version begin with them; a shop's carrier is known by its name.
PATTERNS = {
    "PostNord": ["@@#########SE S10", "@@#########DK S10", "37073############# GS1", "37350048########## GS1"],
    "DHL": ["@@#########DE S10", "JJD*(8-29)", "JD#(16-20)", "JVGL*(8-29)", "##########"],
    "DB Schenker": ["########## LUHN"],
    "Bring": ["@@#########NO S10", "3704############## GS1", "704##############"],
    "UPS": ["1Z***************# UPS"],
    "Posti": ["@@#########FI S10", "@@#########AX S10", "JJFI*(8-31)"],
    "FedEx": ["############", "###############"],
    "GLS": ["###########", "############"],
    "DPD": ["##############"],
}
ALIASES = {"Schenker": "DB Schenker"}


def upgrade() -> None:
    op.add_column("shipments", sa.Column("former_codes", sa.JSON(), nullable=False, server_default="[]"))
    _change_carriers(lambda carrier: {**carrier, "codes": _patterns(carrier["name"])})


def downgrade() -> None:
    """Lose the patterns, and the codes that were corrected, which the history still has."""
    _change_carriers(lambda carrier: {name: value for name, value in carrier.items() if name != "codes"})
    op.drop_column("shipments", "former_codes")


def _patterns(name: str) -> list[str]:
    """Those of the carrier of this name, also where it is written as Post Nord or POSTNORD."""
    by_name = {_letters(known): patterns for known, patterns in PATTERNS.items()}
    by_name |= {_letters(alias): PATTERNS[known] for alias, known in ALIASES.items()}
    return by_name.get(_letters(name), [])


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name)).casefold()


def _change_carriers(change: Any) -> None:
    connection = op.get_bind()
    for shop_id, stored in connection.execute(sa.text("select id, carriers from shop")).all():
        carriers = json.loads(stored) if isinstance(stored, str) else stored
        changed = json.dumps([change(carrier) for carrier in carriers])
        update = sa.text("update shop set carriers = cast(:carriers as json) where id = :id")
        if connection.dialect.name == "sqlite":
            update = sa.text("update shop set carriers = :carriers where id = :id")
        connection.execute(update, {"carriers": changed, "id": shop_id})
