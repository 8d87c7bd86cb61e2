"""Modules import in one direction, as the contracts in pyproject.toml have it; and what no contract can say."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import webshop_orders

PACKAGE = Path(webshop_orders.__file__).parent
CONFIGURATION = PACKAGE.parent / "pyproject.toml"
LINT_IMPORTS = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
# Each breaks a contract: where it is written, what it imports, and the contract's name.
FORBIDDEN_IMPORTS = [
    ("models/order.py", "operations.orders.lines", "Packages import from packages below them"),
    ("web/products.py", "demo.shop", "Packages import from packages below them"),
    ("web/__init__.py", "", "Only commands make the application"),
    ("operations/settings/shop.py", "operations.users.accounts", "Operations import from operations below them"),
    ("operations/orders/splits.py", "operations.orders.shipments", "What is done to orders stands in layers"),
    ("operations/batches/selection.py", "operations.batches.running", "What is done to batches stands in layers"),
    (
        "operations/after_sales/replacements.py",
        "operations.after_sales.returns",
        "What comes after the sale stands in layers",
    ),
    ("operations/undo/order_state.py", "operations.undo.undoing", "Undoing stands in layers"),
    ("operations/order_list/full_text.py", "operations.order_list.pages", "The list of orders stands in layers"),
    ("operations/packing/sessions.py", "operations.packing.scanning", "Packing stands in layers"),
    ("operations/users/throttle.py", "operations.users.accounts", "What is done to users stands in layers"),
    ("operations/settings/shop.py", "operations.settings.carriers", "Other operations do not import their siblings"),
    ("operations/stock/reservations.py", "operations.stock.backorders", "Stock stands in layers"),
    ("web/http/forms.py", "web.auth.sessions", "Pages stand in layers"),
    ("text/folding.py", "text.languages", "No package has a cycle of imports"),
    ("text/languages.py", "text.folding", "No package has a cycle of imports"),
]

WITHOUT_REQUESTS = (
    "clock",
    "config",
    "db",
    "documents",
    "errors",
    "jobs",
    "mailing",
    "models",
    "money",
    "operations",
    "outbox",
    "security",
    "shop_settings",
    "text",
    "transactions",
)
OF_A_REQUEST = {"request", "session", "flash", "redirect", "render_template", "make_response", "abort", "Response"}
NEVER_COMMIT = ("documents", "mailing", "models", "money", "operations", "security", "shop_settings")


def check_contracts(root: Path) -> subprocess.CompletedProcess[str]:
    """Hold the package in a folder against the contracts of its pyproject.toml."""
    return subprocess.run(
        [*LINT_IMPORTS, "--no-logo", "--no-cache"],
        cwd=root,
        env={"COLUMNS": "200", "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )


def modules_of(*packages: str) -> dict[str, ast.Module]:
    """What each module of some packages says."""
    paths = [path for package in packages for path in [PACKAGE / f"{package}.py", *(PACKAGE / package).rglob("*.py")]]
    modules = {str(path.relative_to(PACKAGE)): ast.parse(path.read_text()) for path in paths if path.exists()}
    assert {name.split("/")[0].removesuffix(".py") for name in modules} == set(packages)
    return modules


def request_imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "flask":
            yield from OF_A_REQUEST & {name.name for name in node.names}


def commits(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "commit":
            yield node.lineno


def relative_imports(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield node.lineno


def test_modules_import_as_the_contracts_allow() -> None:
    answer = check_contracts(PACKAGE.parent)

    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_each_contract_can_be_broken(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / PACKAGE.name, ignore=lambda _, names: {n for n in names if n == "__pycache__"})
    shutil.copy(CONFIGURATION, tmp_path)
    for file, imported, _contract in FORBIDDEN_IMPORTS:
        with (tmp_path / PACKAGE.name / file).open("a") as module:
            module.write(f"\nimport {f'webshop_orders.{imported}'.rstrip('.')}\n")
    (tmp_path / PACKAGE.name / "left_over.py").touch()

    answer = check_contracts(tmp_path)

    assert answer.returncode == 1
    assert " 0 kept" in answer.stdout, answer.stdout
    assert "left_over" in answer.stdout
    for file, imported, contract in FORBIDDEN_IMPORTS:
        assert f"{contract} BROKEN" in answer.stdout, (file, imported)


def test_what_is_below_the_api_and_the_pages_knows_nothing_of_requests() -> None:
    wrong = {name: set(request_imports(tree)) for name, tree in modules_of(*WITHOUT_REQUESTS).items()}

    assert {name: imported for name, imported in wrong.items() if imported} == {}
    assert set(request_imports(ast.parse("from flask import request, g"))) == {"request"}


def test_an_operation_never_commits() -> None:
    wrong = {name: list(commits(tree)) for name, tree in modules_of(*NEVER_COMMIT).items()}

    assert {name: lines for name, lines in wrong.items() if lines} == {}, "the unit of work commits, once"
    assert list(commits(ast.parse("db.session.commit()"))) == [1]


def test_imports_are_written_in_full() -> None:
    modules = {str(path.relative_to(PACKAGE)): ast.parse(path.read_text()) for path in PACKAGE.rglob("*.py")}
    wrong = {name: list(relative_imports(tree)) for name, tree in modules.items()}

    assert len(wrong) > 200
    assert {name: lines for name, lines in wrong.items() if lines} == {}
    assert list(relative_imports(ast.parse("from . import orders"))) == [1]
