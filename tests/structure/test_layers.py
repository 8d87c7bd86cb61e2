"""The house stands: a module imports only from floors below its own, as DESIGN and docs/ have it."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import webshop_orders

HOUSE = Path(webshop_orders.__file__).parent
NAME = "webshop_orders"

# From the ground up. The rooms of one line are siblings and do not import each other; a package is one room, inside
# of which modules import each other as long as they do not go in a ring, but for operations, which have an order.
FLOORS = [
    # 0: the ground
    ["errors", "columns", "signs", "smtp", "formatting", "signing_keys"],
    ["embed_hosts"],
    ["config", "languages", "postgresql", "sqlite"],
    ["extensions", "strict_json"],
    # 1: the tables
    ["models"],
    # 2: what every change needs
    ["history", "shop_settings", "replica", "totals", "payments"],
    # 3: mail
    ["mailing", "embed_tokens"],
    # 4: what staff, integrations and imports can do
    ["operations"],
    ["operations.passwords"],
    [
        "operations.finding",
        "operations.stock",
        "operations.totals",
        "operations.products",
        "operations.searching",
        "operations.order_counts",
        "operations.settings",
        "operations.users",
        "operations.account_mails",
        "operations.visits",
        "operations.access_log",
        "operations.access_listing",
        "operations.settings_changes",
        "operations.mail_templates",
        "operations.messages",
        "operations.api_keys",
        "operations.webhooks",
        "operations.connections",
    ],
    ["operations.picking"],
    [
        "operations.listing",
        "operations.list_columns",
        "operations.saved_views",
        "operations.lines",
        "operations.message_listing",
        "operations.order_feed",
        "operations.personal_data",
        "operations.second_factor",
    ],
    [
        "operations.splits",
        "operations.shipments",
        "operations.tracking",
        "operations.comments",
        "operations.customers",
        "operations.confirmations",
        "operations.orders",
        "operations.backorders",
    ],
    ["operations.deliveries", "operations.shop_updates"],
    # 5: transactions, deliveries, documents
    ["order_document", "product_document", "sign_in_links", "account_links", "schema"],
    ["delivery_document", "personal_data_document"],
    ["webhooks"],
    ["unit_of_work"],
    ["outbox", "intake", "refusals"],
    # 6: the entrances
    ["api"],
    ["web", "connectors", "demo"],
    # 7: the parts are wired, and started
    ["doctor", "serving"],
    ["cli"],
    [""],
    ["__main__"],
]
LEVELS = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
ENTRANCES = LEVELS["api"]
OF_A_REQUEST = {"request", "session", "flash", "redirect", "render_template", "make_response", "abort", "Response"}
NEVER_COMMIT = ("operations", "mailing", "history", "shop_settings", "totals", "models")


def module_of(path: Path) -> str:
    """A module's name inside the house, `""` for the house itself."""
    parts = path.relative_to(HOUSE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in sorted(HOUSE.rglob("*.py"))}


def room_of(module: str) -> str | None:
    """The room that a module belongs to: itself, or the nearest package around it that has a floor."""
    while module and module not in LEVELS:
        module = module.rpartition(".")[0]
        if not module:
            return None
    return module


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """All of a module but what only the type checker reads."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from statements(node)


def imports_of(module: str) -> Iterator[tuple[int, str]]:
    """The line and the module of every import from inside the house."""
    for node in statements(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            for name in node.names:
                if name.name.split(".")[0] == NAME:
                    yield node.lineno, name.name.partition(".")[2]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{MODULES[module]}:{node.lineno}: write the whole name, not a relative one"
            if node.module is not None and node.module.split(".")[0] == NAME:
                package = node.module.partition(".")[2]
                for name in node.names:
                    inner = f"{package}.{name.name}".lstrip(".")
                    yield node.lineno, inner if inner in MODULES else package


def is_allowed(module: str, imported: str) -> bool:
    room, other = room_of(module), room_of(imported)
    assert room is not None
    assert other is not None
    if room == "cli" and other == "":
        return True  # the commands make the application, which knows them, when they are carried out
    if other == "operations" or (room == other and room != "operations"):
        return True
    return LEVELS[other] < LEVELS[room]


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_a_floor(module: str) -> None:
    assert room_of(module) is not None, (
        f"{MODULES[module]} has no floor. Give it one in FLOORS of {__file__}, and in the table of docs/."
    )
    assert room_of(module) != "operations" or module == "operations", (
        f"{MODULES[module]} has no place in the order of operations. Give it one in FLOORS of {__file__}."
    )


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_from_floors_below_its_own(module: str) -> None:
    wrong = [
        f"{MODULES[module]}:{line} imports {NAME}.{imported}, which is not on a floor below"
        for line, imported in imports_of(module)
        if not is_allowed(module, imported)
    ]

    assert not wrong, "\n".join(wrong)


def test_no_two_modules_of_a_room_import_each_other_in_a_ring() -> None:
    graph = {
        module: {imported for _line, imported in imports_of(module) if imported in MODULES and imported not in packages}
        for packages in [{name for name, path in MODULES.items() if path.name == "__init__.py"}]
        for module in MODULES
    }

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as ring:
        pytest.fail(f"a ring of imports: {' → '.join(ring.args[1])}")


@pytest.mark.parametrize("module", [name for name in MODULES if LEVELS.get(room_of(name) or "", 99) < ENTRANCES])
def test_what_is_below_the_entrances_knows_nothing_of_requests_and_pages(module: str) -> None:
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "flask":
            known = {name.name for name in node.names} & OF_A_REQUEST
            assert not known, f"{MODULES[module]}:{node.lineno} imports {', '.join(sorted(known))} from flask"


@pytest.mark.parametrize("module", [name for name in MODULES if name.split(".")[0] in NEVER_COMMIT])
def test_an_operation_never_commits(module: str) -> None:
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        commits = isinstance(node, ast.Attribute) and node.attr == "commit"
        assert not commits, f"{MODULES[module]}:{getattr(node, 'lineno', 0)} commits; the unit of work does that, once"


def test_this_test_sees_an_import_from_above() -> None:
    assert not is_allowed("models.order", "operations.lines")
    assert not is_allowed("operations.stock", "operations.lines")
    assert not is_allowed("operations.splits", "operations.shipments")
    assert not is_allowed("connectors.json_lines", "web.fields")
    assert is_allowed("operations.splits", "operations.lines")
    assert is_allowed("web.lines", "web.answers")
    assert room_of("a_new_module") is None
