"""The step of docs/upgrading.md that has the units run another version, carried out on the units of the examples."""

import re
import shutil
import subprocess
from pathlib import Path

from tests.upgrading.versions import ROOT

STEP = re.compile(r'^sed -i "(\S+)" (.+)$', re.MULTILINE)
PLACES = {"/etc/systemd/system/", "/usr/local/bin/"}
FOLDER = re.compile(r"/opt/webshop-orders[^/]*")


def test_the_units_run_the_new_version_and_the_former_one_again(tmp_path: Path) -> None:
    ((change, files),) = STEP.findall((ROOT / "docs" / "upgrading.md").read_text())
    named = {Path(file).name for file in files.split()}
    assert {file[: file.rindex("/") + 1] for file in files.split()} == PLACES
    units = [path for pattern in named for path in (ROOT / "examples" / "systemd").glob(pattern)]
    copies = [Path(shutil.copy(unit, tmp_path)) for unit in units]
    assert folders(copies) == {"/opt/webshop-orders"}

    for version in ("1.1.0", "1.2.0"):
        subprocess.run(["sed", "-i", change.replace("1.1.0", version), *copies], check=True)
        assert folders(copies) == {f"/opt/webshop-orders-{version}"}


def folders(paths: list[Path]) -> set[str]:
    """The folders that any of these files names; each has to name one."""
    found = [FOLDER.findall(path.read_text()) for path in paths]
    assert all(found)
    return {folder for names in found for folder in names}
