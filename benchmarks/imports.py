"""The rate of `import`, beside that of placing the same orders one by one, and how much memory it takes.

    python -m benchmarks.imports [ORDERS [DATABASE]]

On PostgreSQL and on SQLite, from each format, into a catalogue of 2 000 products of which half have tracked stock. Nine
of ten orders have left, as in a shop that moves. The orders one by one are placed as the API places them, 100 in a
transaction; their number is a tenth. The ratio of both is within this run, since machines differ and are noisy. The
time of the processor is that of our processes, without the database's, in microseconds an order. Memory is the largest
resident set of a process of its own that imports a fifth of the orders, and of one that imports all.
"""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks.outbox import databases
from tests.conftest import settings
from webshop_orders import create_app
from webshop_orders.connectors import export_files
from webshop_orders.connectors.export_files import Format
from webshop_orders.connectors.importing import json_lines, orders, source_files
from webshop_orders.connectors.importing.files import open_text
from webshop_orders.connectors.importing.records import Record
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewOrder
from webshop_orders.models import Order, Product
from webshop_orders.operations.orders import placement
from webshop_orders.operations.stock import products, reservations
from webshop_orders.transactions.unit_of_work import writing

PRODUCTS = 2_000
ONE_BY_ONE = 100  # in a transaction
PRICES = range(2_500, 80_000, 100)
FORMATS = {
    "JSON lines": ("orders.jsonl", Format.JSON_LINES),
    "WooCommerce JSON": ("woocommerce.json", Format.WOOCOMMERCE),
    "Shopify JSON": ("shopify.json", Format.SHOPIFY),
    "Shopify CSV": ("shopify.csv", Format.SHOPIFY),
}


