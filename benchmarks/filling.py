"""The same orders for both systems: generated for the order desk, and copied into Oscar's tables."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg

from benchmarks.builds import OURS, Build
from tests.cli.environment import environ

PASSWORD = "only-for-a-benchmark"
EMAIL = "benchmark@example.com"
# What Oscar's dashboard reads: a table of Oscar's with its columns, and the query for the values in ours.
COPIED = {
    "order_billingaddress (id, title, first_name, last_name, line1, line2, line3, line4, state, postcode, search_text, "
    "country_id)": """
        select id, '', split_part(billing_address->>'name', ' ', 1), split_part(billing_address->>'name', ' ', 2),
          billing_address->>'street', '', '', billing_address->>'city', '', billing_address->>'postal_code',
          concat_ws(' ', billing_address->>'name', billing_address->>'street', billing_address->>'city'), 'SE'
        from orders""",
    "order_shippingaddress (id, title, first_name, last_name, line1, line2, line3, line4, state, postcode, "
    "search_text, phone_number, notes, country_id)": """
        select id, '', split_part(shipping_address->>'name', ' ', 1), split_part(shipping_address->>'name', ' ', 2),
          shipping_address->>'street', '', '', shipping_address->>'city', '', shipping_address->>'postal_code',
          concat_ws(' ', shipping_address->>'name', shipping_address->>'street', shipping_address->>'city'),
          '', '', 'SE'
        from orders""",
    "order_order (id, number, currency, total_incl_tax, total_excl_tax, shipping_incl_tax, shipping_excl_tax, "
    "shipping_method, shipping_code, status, guest_email, date_placed, billing_address_id, shipping_address_id, "
    "site_id, analytics_tracked)": """
        select id, number, currency, total / 100.0, total / 125.0, 49, 39, coalesce(shipping_method, ''), 'parcel',
          case status when 'shipped' then 'Shipped' when 'cancelled' then 'Cancelled' else 'Ready' end,
          coalesce(customer_email, ''), placed_at, id, id, 1, false
        from orders""",
    "order_line (id, partner_name, partner_sku, partner_line_reference, partner_line_notes, title, quantity, "
    "line_price_incl_tax, line_price_excl_tax, line_price_before_discounts_incl_tax, "
    "line_price_before_discounts_excl_tax, unit_price_incl_tax, unit_price_excl_tax, status, order_id, partner_id, "
    "allocation_cancelled, num_allocated)": """
        select lines.id, 'Ljus', sku, '', '', name, quantity,
          quantity * unit_price / 100.0, quantity * unit_price / 125.0,
          quantity * unit_price / 100.0, quantity * unit_price / 125.0, unit_price / 100.0, unit_price / 125.0,
          case shipments.status when 'shipped' then 'Shipped' else 'Ready' end, lines.order_id, 1, false, 0
        from lines join shipments on shipments.id = lines.shipment_id""",
}
RESET_SEQUENCE = "select setval(pg_get_serial_sequence(%s, 'id'), (select max(id) from {}))"


def desk_settings(database: str, folder: Path) -> dict[str, str]:
    """The environment of the order desk; its secret key is stored in the folder."""
    return environ(
        DATABASE_URL=database,
        INSTANCE=str(folder),
        NEW_PASSWORD=PASSWORD,
        API_REQUESTS_PER_MINUTE="1000000",
    )


def fill_desk(settings: dict[str, str], orders: int, build: Build = OURS) -> None:
    """Generate orders with the command line."""
    build.run("generate", "--orders", str(orders), settings=settings)
    build.run("user", "add", EMAIL, "--role", "admin", settings=settings)
    vacuum(settings["WEBSHOP_ORDERS_DATABASE_URL"])


def upgrade_desk(settings: dict[str, str]) -> None:
    """Apply our migrations to a database of another build, and have PostgreSQL analyze what they changed."""
    database = settings["WEBSHOP_ORDERS_DATABASE_URL"]
    before = _revision(database)
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"],
        env=OURS.environment(settings),
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    if _revision(database) != before:
        vacuum(database)


def vacuum(database: str) -> None:
    if database.startswith("postgresql"):
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("vacuum analyze")


def _revision(database: str) -> list[object]:
    with psycopg.connect(database) as connection:
        return list(connection.execute("select version_num from alembic_version").fetchall())


def oscar_settings(database: str) -> dict[str, str]:
    return {"BENCHMARK_DATABASE": database, "DJANGO_SETTINGS_MODULE": "benchmarks.oscar.settings"}


def fill_oscar(database: str, source: str, python: str) -> None:
    """Create Oscar's tables, and copy the order desk's orders into them."""
    own = {"PYTHONPATH": str(Path.cwd()), "DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    environment = {**environ(), **oscar_settings(database), **own}
    _run([python, "-m", "django", "migrate", "-v0"], environment)
    _run([python, "-m", "django", "createsuperuser", "--noinput", "--username", EMAIL, "--email", EMAIL], environment)
    with psycopg.connect(source) as desk, psycopg.connect(database, autocommit=True) as oscar:
        oscar.execute("insert into partner_partner (id, code, name) values (1, 'ljus', 'Ljus')")
        oscar.execute("insert into address_country values ('SE', 'SWE', '752', 'Sweden', 'Sweden', 0, true)")
        for table, query in COPIED.items():
            copy_in = f"copy {table} from stdin"
            with (
                desk.cursor().copy(f"copy ({query}) to stdout") as out,
                oscar.cursor().copy(copy_in) as into,
            ):
                for data in out:
                    into.write(data)
            name = table.split()[0]
            oscar.execute(RESET_SEQUENCE.format(name), [name])
        oscar.execute("vacuum analyze")


def _run(command: list[str], environment: dict[str, str]) -> None:
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
