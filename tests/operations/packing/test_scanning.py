"""What a scan means: a unit, a label, a slip, or something that is wrong and counts nothing."""

import pytest
from flask import Flask

from tests.factories import make_order, make_product, reshape_shop
from tests.operations.packing.packing import EVA, LABEL, codes_of, command, load, packing_of, scan, ship, start, ticks
from tests.operations.steps import changing
from webshop_orders.documents.order import NewLine
from webshop_orders.errors import RuleViolation
from webshop_orders.models import NO_SKU, Actor, Order
from webshop_orders.operations.orders import splits, tracking
from webshop_orders.operations.packing import scanning
from webshop_orders.operations.packing.commands import Command
from webshop_orders.operations.packing.scanning import Effect, Elsewhere
from webshop_orders.operations.packing.sessions import TakenOver

EAN = "7350053850019"
UPC = "036000291452"
SSCC = "00370712345678901238"


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("LJUS-12", name="Stearinljus", barcode=EAN)
    make_product("KAN-02", name="Ljusstake")
    make_product("DUK-7", name="Linneduk", barcode="4006381333931")
    return make_order(("LJUS-12", 3), ("KAN-02", 1))


@pytest.fixture
def session(order: Order) -> int:
    return start(order)


@pytest.mark.parametrize(
    "scanned", [EAN, f"]E0{EAN}", f"0{EAN}", "LJUS-12", "LJUS+12", "ljus-12", " LJUS-12 ", f"]C101{EAN:0>14}10A7"]
)
def test_a_product_ticks_one_unit_off(session: int, scanned: str) -> None:
    assert scan(session, scanned).effect is Effect.PACKED
    assert ticks(session) == {"LJUS-12": (1, 3), "KAN-02": (0, 1)}


def test_a_upc_comes_as_thirteen_digits_with_a_zero_in_front(app: Flask) -> None:
    make_product("KAFFE", barcode=UPC)
    session = start(make_order(("KAFFE", 2)))

    scan(session, f"0{UPC}")
    scan(session, UPC)

    assert ticks(session) == {"KAFFE": (2, 2)}


@pytest.mark.parametrize(
    ("scanned", "sentence"),
    [
        ("4006381333931", "Linneduk hör inte till"),
        ("DUK-7", "Linneduk hör inte till"),
        ("7310865004703", "är varken en produkt i"),  # of no product here
        ("7350053850018", "är varken en produkt i"),  # the check digit is wrong
        ("abc", "är varken en produkt i"),
        ("<script>", "är varken en produkt i"),
        ("٣", "är varken en produkt i"),
        ("1e9", "är varken en produkt i"),
        ("4*LJUS-12", "Bara 3 Stearinljus är kvar"),
        ("99999*LJUS-12", "Bara 3 Stearinljus är kvar"),
        ("0*LJUS-12", "är varken en produkt i"),
        ("-1*LJUS-12", "är varken en produkt i"),
    ],
)
def test_what_is_wrong_is_refused_and_counts_nothing(session: int, scanned: str, sentence: str) -> None:
    with pytest.raises(RuleViolation, match=sentence):
        scan(session, scanned)

    assert ticks(session) == {"LJUS-12": (0, 3), "KAN-02": (0, 1)}
    assert load(session).scans == []


def test_a_surplus_unit_is_refused(session: int) -> None:
    scan(session, "KAN-02")

    with pytest.raises(RuleViolation, match="en för mycket"):
        scan(session, "KAN-02")

    assert ticks(session)["KAN-02"] == (1, 1)


def test_a_scan_that_is_sent_twice_counts_once(session: int) -> None:
    assert scan(session, EAN, key="the-same-key").effect is Effect.PACKED
    assert scan(session, EAN, key="the-same-key").effect is Effect.REPEATED
    assert ticks(session)["LJUS-12"] == (1, 3)
    scan(session, "KAN-02", key="the-last-unit")
    assert scan(session, "KAN-02", key="the-last-unit").effect is Effect.REPEATED  # and not one too many


