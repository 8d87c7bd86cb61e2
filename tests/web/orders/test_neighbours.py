"""From an order to the next one of the list that was shown last."""

import pytest

from tests.factories import make_order, make_product
from tests.web.conftest import Browser, on_sqlite
from tests.web.pages import Page
from webshop_orders.models import Actor, Customer
from webshop_orders.operations.batches import selection
from webshop_orders.transactions.unit_of_work import writing


@pytest.fixture
def numbers(app: object) -> list[str]:
    make_product("LJUS-12", stock=1_000)
    made = [make_order(("LJUS-12", 1), customer=Customer(name=name)) for name in ("Bo", "Åsa", "Bo", "Cilla")]
    return [order.number for order in made]


def follow(browser: Browser, number: str, rel: str, tab: str = "") -> str:
    """Follow the link of an order's page to a neighbour, and give the path that it leads to."""
    page = browser.page(f"/orders/{number}{tab}")
    (link,) = page.root.cssselect(f"a[rel={rel}]")
    response = browser.get(link.get("href"))
    assert response.status_code == 302
    return str(response.location)


@on_sqlite
def test_in_the_whole_list_the_next_one_is_the_older_one(staff: Browser, numbers: list[str]) -> None:
    assert follow(staff, numbers[2], "next") == f"/orders/{numbers[1]}"
    assert follow(staff, numbers[2], "prev") == f"/orders/{numbers[3]}"
    assert follow(staff, numbers[2], "next", "/shipping") == f"/orders/{numbers[1]}/shipping"


@pytest.mark.parametrize(
    ("query", "following"),
    [("?sort=number", 3), ("?sort=-number", 1), ("?q=bo", 0), ("?sort=customer", 3)],
)
@on_sqlite
def test_by_the_filter_search_and_order_of_the_list(
    staff: Browser, numbers: list[str], query: str, following: int
) -> None:
    staff.get(f"/orders{query}", htmx=True)
    assert follow(staff, numbers[2], "next") == f"/orders/{numbers[following]}"


@on_sqlite
def test_at_the_end_one_stays_and_is_told(staff: Browser, numbers: list[str]) -> None:
    for rel, end, sentence in (
        ("next", numbers[0], "Det här är den sista ordern i listan."),
        ("prev", numbers[-1], "Det här är den första ordern i listan."),
    ):
        assert follow(staff, end, rel, "/customer") == f"/orders/{end}/customer"
        assert sentence in Page(staff.get(f"/orders/{end}/customer").text).text


@pytest.mark.parametrize("query", ["?tab=nonsense", "?after=x&before=y", "?status=lost&sort=-zzz&from=x", "?q=%00"])
@on_sqlite
def test_made_up_arguments_are_let_be(staff: Browser, numbers: list[str], query: str) -> None:
    response = staff.get(f"/orders/{numbers[2]}/next{query}")
    assert response.location == f"/orders/{numbers[1]}"


@on_sqlite
def test_the_session_stays_small_whatever_is_searched_for(staff: Browser, numbers: list[str]) -> None:
    staff.get(f"/orders?q={'%C3%A5' * 150}&from={'9' * 150}")
    assert follow(staff, numbers[2], "next") == f"/orders/{numbers[1]}"


@on_sqlite
def test_an_order_that_is_not_there_has_no_neighbours(staff: Browser, numbers: list[str]) -> None:
    assert staff.get("/orders/WS-9/next").status_code == 404


@on_sqlite
def test_every_order_links_to_the_list(staff: Browser, numbers: list[str]) -> None:
    staff.get("/orders?status=ready")
    page = staff.page(f"/orders/{numbers[0]}/history")
    assert [link.get("href") for link in page.root.cssselect("#order .back")] == ["/orders?status=ready"]


@on_sqlite
@pytest.mark.parametrize("htmx", [True, False])
def test_the_next_one_is_offered_when_a_shipment_has_left(staff: Browser, numbers: list[str], htmx: bool) -> None:
    staff.get("/orders?status=ready&sort=number")
    url = f"/orders/{numbers[1]}"
    typed = {"status": "shipped", "agreed": "no-address"}
    response = staff.send(f"{url}/shipping", f"{url}/shipments/1/tracking", htmx=htmx, **typed)
    assert response.status_code == (200 if htmx else 303), Page(response.text).text
    page = Page(response.text) if htmx else staff.page(str(response.location))
    (link,) = page.select("[data-action=next-order]")
    assert staff.get(str(link.get("href"))).location == f"/orders/{numbers[2]}/shipping"


@on_sqlite
def test_no_next_one_is_offered_when_nothing_has_left(staff: Browser, numbers: list[str]) -> None:
    url = f"/orders/{numbers[1]}"
    for typed in ({"code": "ABC-1"}, {"status": "shipped"}):  # the latter is asked about first
        response = staff.send(f"{url}/shipping", f"{url}/shipments/1/tracking", htmx=True, **typed)
        assert Page(response.text).select("[data-action=next-order]") == []


@on_sqlite
def test_one_goes_on_in_a_saved_view(staff: Browser, numbers: list[str]) -> None:
    view = "/orders?q=bo&status=ready&sort=placed"
    staff.send(view, view.replace("/orders", "/views"), name="Bos")
    (link,) = [link for link in staff.page("/orders").select(".saved-views a") if link.text_content() == "Bos"]
    staff.get(str(link.get("href")))
    assert follow(staff, numbers[2], "prev") == f"/orders/{numbers[0]}"


@on_sqlite
def test_one_goes_on_in_a_batch_until_a_list_is_shown_again(staff: Browser, numbers: list[str], anna: Actor) -> None:
    with writing():
        batch = selection.create([numbers[2], numbers[0], numbers[3]], by=anna)
    staff.get("/orders?status=ready&q=bo")
    staff.get(f"/batches/{batch.id}")
    assert follow(staff, numbers[2], "next", "/shipping") == f"/orders/{numbers[0]}/shipping"
    assert follow(staff, numbers[0], "prev") == f"/orders/{numbers[2]}"
    assert follow(staff, numbers[3], "next") == f"/orders/{numbers[3]}"
    assert follow(staff, numbers[1], "next") == f"/orders/{numbers[1]}"  # which is not in it
    staff.get("/orders?sort=number")
    assert follow(staff, numbers[2], "next") == f"/orders/{numbers[3]}"
