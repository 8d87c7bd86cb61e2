"""The example's folder is one that a shop copies, so its modules find each other without a package around them."""

import sys
from pathlib import Path

HOST_ADMIN = Path(__file__).parents[2] / "examples" / "host_admin"
sys.path.append(str(HOST_ADMIN))
