"""Pack mode by a scanner that types: fast, on a bad connection, in a frame, and without JavaScript."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, Route, expect

from tests.barcodes import pixels
from tests.barcodes.pixels import RESOLUTIONS
from tests.browser.conftest import Complaints, OpenPage
from tests.browser.shop import BO, Desk, place
from webshop_orders.db.extensions import db
from webshop_orders.operations.batches import selection
from webshop_orders.operations.orders import lines, loading
from webshop_orders.operations.packing.commands import Command
from webshop_orders.transactions.unit_of_work import editing, writing

LABELS = ["RR123456785SE", "RR473124829SE", "RR473124832SE"]
# What the page would play, in hertz.
HEARD = """() => {
  window.heard = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...at) { heard.push(this.frequency.value); return start.apply(this, at); };
}"""


@pytest.fixture
def page(desk: Desk, open_page: OpenPage) -> Page:
    page = open_page(desk, role="warehouse")
    page.add_init_script(f"({HEARD})()")
    return page


class Scanner:
    """A scanner that types, and counts what it reads."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.scans = 0

    def read(self, code: str, delay: float = 2) -> None:
        self.scans += 1
        self.page.keyboard.type(code, delay=delay)
        self.page.keyboard.press("Enter")


def says(page: Page | FrameLocator, sentence: str | re.Pattern[str]) -> None:
    expect(page.locator("#packing-said")).to_contain_text(sentence)


def packs(page: Page | FrameLocator, reference: str) -> None:
    expect(page.locator(".pack-head h1")).to_have_text(reference)


def row(page: Page | FrameLocator, sku: str) -> Any:
    return page.locator(".pack-row").filter(has_text=sku)


def begin(page: Page, desk: Desk, fate: str = "ready") -> str:
    number = desk.shop.numbers[fate]
    page.goto("/pack")
    expect(page.locator("#scan")).to_be_focused()
    Scanner(page).read(f"{number}-1")
    packs(page, f"{number}-1")
    return number


def shipped(desk: Desk, number: str) -> list[bool]:
    def ask() -> list[bool]:
        db.session.rollback()
        return [shipment.is_shipped for shipment in loading.get_order(number).shipments]

    return list(desk.ask(ask))


def make_batch(desk: Desk) -> tuple[int, list[str]]:
    """A batch of three orders with 2, 3 and 1 units."""

    def make() -> tuple[int, list[str]]:
        orders = [place(("LJUS-12", 1), ("LYK-01", 1)), place(("LYK-02", 3)), place(("LYK-03", 1))]
        with writing():
            return selection.create([order.number for order in orders], by=BO).id, [order.number for order in orders]

    made: tuple[int, list[str]] = desk.ask(make)
    return made


def test_a_batch_takes_one_scan_a_unit_and_two_a_parcel(page: Page, desk: Desk) -> None:
    batch_id, numbers = make_batch(desk)
    page.goto(f"/pack?batch={batch_id}")
    expect(page.get_by_text("0 av 3 packade").first).to_be_visible()
    scanner = Scanner(page)
    for number, codes, label in zip(numbers, (["LJUS-12", "LYK-01"], ["LYK-02"] * 3, ["LYK-03"]), LABELS, strict=True):
        scanner.read(f"{number}-1")
        packs(page, f"{number}-1")
        if number == numbers[0]:
            page.get_by_label("Skicka när allt är skannat").focus()
            page.keyboard.press("Space")
            expect(page.get_by_label("Skicka när allt är skannat")).to_be_checked()
        for code in codes:
            scanner.read(code)
        says(page, "Allt är packat. Skanna etiketten.")
        scanner.read(label)
        says(page, f"{number}-1 är packad och skickad.")

    says(page, "Allt i omgången är packat.")
    expect(page.get_by_text("3 av 3 packade").first).to_be_visible()
    assert scanner.scans <= 6 + 2 * 3
    assert [shipped(desk, number) for number in numbers] == [[True]] * 3
    assert {880, 660, 1320} <= set(page.evaluate("heard"))


def delay_scans(page: Page, seconds: float) -> None:
    def handle(route: Route) -> None:
        time.sleep(seconds)
        route.continue_()

    page.route("**/scans", handle)


FAST = ["LJUS-12", "DUK-250-S", "LJUS-12", "DUK-250-S", "LJUS-12"]


def test_w1_nothing_is_lost_at_10_ms_a_key_with_a_slow_server(page: Page, desk: Desk) -> None:
    begin(page, desk)
    delay_scans(page, 0.15)
    scanner = Scanner(page)
    for code in FAST:
        scanner.read(code, delay=10)

    expect(row(page, "LJUS-12").locator(".count")).to_contain_text("3 / 3")
    expect(row(page, "DUK-250-S").locator(".count")).to_contain_text("2 / 2")
    expect(page.locator("#scan")).to_have_value("")
    assert 200 not in page.evaluate("heard")  # nothing was wrong


