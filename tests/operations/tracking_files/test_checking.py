"""What each row of a file is found to mean."""

import pytest
from flask import Flask

from tests.factories import make_order, make_product, reshape_shop
from tests.operations.tracking_files.tables import (
    ANNA,
    GOOD,
    add,
    add_table,
    decide,
    findings,
    number_cell,
    rows_of,
    table,
    taken,
)
from tests.statements import executed
from webshop_orders.errors import RuleViolation
from webshop_orders.models import CellNote, ColumnRole, Decision, Finding, Order
from webshop_orders.operations.batches import selection
from webshop_orders.operations.orders import cancellation, shipments, splits, tracking
from webshop_orders.operations.tracking_files import files
from webshop_orders.operations.tracking_files.table import Table, TableRow
from webshop_orders.transactions.unit_of_work import editing, writing


@pytest.fixture(autouse=True)
def _products(app: Flask) -> None:
    make_product("LJUS", stock=500)


def order(**values: object) -> Order:
    return make_order(("LJUS", 2), **values)


def ship(order: Order, *codes: str) -> None:
    with editing(order.number, None, ANNA) as present:
        for code in codes:
            tracking.add(present.shipments[0], code, None, None, by=ANNA)
        shipments.ship(present.shipments[0], by=ANNA)


def split(order: Order) -> None:
    with editing(order.number, None, ANNA) as present:
        splits.split(next(present.lines), 1, to=None, by=ANNA)


@pytest.mark.parametrize(
    "name",
    [
        lambda order: order.number,
        lambda order: order.number.lower(),
        lambda order: f" {order.number}\u200b ",
        lambda order: order.number.partition("-")[2],
        lambda order: order.number.replace("-", " "),
        lambda order: f"{order.number}-1",
        lambda order: f"{order.number}-1".lower(),
        lambda order: f"{order.number.partition('-')[2]}-1",
        lambda order: "1001",
        lambda order: "#1001",
        lambda order: order.external_reference,
        lambda order: f"Order {order.number}, Åsa Öberg",
        lambda order: f"Vår ref: {order.number}-1 / ljus",
    ],
)
def test_an_order_is_found_by_whatever_names_it(name) -> None:  # type: ignore[no-untyped-def]
    order(shop_number="#2002")
    meant = order(shop_number="#1001")
    order(shop_number="#100")

    (row,) = rows_of(add((name(meant), GOOD[0])))

    assert (row.order_id, row.seq, row.findings) == (meant.id, 1, [])
    assert row.codes == [{"code": GOOD[0], "carrier": "PostNord", "url": None}]


@pytest.mark.parametrize("name", ["WS-1", "100", "Åsa Öberg", "#", "-", "WS-999999-1", "x" * 300])
def test_an_order_that_is_not_there_is_unknown(name: str) -> None:
    order(shop_number="#1001")

    file = add((name, GOOD[0]))

    assert findings(file) == [["unknown"]]
    assert taken(file) == []


def test_a_number_that_two_orders_have_is_not_guessed() -> None:
    first, second = order(shop_number="#1001"), order(shop_number="#1001")

    (row,) = rows_of(add(("1001", GOOD[0])))

    assert row.findings == ["several_orders"]
    assert row.facts["orders"] == sorted([first.number, second.number])


def test_our_own_number_is_meant_before_the_same_of_another_shop() -> None:
    ours = order()
    order(shop_number=ours.number)

    (row,) = rows_of(add((ours.number, GOOD[0])))

    assert row.order_id == ours.id


def test_a_batch_tells_orders_apart_and_another_order_is_asked_about() -> None:
    order(shop_number="#1001")
    meant, outside = order(shop_number="#1001"), order()
    with writing():
        batch = selection.create([meant.number], by=ANNA)

    file = add(("1001", GOOD[0]), (outside.number, GOOD[1]), within_batch_id=batch.id)

    assert [row.order_id for row in rows_of(file)] == [meant.id, outside.id]
    assert findings(file) == [[], ["outside_batch"]]


def test_the_reference_is_asked_where_the_number_says_nothing() -> None:
    meant = order()
    columns = {ColumnRole.ORDER: 0, ColumnRole.REFERENCE: 2, ColumnRole.CODE: 1}

    rows = rows_of(add(("", GOOD[0], meant.number), ("98765", GOOD[1], meant.number), columns=columns))

    assert [row.order_id for row in rows] == [meant.id, meant.id]


def test_rows_without_an_order_or_a_code_say_which() -> None:
    one = order()

    file = add(("", GOOD[0]), (one.number, ""), (one.number,), (one.number, "finns ej"), (one.number, "0"))

    assert findings(file) == [["no_order_number"], ["no_code"], ["no_code"], ["not_a_code"], ["not_a_code"]]


