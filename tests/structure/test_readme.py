"""README's table of packages is what the imports say, and the modules that the documents name exist."""

import re
from pathlib import Path

import grimp
import pytest

import webshop_orders

PACKAGE = Path(webshop_orders.__file__).parent
CHECKOUT = PACKAGE.parent
README = (CHECKOUT / "README.md").read_text()
NOT_MODULES = {"__init__", "__pycache__", "translations", "assets"}
# create_app() alone puts the parts together, and commands import it.
ROOT = "webshop_orders"


def rows() -> list[list[str]]:
    """The packages and modules of each row of the table, from the top."""
    table = README.split("| Package | Its job |")[1].split("\n\n")[0]
    cells = [line.split("|")[1] for line in table.splitlines()[2:]]
    return [[name.rstrip("/").removesuffix(".py") for name in re.findall(r"`([^`]+)`", cell)] for cell in cells]


def upward_imports(floors: dict[str, int], imports: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The imports between packages that do not go to a row below."""
    return [(importer, imported) for importer, imported in imports if floors[imported] <= floors[importer]]


def imports_between_packages() -> list[tuple[str, str]]:
    graph = grimp.build_graph(ROOT, exclude_type_checking_imports=True, cache_dir=None)
    pairs = set()
    for module in graph.modules - {ROOT}:
        for imported in graph.find_modules_directly_imported_by(module) - {ROOT}:
            importer_package, imported_package = module.split(".")[1], imported.split(".")[1]
            if importer_package != imported_package:
                pairs.add((importer_package, imported_package))
    return sorted(pairs)


def test_the_table_has_every_package_once() -> None:
    listed = [name for row in rows() for name in row]
    existing = {path.stem for path in PACKAGE.iterdir() if path.is_dir() or path.suffix == ".py"} - NOT_MODULES

    assert sorted(listed) == sorted(existing)


def test_packages_import_only_from_rows_below() -> None:
    floors = {name: floor for floor, row in enumerate(rows()) for name in row}
    imports = imports_between_packages()

    assert len(imports) > 30
    assert upward_imports(floors, imports) == []


def test_an_upward_import_would_be_found() -> None:
    floors = {name: floor for floor, row in enumerate(rows()) for name in row}
    wrong = [("db", "models"), ("web", "demo")]

    assert upward_imports(floors, [*wrong, ("models", "db")]) == wrong


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_modules_that_a_document_names_exist(document: str) -> None:
    prose = re.sub(r"^```.*?^```", "", (CHECKOUT / document).read_text(), flags=re.MULTILINE | re.DOTALL)
    paths = set(re.findall(r"`([a-z_/]+\.(?:py|html))(?::(\w+))?`", prose))

    assert len(paths) > 10
    for path, name in paths:
        file = next((folder / path for folder in (PACKAGE, CHECKOUT) if (folder / path).exists()), None)
        assert file is not None, path
        assert f"def {name}(" in file.read_text() if name else True, (path, name)
