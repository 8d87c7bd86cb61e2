"""Rule 31: the code says where the stock of a product changes, which is `operations/stock/movements.py` alone."""

import ast
from collections.abc import Iterator

import pytest

from tests.structure.test_layers import PACKAGE

MOVEMENTS = "operations/stock/movements.py"


def modules() -> dict[str, ast.Module]:
    return {str(path.relative_to(PACKAGE)): ast.parse(path.read_text()) for path in PACKAGE.rglob("*.py")}


def assignments(tree: ast.Module) -> Iterator[str]:
    """What in a module gives something another stock."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets):
                assigned = [part for target in targets for part in ast.walk(target)]
            case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
                assigned = [target]
            case ast.Call(func=ast.Name("setattr"), args=[_, ast.Constant("stock" | "stock_version"), *_]):
                yield ast.unparse(node)
                continue
            case ast.Call(func=ast.Attribute(attr="values"), keywords=keywords):
                if {"stock", "stock_version"} & {keyword.arg for keyword in keywords}:
                    yield ast.unparse(node)
                continue
            case _:
                continue
        for part in assigned:
            is_set = isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store)
            if is_set and part.attr in {"stock", "stock_version"}:
                yield ast.unparse(node)


def makes_products_in_stock(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Product"
        and any(keyword.arg == "stock" for keyword in node.keywords)
        for node in ast.walk(tree)
    )


def test_rule_31_stock_is_assigned_in_one_module() -> None:
    found = {name: list(assignments(tree)) for name, tree in modules().items()}
    assert found.pop(MOVEMENTS) == ["product.stock = stock", "product.stock_version += 1"]
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_rule_31_products_are_made_in_stock_where_their_opening_is_recorded() -> None:
    made = {name for name, tree in modules().items() if makes_products_in_stock(tree)}
    assert made == {"demo/bulk_products.py", "demo/catalogue.py", "operations/stock/products.py"}
    opened = {name for name, tree in modules().items() if "open_stock(" in ast.unparse(tree)}
    assert opened == {MOVEMENTS, "demo/bulk_products.py", "demo/shop.py", "operations/stock/products.py"}


@pytest.mark.parametrize(
    "line",
    [
        "product.stock = 3",
        "product.stock -= 1",
        "before, line.product.stock = 1, 2",
        "product.stock_version += 1",
        "setattr(product, 'stock', 3)",
        "update(Product).values(stock=3)",
    ],
)
def test_an_assignment_of_stock_is_found(line: str) -> None:
    assert list(assignments(ast.parse(line)))
    for allowed in ("stock = product.stock", "known[product.stock_version] = 1"):
        assert not list(assignments(ast.parse(allowed)))