def test_what_a_spreadsheet_made_of_a_code_is_refused_or_asked() -> None:
    orders = [order() for _ in range(4)]
    notes = [CellNote.CUT, CellNote.FAULT, CellNote.NUMBER, CellNote.PADDED]
    texts = ["373500000000000128", "#N/A", "12345678", "00012345"]
    rows = [
        number_cell(at, one.number, text, note)
        for at, (one, text, note) in enumerate(zip(orders, texts, notes, strict=True), 2)
    ]

    file = add_table(Table(["Ordernr", "Kollinr"], rows, {ColumnRole.ORDER: 0, ColumnRole.CODE: 1}))

    assert findings(file) == [["cut_number"], ["fault"], ["leading_zeros"], ["leading_zeros"]]
    assert [row.codes for row in rows_of(file)][:2] == [[], []]
    assert decide(file, Decision.TAKE, finding=Finding.LEADING_ZEROS) == 2
    assert taken(file) == [4, 5]
    with pytest.raises(RuleViolation):
        decide(file, Decision.TAKE, finding=Finding.CUT_NUMBER)


@pytest.mark.parametrize(
    ("code", "is_wrong"),
    [
        ("RR123456785SE", False),
        ("RR123456789SE", True),
        ("373500000000000123", False),
        ("00373500000000000123", False),
        ("373500000000000128", True),
        ("12345678901234567", False),
        ("JJFI64300012345678", False),
    ],
)
def test_a_wrong_check_digit_is_asked_about(code: str, is_wrong: bool) -> None:
    file = add((order().number, code))

    assert findings(file) == [["check_digit"] if is_wrong else []]


def test_an_order_that_cannot_change_is_left_out() -> None:
    cancelled = order()
    with editing(cancelled.number, None, ANNA) as present:
        cancellation.cancel(present, by=ANNA)

    assert findings(add((cancelled.number, GOOD[0]))) == [["closed"]]


def test_a_shipped_shipment_gets_a_code_if_it_has_none_and_is_asked_about_if_it_has() -> None:
    without, having = order(), order()
    ship(without)
    ship(having, "OLD-12345")

    file = add((without.number, GOOD[0]), (having.number, GOOD[1]))

    assert findings(file) == [[], ["shipped"]]
    assert taken(file) == [2]


def test_a_code_that_is_there_is_not_added_again_however_it_is_written() -> None:
    one = order()
    with editing(one.number, None, ANNA) as present:
        tracking.add(present.shipments[0], "373500000000000123", None, None, by=ANNA)

    assert findings(add((one.number, "00 3735 0000 0000 0001 23"))) == [["present"]]


def test_a_code_of_another_order_is_pointed_out_and_not_refused() -> None:
    one, other = order(), order()
    ship(other, GOOD[0])

    file = add((one.number, GOOD[0]))

    (row,) = rows_of(file)
    assert (row.findings, row.facts["elsewhere"]) == (["elsewhere"], [other.number])
    decide(file, Decision.TAKE, number=2)
    assert taken(file) == [2]


def test_the_only_open_shipment_is_meant_and_of_several_one_is_chosen() -> None:
    half, whole = order(), order()
    split(half)
    split(whole)
    ship(half)

    file = add((half.number, GOOD[0]), (whole.number, GOOD[1]), (f"{whole.number}-2", GOOD[2]))

    assert [(row.seq, row.findings) for row in rows_of(file)] == [(2, []), (None, ["several_shipments"]), (2, [])]
    with pytest.raises(RuleViolation):
        decide(file, Decision.TAKE, number=3)
    with pytest.raises(RuleViolation, match="Välj en av orderns försändelser"):
        decide(file, Decision.TAKE, number=3, seq=9)
    decide(file, Decision.TAKE, number=3, seq=1)
    assert taken(file) == [2, 3, 4]
    assert rows_of(file)[1].seq == 1


def test_a_shipment_that_is_no_more_is_unknown() -> None:
    one = order()
    split(one)
    with editing(one.number, None, ANNA) as present:
        splits.split(present.shipments[1].lines[0], 1, to=present.shipments[0], by=ANNA)

    (row,) = rows_of(add((f"{one.number}-2", GOOD[0])))

    assert (row.findings, row.facts["gone"]) == (["unknown"], f"{one.number}-2")


def test_a_code_that_comes_twice_is_added_once_and_several_codes_are_several_parcels() -> None:
    one = order()

    file = add((one.number, GOOD[0]), (one.number, GOOD[1]), (one.number, f"{GOOD[0][:2]} {GOOD[0][2:]}"))

    assert findings(file) == [[], [], ["twice"]]
    assert rows_of(file)[2].facts["first"] == 2


def test_a_row_that_is_not_carried_out_makes_no_later_right_row_a_repetition() -> None:
    one = order()

    file = add(("WS-999999", GOOD[0]), (one.number, ""), (one.number, GOOD[0]), (one.number, GOOD[0]))

    assert findings(file) == [["unknown"], ["no_code"], [], ["twice"]]
    decide(file, Decision.LEAVE_OUT, number=4)
    assert findings(file)[3] == []
    assert taken(file) == [5]
    decide(file, None, number=4)
    assert taken(file) == [4]


def test_one_code_for_two_orders_is_asked_about_in_both_rows() -> None:
    first, second = order(), order()

    file = add((first.number, GOOD[0]), (second.number, GOOD[0]))

    assert findings(file) == [["two_orders"], ["two_orders"]]
    assert [row.facts["sharing"] for row in rows_of(file)] == [[second.number], [first.number]]
    decide(file, Decision.LEAVE_OUT, number=2)
    assert findings(file) == [[], []]


