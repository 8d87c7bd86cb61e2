"""A batch is started, tried again, taken back, named and closed, each refused with a sentence where it cannot be."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.factories import make_order, make_product
from tests.jobs.batches import work as carry_out_all
from tests.web.batches.test_making import send
from tests.web.conftest import Browser, SignIn, fresh
from tests.web.pages import Page
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, Batch, BatchOrder, BatchState, Order, OrderStatus, Role
from webshop_orders.operations.batches import running
from webshop_orders.operations.batches.running import Progress
from webshop_orders.operations.orders import cancellation, tracking
from webshop_orders.transactions.unit_of_work import editing

SHIPPED, READY, BACKORDERED = OrderStatus.SHIPPED, OrderStatus.READY, OrderStatus.BACKORDERED


@pytest.fixture
def orders(app: Flask, anna: Actor) -> list[Order]:
    """One order with a code, one without, and one that waits for stock."""
    make_product("LJUS")
    make_product("SLUT", stock=0, backorderable=True)
    made = [make_order((sku, 1), send_confirmation=False) for sku in ("LJUS", "LJUS", "SLUT")]
    for order in (made[0], made[2]):
        with editing(order.number, None, anna) as locked:
            tracking.add(locked.shipments[0], f"C-{locked.id}", "DHL", None, by=anna)
    return made


@pytest.fixture
def batch(staff: Browser, orders: list[Order]) -> int:
    send(staff, *(order.number for order in orders))
    return stored().id


def page(more: str = "") -> str:
    """The address of the latest batch, or of one of its pages."""
    return f"/batches/{stored().id}{more}"


def start(browser: Browser, query: str = "?do=ship", *, htmx: bool = False, **typed: object) -> TestResponse:
    return browser.send(page(query), page("/start"), htmx=htmx, **typed)


def press(browser: Browser, button: str, *, htmx: bool = False, **typed: object) -> TestResponse:
    return browser.send(page(), page(f"/{button}"), htmx=htmx, **typed)


def work() -> None:
    """What the worker does, which sees what others have committed."""
    db.session.rollback()
    carry_out_all()


def stored() -> Batch:
    db.session.rollback()
    latest = select(Batch).order_by(Batch.id.desc()).limit(1).execution_options(populate_existing=True)
    return db.session.scalars(latest).one()


def progress() -> Progress:
    return running.progress(stored())


def statuses(orders: list[Order]) -> list[OrderStatus]:
    return [fresh(order).status for order in orders]


def says(answer: TestResponse, sentence: str) -> bool:
    alerts = [" ".join(alert.text_content().split()) for alert in Page(answer.text).select("[role=alert]")]
    return any(sentence in alert for alert in alerts)


def cancel(order: Order, by: Actor) -> None:
    with editing(order.number, None, by) as locked:
        cancellation.cancel(locked, by=by)


@pytest.mark.parametrize("htmx", [False, True])
def test_those_that_can_are_shipped_by_the_worker_and_the_others_left(
    staff: Browser, batch: int, orders: list[Order], htmx: bool
) -> None:
    answer = start(staff, htmx=htmx)
    assert answer.status_code == (200 if htmx else 303)
    assert progress() == Progress(total=1, waiting=1)
    assert "0 av 1 klara" in staff.page(page()).text
    work()
    assert statuses(orders) == [SHIPPED, READY, BACKORDERED]
    assert "1 order är skickad." in staff.page(page()).text


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"agreed": "no_code"}, [SHIPPED, SHIPPED, BACKORDERED]),
        ({"agreed": ["no_code", "backordered"]}, [SHIPPED, SHIPPED, SHIPPED]),
        ({"only": "no_code"}, [READY, SHIPPED, BACKORDERED]),
        ({"only": "backordered", "agreed": "no_code"}, [READY, READY, SHIPPED]),
    ],
)
def test_groups_are_taken_along_or_taken_alone(
    staff: Browser, batch: int, orders: list[Order], typed: dict[str, object], expected: list[OrderStatus]
) -> None:
    start(staff, **typed)
    work()
    assert statuses(orders) == expected


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"only": "finns inte"}, "Välj en av grupperna"),
        ({"only": "shipped"}, "Ingen av ordrarna kan vara med"),
        ({"only": ["no_code", "backordered"]}, "kom inte fram hel"),
    ],
)
def test_choices_that_the_page_does_not_offer_start_nothing(
    staff: Browser, batch: int, typed: dict[str, object], sentence: str
) -> None:
    for htmx in (False, True):
        answer = start(staff, htmx=htmx, **typed)
        assert answer.status_code == 422
        assert says(answer, sentence)
    assert stored().state is BatchState.DRAFT


def test_counting_again_without_scripts_starts_nothing_and_has_the_choices_alone_in_the_address(
    staff: Browser, batch: int
) -> None:
    answer = start(staff, recount="yes", agreed=["no_code", "backordered"])

    assert answer.status_code == 303
    assert answer.location == page("?do=ship&agreed=backordered&agreed=no_code")
    assert [box.get("value") for box in staff.page(answer.location).select("[name=agreed][checked]")] == [
        "backordered",
        "no_code",
    ]
    assert stored().state is BatchState.DRAFT


@pytest.mark.parametrize("do", [None, "x", "undo", "pick_list"])
def test_what_is_no_action_is_refused(staff: Browser, batch: int, do: str | None) -> None:
    assert start(staff, do=do).status_code == 422
    assert stored().state is BatchState.DRAFT


def test_a_status_is_set_of_those_that_stand_otherwise(staff: Browser, batch: int, orders: list[Order]) -> None:
    query = "?do=status&status=backordered"
    assert "1 står redan så" in staff.page(page(query)).text
    assert start(staff, query, status="sent").status_code == 422
    start(staff, query, status="backordered")
    work()
    assert statuses(orders) == [BACKORDERED] * 3


def test_a_form_sent_twice_starts_once_and_a_running_batch_is_not_started_again(staff: Browser, batch: int) -> None:
    values = staff.page(page("?do=ship")).form(page("/start")).values()
    others = staff.page(page("?do=cancel")).form(page("/start")).values()
    staff.post(page("/start"), dict(values))
    for again in (values, others):
        answer = staff.post(page("/start"), dict(again), htmx=True)
        assert answer.status_code == 200
        assert "Det här är redan gjort" in answer.text
    begun = stored().started_at
    assert begun is not None
    assert "körs redan" in staff.post(page("/start"), {**others, "shown": begun.isoformat()}, htmx=True).text
    assert progress() == Progress(total=1, waiting=1)
    assert staff.page(page("?do=ship")).select(
        "#batch-figures"
    )  # what would come of it is counted when it has come to its end


def test_two_who_press_at_once_start_it_once(staff: Browser, sign_in: SignIn, batch: int) -> None:
    browsers = [staff, sign_in(Role.ADMIN)]
    forms = [browser.page(page("?do=ship")).form(page("/start")).values() for browser in browsers]
    address = page("/start")

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda browser, form: browser.post(address, dict(form)), browsers, forms))

    assert [answer.status_code for answer in answers] == [303, 303]
    db.session.rollback()
    attempts = db.session.scalars(select(BatchOrder.attempts).where(BatchOrder.batch_id == batch)).all()
    assert sorted(attempts) == [1, 1, 1]  # each start counts one more
    assert sum("redan gjort" in browser.page(page()).text for browser in browsers) == 1


def test_a_closed_batch_is_not_worked_on_until_it_is_opened(staff: Browser, batch: int) -> None:
    values = staff.page(page("?do=ship")).form(page("/start")).values()
    press(staff, "closing")
    answer = staff.post(page("/start"), dict(values))
    assert answer.status_code == 422
    assert says(answer, "är stängd")
    assert not staff.page(page()).select("[id^=do-]")
    press(staff, "closing")
    assert staff.page(page()).select("#do-ship")
    assert start(staff).status_code == 303


def test_a_running_batch_is_not_closed_and_can_be_stopped(staff: Browser, batch: int, orders: list[Order]) -> None:
    closing = staff.page(page()).form(page("/closing")).values()
    start(staff)
    assert says(staff.post(page("/closing"), dict(closing)), "körs")
    assert "1 order lämnades" in press(staff, "stop", htmx=True).text
    work()
    assert statuses(orders)[0] is READY
    assert stored().state is BatchState.FINISHED
    assert staff.post(page("/stop"), {"csrf_token": staff.token()}).status_code == 303


def test_what_is_refused_is_listed_with_its_reason_and_tried_again(
    staff: Browser, batch: int, orders: list[Order], anna: Actor
) -> None:
    start(staff, agreed="no_code")
    cancel(orders[0], anna)
    cancel(orders[1], anna)
    work()
    shown = staff.page(page())
    assert "2 ordrar nekades" in shown.text
    assert f"Order {orders[0].number} är makulerad" in shown.text
    assert shown.select(f'#batch-refused a[href="/orders/{orders[0].number}"]')
    for order in orders[:2]:
        with editing(order.number, None, anna) as locked:
            cancellation.restore(locked, by=anna)
    assert press(staff, "retry", order=orders[0].number).status_code == 303
    work()
    assert statuses(orders) == [SHIPPED, READY, BACKORDERED]
    assert progress() == Progress(total=2, done=1, refused=1)
    press(staff, "retry", all="1")
    work()
    assert statuses(orders) == [SHIPPED, SHIPPED, BACKORDERED]


@pytest.mark.parametrize("typed", [{"order": None}, {"order": "WS-0"}, {"order": "a\x00b"}, {"order": "other"}])
def test_only_refused_orders_of_the_batch_are_tried_again(
    staff: Browser, batch: int, orders: list[Order], anna: Actor, typed: dict[str, str | None]
) -> None:
    start(staff)
    cancel(orders[0], anna)
    work()
    if typed["order"] == "other":
        typed = {"order": orders[2].number}
    answer = press(staff, "retry", **typed)
    assert answer.status_code == 422
    assert says(answer, "minst en order")
    assert progress() == Progress(total=1, refused=1)


def test_what_was_done_is_taken_back_by_whoever_started_it(
    staff: Browser, sign_in: SignIn, batch: int, orders: list[Order]
) -> None:
    start(staff, agreed=["no_code", "backordered"])
    work()
    other = sign_in(Role.ADMIN)
    assert not other.page(page()).select("#batch-undo")
    answer = other.post(page("/undo"), {"csrf_token": other.token(), "shown": running.token_of(stored())})
    assert answer.status_code == 403
    assert says(answer, "Bara Staff Berg")
    assert press(staff, "undo").status_code == 303
    work()
    assert statuses(orders) == [READY, READY, BACKORDERED]
    shown = staff.page(page())
    assert "3 ordrar är som de var." in shown.text
    assert not shown.select("#batch-undo")


def test_a_batch_is_named(staff: Browser, batch: int) -> None:
    for htmx in (False, True):
        refused = press(staff, "name", htmx=htmx, name="  ")
        assert refused.status_code == 422
        assert "kan inte vara tomt" in refused.text
    too_long = press(staff, "name", name="x" * 101)
    assert too_long.status_code == 422
    assert "x" * 101 in too_long.text
    assert "Omgången heter Måndag" in press(staff, "name", htmx=True, name=" Måndag ").text
    assert stored().name == "Måndag"


def test_a_role_does_with_a_batch_what_it_may_do_with_an_order(
    warehouse: Browser, viewer: Browser, staff: Browser, batch: int, orders: list[Order]
) -> None:
    for address in ("/batches", page(), page("/orders?do=ship")):
        assert viewer.get(address).status_code == 403
    assert {link.get("id") for link in warehouse.page(page()).select("[id^=do-]")} == {"do-ship", "do-status"}
    forms = {"do": "cancel", "csrf_token": warehouse.token(), "shown": "-"}
    assert warehouse.get(page("?do=cancel")).status_code == 403
    assert warehouse.post(page("/start"), forms).status_code == 403
    assert start(warehouse).status_code == 303
    work()
    assert statuses(orders)[0] is SHIPPED


@pytest.mark.parametrize("name", ["start", "retry", "undo", "stop", "name", "closing"])
def test_a_batch_that_there_is_not_is_not_found(staff: Browser, batch: int, name: str) -> None:
    values = {"csrf_token": staff.token(), "do": "ship", "name": "x"}
    for address in (f"/batches/{batch + 1}", "/batches/999999999999999999"):
        assert staff.post(f"{address}/{name}", dict(values)).status_code == 404
    assert staff.post(f"/batches/%D9%A3/{name}", dict(values)).status_code == 404