def test_w1_control_a_field_that_the_answer_resets_loses_letters(page: Page, desk: Desk) -> None:
    begin(page, desk)
    page.evaluate(
        "() => document.addEventListener('htmx:after:swap', () => document.getElementById('scan-form').reset())"
    )
    delay_scans(page, 0.15)
    scanner = Scanner(page)
    for code in FAST:
        scanner.read(code, delay=10)

    expect(page.locator("#packing-said")).to_contain_text("är varken en produkt i")
    assert 200 in page.evaluate("heard")


def test_what_is_wrong_is_loud_and_counts_nothing(page: Page, desk: Desk) -> None:
    begin(page, desk)
    scanner = Scanner(page)
    scanner.read("LYK-09")
    says(page, "Fel Lykta i smide nr 9 hör inte till")
    expect(page.locator("#packing")).to_have_attribute("data-tone", "wrong")
    assert page.evaluate("heard")[-2:] == [200, 150]
    expect(page.locator(".pack-count")).to_have_text("0 av 5 st")
    scanner.read("LJUS-12")
    says(page, "Rätt 1 × Stearinljus, 12-pack, vita: 1 av 3.")
    assert page.evaluate("heard")[-1] == 880


def test_the_sound_can_be_switched_off_for_good(page: Page, desk: Desk) -> None:
    begin(page, desk)
    page.get_by_role("button", name="Ljud").click()
    expect(page.locator("#scan")).to_be_focused()
    page.reload()
    expect(page.get_by_role("button", name="Ljud")).to_have_attribute("aria-pressed", "false")
    Scanner(page).read("LJUS-12")
    says(page, "1 av 3")
    assert page.evaluate("heard") == []


def test_a_scan_beside_the_field_is_taken_and_presses_no_button(page: Page, desk: Desk) -> None:
    begin(page, desk)
    page.locator("#pack-leave").focus()
    scanner = Scanner(page)
    scanner.read("LJUS-12", delay=4)
    says(page, "1 av 3")
    page.locator("#pack-leave").focus()
    scanner.read("LJUS-12", delay=80)  # too slow to be told from a person
    says(page, "2 av 3")
    expect(page.locator(".pack-count")).to_have_text("2 av 5 st")


def test_scans_wait_for_contact_and_are_sent_in_their_sequence(page: Page, desk: Desk, complaints: Complaints) -> None:
    complaints.expected += ["ERR_INTERNET_DISCONNECTED"]
    begin(page, desk)
    page.context.set_offline(True)
    scanner = Scanner(page)
    for code in ("2*DUK-250-S", "3*LJUS-12", LABELS[0], "..OK"):
        scanner.read(code)
    waiting = page.locator("#scan-queue")
    expect(waiting).to_contain_text("Inte skickat än.")
    expect(waiting.get_by_role("listitem")).to_have_text(["2*DUK-250-S", "3*LJUS-12", LABELS[0], "..OK"])
    page.context.set_offline(False)
    says(page, "är packad och skickad.")
    expect(waiting).to_be_hidden()
    assert shipped(desk, desk.shop.numbers["ready"]) == [True]


def test_scans_outlive_a_reload(page: Page, desk: Desk) -> None:
    begin(page, desk)
    page.route("**/scans", lambda route: route.abort())
    Scanner(page).read("LJUS-12")
    expect(page.locator("#scan-queue")).to_contain_text("LJUS-12")
    page.unroute_all()
    page.reload()
    says(page, "1 av 3")
    expect(page.locator(".pack-count")).to_have_text("1 av 5 st")


def test_scans_that_wait_are_sent_to_what_they_were_scanned_for(page: Page, desk: Desk) -> None:
    begin(page, desk)
    page.route("**/scans", lambda route: route.abort())
    scanner = Scanner(page)
    for code in ("LJUS-12", "DUK-250-S"):
        scanner.read(code)
    expect(page.locator("#scan-queue").get_by_role("listitem")).to_have_count(2)
    page.goto("/orders")
    page.unroute_all()
    page.goto("/pack")
    packs(page, f"{desk.shop.numbers['ready']}-1")
    expect(page.locator(".pack-count")).to_have_text("2 av 5 st")


@pytest.fixture(autouse=True)
def _expects_lost_requests(complaints: Complaints) -> None:
    complaints.expected += ["ERR_FAILED", "Failed to fetch"]


def test_an_answer_that_is_lost_on_the_way_makes_nothing_count_twice(page: Page, desk: Desk) -> None:
    begin(page, desk)
    lost: list[str] = []

    def lose_first(route: Route) -> None:
        route.fetch()
        if len(lost) < 2:
            lost.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    page.route("**/scans", lose_first)
    Scanner(page).read("LJUS-12")
    expect(page.locator("#scan-queue")).to_be_hidden()
    says(page, "1 av 3")
    assert len(lost) == 2
    expect(page.locator(".pack-count")).to_have_text("1 av 5 st")


def test_a_second_packer_takes_over_on_purpose(page: Page, open_page: OpenPage, desk: Desk) -> None:
    number = begin(page, desk)
    Scanner(page).read("LJUS-12")
    says(page, "1 av 3")
    other = open_page(desk, role="staff")
    other.goto("/pack")
    Scanner(other).read(number)
    says(other, f"Lars Ek packar {number}-1.")
    other.get_by_role("button", name="Ta över").click()
    packs(other, f"{number}-1")
    expect(other.locator(".pack-count")).to_have_text("1 av 5 st")
    Scanner(page).read("LJUS-12")
    says(page, f"Erik Holm har tagit över {number}-1.")