def test_many_units_are_typed_before_the_code_or_scanned_as_the_whole_row(session: int) -> None:
    scan(session, f"2*{EAN}")
    assert ticks(session)["LJUS-12"] == (2, 3)
    command(session, Command.WHOLE_LINE)
    assert ticks(session)["LJUS-12"] == (3, 3)
    with pytest.raises(RuleViolation, match="en för mycket"):
        command(session, Command.WHOLE_LINE)


def test_the_whole_row_needs_one_scan_before(session: int) -> None:
    with pytest.raises(RuleViolation, match="Skanna en av produkten först"):
        command(session, Command.WHOLE_LINE)


def test_a_row_without_a_product_is_packed_by_hand(app: Flask) -> None:
    session = start(make_order(lines=[NewLine(NO_SKU, "Presentinslagning", 2, 2_900, 2500)]))

    with pytest.raises(RuleViolation):
        scan(session, NO_SKU)
    with packing_of(session) as packing:
        scanning.pack(packing, packing.lines[0], 2, request_key="by-hand-1")

    assert ticks(session) == {NO_SKU: (2, 2)}


@pytest.mark.parametrize("units", [0, -1, 4, 10**9])
def test_units_that_are_typed_must_be_left(session: int, units: int) -> None:
    with pytest.raises(RuleViolation, match="Bara 3"), packing_of(session) as packing:
        scanning.pack(packing, packing.lines[0], units, request_key=None)

    assert ticks(session)["LJUS-12"] == (0, 3)


def test_two_rows_of_one_product_are_filled_one_after_the_other(app: Flask) -> None:
    make_product("LJUS-12", barcode=EAN)
    rows = [NewLine("LJUS-12", "Ljus", 1, 100, 2500), NewLine("LJUS-12", "Ljus, rea", 1, 50, 2500)]
    session = start(make_order(lines=rows))

    scan(session, EAN)
    scan(session, EAN)

    assert [(line.name, line.packed) for line in load(session).lines] == [("Ljus", 1), ("Ljus, rea", 1)]


def test_the_last_scan_is_taken_back_and_only_once(session: int) -> None:
    scan(session, EAN)
    scan(session, f"2*{EAN}")
    command(session, Command.UNDO, key="undo-key-1")
    assert command(session, Command.UNDO, key="undo-key-1").effect is Effect.REPEATED
    assert ticks(session)["LJUS-12"] == (1, 3)
    command(session, Command.UNDO)
    assert ticks(session)["LJUS-12"] == (0, 3)
    with pytest.raises(RuleViolation, match="inget att ångra"):
        command(session, Command.UNDO)


def test_the_slip_of_the_shipment_changes_nothing(session: int, order: Order) -> None:
    for scanned in (f"{order.number}-1", order.number, f"https://desk.example.com/orders/{order.number}"):
        assert scan(session, scanned).effect is Effect.OWN_SLIP
    assert load(session).scans == []


def test_another_slip_is_meant_while_nothing_is_packed_and_a_mistake_after(session: int) -> None:
    other = make_order(("KAN-02", 1))

    with pytest.raises(Elsewhere) as meant:
        scan(session, f"{other.number}-1")
    assert (meant.value.number, meant.value.seq) == (other.number, 1)
    scan(session, "LJUS-12")
    with pytest.raises(RuleViolation, match=f"hör till {other.number}-1, och du packar"):
        scan(session, f"{other.number}-1")
    assert ticks(session) == {"LJUS-12": (1, 3), "KAN-02": (0, 1)}


