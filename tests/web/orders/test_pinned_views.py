"""Views that are pinned above the list: pinned, moved and taken off, with their counts."""

import pytest

from tests.factories import make_order, make_product
from tests.web.conftest import Browser, on_sqlite
from tests.web.orders.test_budgets import counting
from tests.web.pages import Page, text_of

HTMX = pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
READY = "/orders?status=ready&payment=klarna"


def save(browser: Browser, name: str, query: str = "status=ready&payment=klarna", **typed: object) -> None:
    response = browser.send(f"/orders?{query}", f"/views?{query}", name=name, **typed)
    assert response.status_code == 303


def chips(page: Page) -> list[str]:
    return [text_of(link) for link in page.select(".chips.pinned a")]


def send(browser: Browser, name: str, do: str, *, htmx: bool = False, query: str = "") -> Page:
    """Press a button of the view's form in the menu, and give the list that is the answer."""
    page = browser.page(f"/orders{query}")
    (row,) = [row for row in page.select(".saved-views > li") if text_of(row.cssselect("a")[0]) == name]
    (button,) = row.cssselect(f"[id$={do}]")
    form = row.cssselect("form.pin")[0]
    action = button.get("formaction") or form.get("action")
    token = form.cssselect("[name=csrf_token]")[0].get("value")
    response = browser.post(str(action), {"csrf_token": token}, htmx=htmx)
    assert response.status_code == (200 if htmx else 303), response.text
    return Page(response.text) if htmx else browser.page(str(response.location))


@on_sqlite
@pytest.mark.parametrize("action", ["pin", "pin/removal", "pin/earlier", "pin/later"])
def test_a_view_that_is_not_there_or_is_anothers_is_refused(staff: Browser, admin: Browser, action: str) -> None:
    save(admin, "Adas")
    for view_id in (1, 999):
        response = staff.post(f"/views/{view_id}/{action}", {"csrf_token": staff.token()})
        assert response.status_code == 404
    assert chips(admin.page("/orders")) == []


@on_sqlite
@HTMX
def test_too_many_are_refused_in_a_sentence(staff: Browser, htmx: bool) -> None:
    for number in range(9):
        save(staff, f"Vy {number}")
    for number in range(8):
        send(staff, f"Vy {number}", "button")
    page = staff.page("/orders")
    response = staff.post("/views/9/pin", {"csrf_token": page.forms[0].values()["csrf_token"]}, htmx=htmx)
    assert response.status_code == 422
    assert "Du har redan fäst 8 vyer. Lossa en först." in Page(response.text).text
    assert len(chips(staff.page("/orders"))) == 8


@on_sqlite
@HTMX
def test_a_view_is_pinned_and_unpinned_and_the_list_stays_as_it_is(staff: Browser, htmx: bool) -> None:
    save(staff, "Klarna")
    pinned = send(staff, "Klarna", "button", htmx=htmx, query="?status=shipped")
    assert "«Klarna» är fäst ovanför listan." in pinned.text
    assert chips(pinned) == ["Klarna"]
    assert [link.get("aria-current") for link in pinned.select("[aria-label=Orderstatus] a")][4] == "true"
    assert pinned.select(".pin [aria-pressed=true]")
    unpinned = send(staff, "Klarna", "button", htmx=htmx)
    assert "«Klarna» är inte fäst längre." in unpinned.text
    assert chips(unpinned) == []


@on_sqlite
def test_the_chip_of_the_list_that_is_shown_is_current(staff: Browser) -> None:
    save(staff, "Klarna")
    send(staff, "Klarna", "button")
    assert staff.page("/orders?payment=klarna&status=ready").select(".pinned [aria-current=true]")
    assert not staff.page("/orders?status=ready").select(".pinned [aria-current]")


@on_sqlite
@HTMX
def test_pinned_views_are_moved(staff: Browser, htmx: bool) -> None:
    for name in ("A", "B"):
        save(staff, name)
        send(staff, name, "button")
    assert chips(send(staff, "B", "earlier", htmx=htmx)) == ["B", "A"]
    assert chips(send(staff, "B", "later", htmx=htmx)) == ["A", "B"]


@on_sqlite
def test_one_pinned_view_has_no_buttons_to_move_it(staff: Browser) -> None:
    save(staff, "A")
    send(staff, "A", "button")
    assert not staff.page("/orders").select(".pin .earlier")


@on_sqlite
def test_viewers_pin_shared_views_for_themselves(staff: Browser, viewer: Browser) -> None:
    save(staff, "Allas", shared="y")
    assert chips(send(viewer, "Allas", "button")) == ["Allas"]
    assert chips(staff.page("/orders")) == []


def test_the_counts_are_read_at_their_own_address(staff: Browser) -> None:
    make_product("LJUS-12", stock=1_000)
    for number in range(120):
        make_order(("LJUS-12", 1), payment_method="klarna" if number % 6 else "invoice")
    for name, query in (("Klarna", "payment=klarna"), ("Faktura", "payment=invoice"), ("Alla", "status=ready"),
                        ("Dag", "status=shipped&from=nonsense"), ("Ord", "q=lule")):  # fmt: skip
        save(staff, name, query)
        if name != "Ord":
            send(staff, name, "button")
    counts: dict[str, str] = staff.get("/views/counts").json  # type: ignore[assignment]
    assert [counts[view_id] for view_id in sorted(counts, key=int)] == ["99+", "20", "120", "0"]


@on_sqlite
def test_without_pinned_views_there_is_nothing_to_count(staff: Browser) -> None:
    assert staff.get("/views/counts").json == {}


@on_sqlite
def test_pinned_views_cost_the_list_no_statement(staff: Browser) -> None:
    def cost() -> int:
        staff.get("/orders", htmx=True)
        with counting() as statements:
            staff.get("/orders", htmx=True)
        return len(statements)

    without = cost()
    for number in range(3):
        save(staff, f"Vy {number}", "q=ljus")
        send(staff, f"Vy {number}", "button")
    assert cost() == without