def test_an_order_that_is_edited_stops_the_packer(page: Page, desk: Desk) -> None:
    number = begin(page, desk)
    scanner = Scanner(page)
    scanner.read("3*LJUS-12")
    says(page, "3 av 3")

    def edit() -> None:
        with editing(number, None, BO) as order:
            lines.change(next(order.lines), quantity=2, by=BO)

    desk.ask(edit)
    scanner.read("DUK-250-S")
    says(page, f"{number} ändrades medan du packade den.")
    stop = page.locator(".pack-difference")
    expect(stop).to_contain_text("Bo Ek:")
    expect(stop).to_contain_text("3 → 2 st. Ta ut 1 ur kollit.")
    page.get_by_role("button", name="Fortsätt med det nya").click()
    expect(stop).to_have_count(0)
    expect(page.locator("#scan")).to_be_focused()
    scanner.read("DUK-250-S")
    expect(page.locator(".pack-count")).to_have_text("3 av 4 st")


def test_what_is_missing_is_split_off_by_the_scanner(page: Page, desk: Desk) -> None:
    number = begin(page, desk)
    scanner = Scanner(page)
    for code in ("3*LJUS-12", "DUK-250-S", "..NO"):
        scanner.read(code)
    says(page, "Saknas 1 enhet?")
    scanner.read("..UN")
    expect(page.locator(".pack-question")).to_have_count(0)
    for code in ("..NO", "..NO"):
        scanner.read(code)
    says(page, f"Det som saknas är flyttat till {number}-2.")
    for code in (LABELS[0], "..NP", LABELS[1], "..OK"):
        scanner.read(code)
    says(page, "är packad och skickad.")
    assert shipped(desk, number) == [True, False]


def test_units_are_packed_by_hand_with_the_keyboard(page: Page, desk: Desk) -> None:
    begin(page, desk)
    candles = row(page, "LJUS-12")
    candles.locator("summary").press("Enter")
    candles.get_by_label("Antal").fill("2")
    candles.get_by_label("Antal").press("Enter")
    expect(candles.locator(".count")).to_contain_text("2 / 3")
    expect(page.locator("#scan")).to_be_focused()


CAMERA = """() => {
  window.BarcodeDetector = class { async detect() { return [{ rawValue: "LJUS-12" }]; } };
  Object.defineProperty(navigator, "mediaDevices", { value: { getUserMedia: async () => {
    const canvas = document.createElement("canvas");
    canvas.getContext("2d").fillRect(0, 0, 1, 1);
    return canvas.captureStream();
  } } });
}"""


def test_w4_the_camera_is_there_only_where_a_browser_reads_codes(page: Page, desk: Desk) -> None:
    begin(page, desk)
    expect(page.locator("#pack-camera")).to_be_hidden()
    page.add_init_script(f"({CAMERA})()")
    page.reload()
    page.get_by_role("button", name="Kamera").click()
    says(page, "1 av 3")
    expect(page.locator("#camera")).to_be_visible()
    page.wait_for_timeout(600)
    expect(page.locator(".pack-count")).to_have_text("1 av 5 st")  # the same code is the same scan
    page.get_by_role("button", name="Kamera").click()
    expect(page.locator("#camera")).to_be_hidden()


def test_without_javascript_each_step_is_a_form(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk, role="warehouse", java_script_enabled=False)
    number = begin(page, desk)
    scanner = Scanner(page)
    scanner.read("LYK-09")
    says(page, "hör inte till")
    for code in ("3*LJUS-12", "DUK-250-S"):
        scanner.read(code)
        expect(page.locator("#scan")).to_be_focused()
    says(page, "1 av 2. 1 kvar att packa.")
    page.get_by_role("button", name="Resten saknas").click()
    page.get_by_role("button", name="Dela av", exact=True).click()
    says(page, f"flyttat till {number}-2")
    scanner.read("..OK")
    says(page, "Skicka")
    page.get_by_role("button", name="Markera som skickad ändå").click()
    expect(page.get_by_role("status").filter(has_text="är packad och skickad.")).to_be_visible()
    assert shipped(desk, number) == [True, False]


@pytest.mark.parametrize("dots_per_inch", RESOLUTIONS)
def test_the_printed_commands_are_read_from_paper(page: Page, desk: Desk, dots_per_inch: int) -> None:
    page.goto("/pack/commands")
    (sheet,) = pixels.of_pdf(page.pdf(format="A4", print_background=True), dots_per_inch)
    assert pixels.read(sheet) == sorted(Command)


def test_on_a_phone_nothing_is_wider_than_the_screen(desk: Desk, open_page: OpenPage) -> None:
    page = open_page(desk, role="warehouse", viewport={"width": 360, "height": 700})
    begin(page, desk, "long words")
    Scanner(page).read("FEL")
    says(page, "varken")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.mouse.wheel(0, 2000)
    expect(page.locator("#scan")).to_be_in_viewport()