def main(count: int, only: str | None) -> None:
    print("| | format | orders/s | µs of CPU | one by one/s | µs of CPU | ratio | MB at a fifth | MB at all |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory(prefix="webshop-orders-benchmark-") as folder:
        for name, url in databases():
            if only not in {None, name}:
                continue
            app = create_app(settings(url))
            with app.app_context():
                add_products()
                for kind, (file_name, file_format) in FORMATS.items():
                    measure(name, url, kind, Path(folder) / file_name, file_format, count)
                db.session.remove()
                db.engine.dispose()


def measure(database: str, url: str, kind: str, path: Path, file_format: Format, count: int) -> None:
    prefix = f"{database}-{kind}".replace(" ", "-").lower()
    write_file(path, file_format, f"{prefix}-slow", count // 10)
    slow = timed(lambda: one_by_one(path, file_format), count // 10)
    write_file(path, file_format, f"{prefix}-small", count // 5)
    small = memory_of_import(url, path, file_format)
    write_file(path, file_format, f"{prefix}-all", count)
    fast = timed(lambda: bulk(path, file_format), count)
    write_file(path, file_format, f"{prefix}-again", count)
    large = memory_of_import(url, path, file_format)
    ratio = fast[0] / slow[0]
    print(
        f"| {database} | {kind} | {fast[0]:.0f} | {fast[1]:.0f} | {slow[0]:.0f} | {slow[1]:.0f} | {ratio:.1f} | "
        f"{small:.0f} | {large:.0f} |",
        flush=True,
    )


def timed(run: Callable[[], object], count: int) -> tuple[float, float]:
    """Orders a second, and microseconds of CPU an order in all processes of ours, of a run that places so many."""
    before = count_orders()
    started, cpu = time.perf_counter(), processor_time()
    run()
    figures = count / (time.perf_counter() - started), (processor_time() - cpu) / count * 1e6
    placed = count_orders() - before
    assert placed == count, f"{placed} of {count} were placed"
    return figures


def processor_time() -> float:
    """Seconds of this process, and of those that it started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def bulk(path: Path, file_format: Format) -> None:
    def show(refusal: object) -> None:
        print(refusal, file=sys.stderr)

    if file_format is Format.JSON_LINES:
        with open_text(path) as text:
            orders.import_orders(json_lines.orders(text), keeps_source_total=False, refuse=show, progress=nothing)
    else:
        documents = export_files.documents(path, file_format)
        source = source_files.orders(documents)
        orders.import_orders(source, keeps_source_total=True, refuse=show, progress=nothing)


def nothing(*_progress: object) -> None:
    pass


def one_by_one(path: Path, file_format: Format) -> None:
    """As the import did it before: an order at a time, each with its savepoint."""
    if file_format is Format.JSON_LINES:
        with open_text(path) as text:
            place_one_by_one(json_lines.orders(text).records, keeps_source_total=False)
    else:
        documents = export_files.documents(path, file_format)
        place_one_by_one(source_files.orders(documents).records, keeps_source_total=True)


def place_one_by_one(records: Iterable[Record[NewOrder]], *, keeps_source_total: bool) -> None:
    remaining = iter(records)
    while batch := [record.read() for record in islice(remaining, ONE_BY_ONE)]:
        with writing():
            catalogue = products.matching(line.sku for new in batch for line in new.lines)
            reservations.lock(catalogue.values())
            for new in batch:
                with db.session.begin_nested():
                    placement.place(
                        new, catalogue, by=orders.IMPORTER, imported=True, keeps_source_total=keeps_source_total
                    )


def memory_of_import(url: str, path: Path, file_format: Format) -> float:
    """The largest resident set in MB of a process that imports a file."""
    command = [sys.executable, "-m", "benchmarks.imports", "--memory", url, str(path), file_format.value]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def print_memory_of_import(url: str, path: str, file_format: str) -> None:
    with create_app(settings(url)).app_context():
        bulk(Path(path), Format(file_format))
    status = Path("/proc/self/status").read_text()  # unlike getrusage, without what the parent process has
    print(int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024)


def count_orders() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Order.id))) or 0


def add_products() -> None:
    with writing():
        for place in range(PRODUCTS):
            stock = 10**6 if place % 2 else None
            db.session.add(
                Product(
                    sku=f"P-{place}", name=f"Ljus {place}", price=9_900, currency="SEK", vat_rate=2_500, stock=stock
                )
            )


def write_file(path: Path, file_format: Format, prefix: str, count: int) -> None:
    """A file of invented orders, with references that no other file has."""
    rng = random.Random(prefix)
    first_id = rng.randrange(10**12)
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix == ".jsonl":
            file.writelines(json.dumps(own_order(rng, f"{prefix}-{place}")) + "\n" for place in range(count))
        elif path.suffix == ".csv":
            rows = csv.DictWriter(file, shopify_row(rng, 0, [(0, 1, 100)])[0])
            rows.writeheader()
            for place in range(count):
                rows.writerows(shopify_row(rng, first_id + place, basket(rng)))
        else:
            make = woocommerce_order if file_format is Format.WOOCOMMERCE else shopify_order
            start, end = ("[", "]") if file_format is Format.WOOCOMMERCE else ('{"orders": [', "]}")
            file.write(start)
            for place in range(count):
                file.write((",\n" if place else "") + json.dumps(make(rng, first_id + place, basket(rng))))
            file.write(end)


def basket(rng: random.Random) -> list[tuple[int, int, int]]:
    """The product, quantity and price in öre of each line."""
    return [(rng.randrange(PRODUCTS), rng.randrange(1, 5), rng.choice(PRICES)) for _line in range(rng.randrange(1, 5))]


def has_left(rng: random.Random) -> bool:
    return rng.random() < 0.9


def address(rng: random.Random) -> dict[str, str]:
    return {
        "street": f"Storgatan {rng.randrange(1, 200)}",
        "postal_code": f"{rng.randrange(100, 990)} {rng.randrange(10, 99)}",
        "city": rng.choice(["Luleå", "Umeå", "Örebro", "Kiruna", "Malmö"]),
        "country": "SE",
    }


def own_order(rng: random.Random, reference: str) -> dict[str, Any]:
    home = address(rng)
    lines = [
        {"sku": f"P-{place}", "name": f"Ljus {place}", "quantity": units, "unit_price": price, "vat_rate": 2_500}
        for place, units, price in basket(rng)
    ]
    left = {"shipped_at": "2026-07-05T09:00:00Z"} if has_left(rng) else {}
    return {
        "external_reference": reference,
        "placed_at": "2026-07-04T08:00:00Z",
        "currency": "SEK",
        "customer": {"name": "Åsa Öberg", "email": f"asa{rng.randrange(10**6)}@example.com", "phone": "070-174 06 50"},
        "billing_address": home,
        "shipping_address": home,
        "payment": {"method": "klarna", "paid": 0},
        "shipping": {"method": "Ombud", "price": 4_900, "vat_rate": 2_500},
        "lines": lines,
        **left,
    }


def kronor(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02d}"


def vat_within(amount: int) -> int:
    return round(amount / 5)


def woocommerce_order(rng: random.Random, number: int, lines: list[tuple[int, int, int]]) -> dict[str, Any]:
    home = address(rng)
    person = {
        "first_name": "Åsa",
        "last_name": "Öberg",
        "address_1": home["street"],
        "city": home["city"],
        "postcode": home["postal_code"],
        "country": "SE",
        "email": f"asa{rng.randrange(10**6)}@example.com",
        "phone": "070-174 06 50",
    }
    left = has_left(rng)
    amounts = [units * price for _place, units, price in lines]
    vat = sum(map(vat_within, amounts))
    return {
        "id": number,
        "number": str(number),
        "status": "completed" if left else "processing",
        "currency": "SEK",
        "prices_include_tax": True,
        "date_created_gmt": "2026-07-04T08:00:00",
        "date_modified_gmt": "2026-07-05T09:00:00",
        "date_paid_gmt": "2026-07-04T08:01:00",
        "date_completed_gmt": "2026-07-05T09:00:00" if left else None,
        "total": kronor(sum(amounts)),
        "total_tax": kronor(vat),
        "cart_tax": kronor(vat),
        "payment_method": "kco",
        "payment_method_title": "Klarna",
        "billing": person,
        "shipping": person,
        "tax_lines": [{"rate_id": 4, "rate_percent": 25, "tax_total": kronor(vat), "shipping_tax_total": "0.00"}],
        "line_items": [
            {
                "id": index,
                "name": f"Ljus {place}",
                "product_id": place,
                "quantity": units,
                "subtotal": kronor(amount - vat_within(amount)),
                "subtotal_tax": kronor(vat_within(amount)),
                "total": kronor(amount - vat_within(amount)),
                "total_tax": kronor(vat_within(amount)),
                "taxes": [{"id": 4, "total": kronor(vat_within(amount)), "subtotal": kronor(vat_within(amount))}],
                "sku": f"P-{place}",
                "price": (amount - vat_within(amount)) / units / 100,
            }
            for index, ((place, units, _price), amount) in enumerate(zip(lines, amounts, strict=True), start=1)
        ],
        "shipping_lines": [],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": [],
    }


def shopify_order(rng: random.Random, number: int, lines: list[tuple[int, int, int]]) -> dict[str, Any]:
    home = address(rng)
    person = {
        "first_name": "Åsa",
        "last_name": "Öberg",
        "address1": home["street"],
        "city": home["city"],
        "zip": home["postal_code"],
        "country_code": "SE",
        "phone": "070-174 06 50",
    }
    left = has_left(rng)
    amounts = [units * price for _place, units, price in lines]
    vat, total = sum(map(vat_within, amounts)), kronor(sum(amounts))
    return {
        "id": number,
        "name": f"#{number}",
        "email": f"asa{rng.randrange(10**6)}@example.com",
        "currency": "SEK",
        "taxes_included": True,
        "created_at": "2026-07-04T10:00:00+02:00",
        "updated_at": "2026-07-05T11:00:00+02:00",
        "processed_at": "2026-07-04T10:00:00+02:00",
        "financial_status": "paid",
        "fulfillment_status": "fulfilled" if left else None,
        "fulfillments": [
            {
                "id": number,
                "status": "success",
                "created_at": "2026-07-05T11:00:00+02:00",
                "tracking_company": "PostNord",
                "tracking_numbers": [f"JJFI{number}"],
                "line_items": [
                    {"id": index, "quantity": units} for index, (_place, units, _price) in enumerate(lines, start=1)
                ],
            }
        ]
        if left
        else [],
        "payment_gateway_names": ["klarna"],
        "total_price": total,
        "current_total_price": total,
        "subtotal_price": total,
        "total_tax": kronor(vat),
        "current_total_tax": kronor(vat),
        "total_outstanding": "0.00",
        "billing_address": person,
        "shipping_address": person,
        "line_items": [
            {
                "id": index,
                "title": f"Ljus {place}",
                "name": f"Ljus {place}",
                "sku": f"P-{place}",
                "quantity": units,
                "current_quantity": units,
                "price": kronor(price),
                "total_discount": "0.00",
                "discount_allocations": [],
                "tax_lines": [{"rate": 0.25, "price": kronor(vat_within(units * price)), "title": "Moms"}],
            }
            for index, (place, units, price) in enumerate(lines, start=1)
        ],
        "shipping_lines": [],
        "refunds": [],
    }


def shopify_row(rng: random.Random, number: int, lines: list[tuple[int, int, int]]) -> list[dict[str, str]]:
    """The rows of an order in Shopify's CSV export: one for each line, the first with what is the order's."""
    home = address(rng)
    amounts = [units * price for _place, units, price in lines]
    left = has_left(rng)
    order = {
        "Name": f"#{number}",
        "Email": f"asa{rng.randrange(10**6)}@example.com",
        "Financial Status": "paid",
        "Paid at": "2026-07-04 10:01:00 +0200",
        "Fulfillment Status": "fulfilled" if left else "unfulfilled",
        "Fulfilled at": "2026-07-05 11:00:00 +0200" if left else "",
        "Currency": "SEK",
        "Subtotal": kronor(sum(amounts)),
        "Shipping": "0.00",
        "Taxes": kronor(sum(map(vat_within, amounts))),
        "Total": kronor(sum(amounts)),
        "Discount Amount": "0.00",
        "Created at": "2026-07-04 10:00:00 +0200",
        "Billing Name": "Åsa Öberg",
        "Billing Street": home["street"],
        "Billing City": home["city"],
        "Billing Zip": home["postal_code"],
        "Billing Country": "SE",
        "Shipping Name": "Åsa Öberg",
        "Shipping Street": home["street"],
        "Shipping City": home["city"],
        "Shipping Zip": home["postal_code"],
        "Shipping Country": "SE",
        "Payment Method": "Klarna",
        "Id": str(number),
        "Outstanding Balance": "0.00",
        "Tax 1 Name": "Moms 25%",
        "Tax 1 Value": kronor(sum(map(vat_within, amounts))),
    }
    rows = []
    for index, (place, units, price) in enumerate(lines):
        of_order = order if index == 0 else {"Name": order["Name"], "Email": order["Email"]}
        line = {
            "Lineitem quantity": str(units),
            "Lineitem name": f"Ljus {place}",
            "Lineitem price": kronor(price),
            "Lineitem sku": f"P-{place}",
            "Lineitem requires shipping": "true",
            "Lineitem taxable": "true",
            "Lineitem fulfillment status": "fulfilled" if left else "pending",
            "Lineitem discount": "0.00",
        }
        rows.append({**dict.fromkeys(order, ""), **of_order, **line})
    return rows


if __name__ == "__main__":
    if sys.argv[1:2] == ["--memory"]:
        print_memory_of_import(*sys.argv[2:])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000, sys.argv[2] if len(sys.argv) > 2 else None)