def test_the_slip_of_the_orders_other_shipment_is_another_slip(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        splits.split(next(current.lines), 1, to=None, by=anna)
    session = start(order)
    scan(session, "KAN-02")

    with pytest.raises(RuleViolation, match=f"hör till {order.number}-2"):
        scan(session, f"{order.number}-2")


@pytest.mark.parametrize("number", ["100000", "123456", "1234567", "10000007"])
def test_g1_an_order_number_is_no_article(app: Flask, number: str) -> None:
    """biip takes 6 and 7 digits for the short form of a GTIN, also where it is another order's number."""
    reshape_shop(number_prefix="")
    make_product("LJUS-12", barcode="00000012345670")
    make_order(("LJUS-12", 1), number=number)
    session = start(make_order(("LJUS-12", 2), number="555"))
    scan(session, "LJUS-12")

    for scanned in (number, f"]C0{number}"):
        with pytest.raises(RuleViolation, match=f"hör till {number}"):
            scan(session, scanned)
    assert ticks(session) == {"LJUS-12": (1, 2)}


def packed(session: int) -> None:
    scan(session, f"3*{EAN}")
    scan(session, "KAN-02")


@pytest.mark.parametrize("label", [LABEL, f"]C0{LABEL}", SSCC, f"]C1{SSCC}", f"(00){SSCC[2:]}"])
def test_a_label_that_is_nothing_else_is_taken_before_all_is_packed(session: int, label: str) -> None:
    assert scan(session, label).effect is Effect.LABELLED
    assert len(load(session).codes) == 1


@pytest.mark.parametrize("label", [f"]C1{SSCC[:-1]}9", f"{SSCC[:-1]}9", "RR123456786SE"])
def test_g2_a_label_with_a_wrong_check_digit_is_doubted_and_taken_once_all_is_packed(session: int, label: str) -> None:
    with pytest.raises(RuleViolation, match="varken"):
        scan(session, label)
    packed(session)

    assert scan(session, label).is_doubtful
    assert len(load(session).codes) == 1


def test_a_right_label_is_not_doubted(session: int) -> None:
    assert not scan(session, LABEL).is_doubtful
    command(session, Command.UNDO)
    assert not scan(session, f"]C1{SSCC}").is_doubtful


def test_a_label_of_an_unknown_form_is_taken_once_all_is_packed_but_no_article(session: int) -> None:
    with pytest.raises(RuleViolation, match="varken"):
        scan(session, "KOLLI-4711")
    packed(session)

    assert scan(session, "KOLLI-4711").code == "KOLLI-4711"
    for article in ("7310865004703", "4006381333931"):
        with pytest.raises(RuleViolation):
            scan(session, article)
    assert [scan.text for scan in load(session).codes] == ["KOLLI-4711"]


def test_a_second_label_needs_a_new_parcel(session: int, order: Order) -> None:
    packed(session)
    scan(session, LABEL)
    assert scan(session, LABEL).effect is Effect.KNOWN_ALREADY
    with pytest.raises(RuleViolation, match="Skanna NYTT KOLLI först"):
        scan(session, SSCC)
    command(session, Command.NEW_PARCEL)
    command(session, Command.NEW_PARCEL)
    assert load(session).expects_label
    scan(session, SSCC)
    assert not load(session).expects_label

    ship(order, session)

    assert len(codes_of(order)) == 2


def test_the_label_that_was_booked_before_is_the_only_right_one(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        tracking.add(current.shipments[0], SSCC, "PostNord", None, by=anna)
    session = start(order)
    packed(session)
    with pytest.raises(RuleViolation, match="har redan en annan etikett"):
        scan(session, LABEL)
    assert scan(session, f"]C1{SSCC}").effect is Effect.LABELLED

    ship(order, session)

    assert codes_of(order) == [SSCC]


def test_the_label_of_another_order_is_refused(session: int, anna: Actor) -> None:
    other = make_order(("KAN-02", 1))
    with changing(other, anna) as current:
        tracking.add(current.shipments[0], LABEL, None, None, by=anna)
    packed(session)

    with pytest.raises(RuleViolation, match=f"hör till {other.number}-1"):
        scan(session, LABEL)


def test_several_codes_at_once_are_refused(session: int) -> None:
    packed(session)

    with pytest.raises(RuleViolation, match="en etikett i taget"):
        scan(session, f"{LABEL}, {SSCC}")


def test_others_cannot_scan_into_it(session: int) -> None:
    with pytest.raises(TakenOver):
        scan(session, EAN, by=EVA)
    assert ticks(session)["LJUS-12"] == (0, 3)