def test_a_row_with_two_questions_is_taken_by_one_decision() -> None:
    one = order()
    ship(one, "OLD-12345")

    file = add((one.number, "RR123456789SE"))

    assert findings(file) == [["check_digit", "shipped"]]
    decide(file, Decision.TAKE, finding=Finding.SHIPPED)
    assert taken(file) == [2]


def test_a_decision_does_not_cover_what_is_found_later() -> None:
    one, other = order(), order()
    file = add((one.number, "RR123456789SE"))
    decide(file, Decision.TAKE, number=2)
    ship(other, "RR123456789SE")

    with writing():
        files.recheck(files.lock(file.id))

    assert findings(file) == [["check_digit", "elsewhere"]]
    assert taken(file) == []


def test_the_carrier_is_the_cells_or_that_of_the_code_or_of_the_shipping_method() -> None:
    plain, with_method = order(), order(shipping_method="Ombud med DHL")
    columns = {ColumnRole.ORDER: 0, ColumnRole.CODE: 1, ColumnRole.CARRIER: 2}

    file = add(
        *(
            (plain.number, "ABC12345678", "Post Nord MyPack"),
            (plain.number, GOOD[0], ""),
            (plain.number, "X12345678", "P19"),
        ),
        (with_method.number, "12345678901", ""),
        columns=columns,
    )

    assert [row.codes[0]["carrier"] for row in rows_of(file)] == ["PostNord", "PostNord", None, "DHL"]


@pytest.mark.parametrize(
    ("sent", "is_sent"), [("2026-11-30", True), ("Ja", True), ("", False), ("Nej", False), ("MAKULERAD", False)]
)
def test_a_column_of_sent_says_whether_a_parcel_has_left(sent: str, is_sent: bool) -> None:
    columns = {ColumnRole.ORDER: 0, ColumnRole.CODE: 1, ColumnRole.SENT: 2}

    (row,) = rows_of(add((order().number, GOOD[0], sent), columns=columns))

    assert row.is_sent is is_sent


def test_a_link_and_several_codes_in_a_cell_are_read_as_anywhere() -> None:
    one, two = order(), order()
    link = "https://tracking.postnord.com/se/tracking?id=RR123456785SE"

    file = add((one.number, link), (two.number, f"{GOOD[1]}, {GOOD[2]}"))

    assert [[code["code"] for code in row.codes] for row in rows_of(file)] == [[GOOD[0]], [GOOD[1], GOOD[2]]]


def test_columns_without_headings_are_told_by_what_is_in_them() -> None:
    orders = [order() for _ in range(4)]
    rows = [TableRow(at, ["Åsa", "PostNord", GOOD[at - 1], one.number]) for at, one in enumerate(orders, 1)]

    file = add_table(Table([], rows, {}))

    assert file.columns == {"order": 3, "code": 2, "carrier": 1}
    assert findings(file) == [[]] * 4


def test_chosen_columns_are_remembered_for_the_next_file_with_the_same_headings() -> None:
    one = order()
    file = add((GOOD[0], one.number))
    assert taken(file) == []
    swapped = {ColumnRole.ORDER: 1, ColumnRole.CODE: 0}

    with writing():
        files.choose_columns(files.lock(file.id), swapped)

    assert taken(file) == [2]
    assert taken(add((GOOD[0], one.number))) == [2]
    other_headings = Table(
        ["Order", "Kollinr"], [TableRow(2, [GOOD[0], one.number])], {ColumnRole.ORDER: 0, ColumnRole.CODE: 1}
    )
    assert taken(add_table(other_headings)) == []


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({ColumnRole.ORDER: 0}, "Välj kolumnen med spårningskoderna"),
        ({ColumnRole.CODE: 0}, "Välj kolumnen med ordernumren"),
        ({ColumnRole.CODE: 0, ColumnRole.ORDER: 0}, "En kolumn kan bara betyda en sak"),
    ],
)
def test_columns_that_cannot_be_are_refused(chosen: dict[ColumnRole, int | None], sentence: str) -> None:
    file = add((order().number, GOOD[0]))

    with pytest.raises(RuleViolation, match=sentence), writing():
        files.choose_columns(files.lock(file.id), chosen)

    assert taken(file) == [2]


def test_the_shops_prefix_may_be_any() -> None:
    reshape_shop(number_prefix="Ljus & Linne ")
    one = order()

    (row,) = rows_of(add((one.number, GOOD[0])))
    (bare,) = rows_of(add((one.number.removeprefix("Ljus & Linne "), GOOD[0])))

    assert row.order_id == bare.order_id == one.id


def count_statements(read: Table) -> int:
    """How many statements adding a table takes."""
    with executed() as statements:
        add_table(read)
    return len(statements)


def test_many_rows_are_checked_in_few_statements() -> None:
    orders = [order() for _ in range(30)]
    rows = [(one.number, f"AB{one.id:09}XY") for one in orders]

    assert count_statements(table(*rows)) <= count_statements(table(*rows[:2])) + 3
