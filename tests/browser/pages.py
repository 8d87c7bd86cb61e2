"""Every page of the order desk, and each state of one that looks different, by the way that leads there."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

import pyotp
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.browser.shop import (
    APP_SECRET,
    LONG,
    PASSWORD,
    WITH_APP,
    Desk,
    forget_used_codes,
    have_opened,
    printed_batch,
    refuse_waiting,
)
from tests.browser.steps import line, open_tab, press, refuses, shipment
from tests.web.inbox.facts import FACTS
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.jobs.withdrawals import match_withdrawals
from webshop_orders.models import SYSTEM, Actor, ActorKind, InboxItem, InboxKind, Order, WithdrawnLine
from webshop_orders.operations.batches import selection
from webshop_orders.operations.inbox import snoozing
from webshop_orders.operations.orders import lines, loading, withdrawals
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.operations.orders.withdrawals import Statement
from webshop_orders.operations.packing import sessions
from webshop_orders.operations.packing.sessions import HeldByOther
from webshop_orders.transactions.unit_of_work import editing, writing

# The list with the longest names, e-mails and sums on its first page.
LARGEST_FIRST = "/orders?sort=-total"


@dataclass(frozen=True)
class Place:
    """A page or a state of one: how to get there, and as whom; in any language where it `has_address`."""

    go: Callable[[Page, Desk], None]
    role: str | None = "admin"
    has_address: bool = False


def at(path: str, role: str | None = "admin") -> Place:
    return Place(lambda page, desk: _go(page, path), role, has_address=True)


def order(fate: str, tab: str = "", role: str | None = "admin") -> Place:
    return Place(lambda page, desk: _go(page, desk.order(fate, tab)), role, has_address=True)


def _go(page: Page, address: str) -> None:
    page.goto(address)


def _delivery_refused(page: Page, desk: Desk) -> None:
    page.goto("/incoming-deliveries")
    page.get_by_label("Produkt", exact=True).fill("mässing")
    page.get_by_label("Antal", exact=True).fill("0")
    press(page, "Registrera")
    expect(page.locator("#expect-quantity-reason")).to_be_visible()


def _receipt_of_delivery_refused(page: Page, desk: Desk) -> None:
    page.goto("/incoming-deliveries")
    page.locator("#receive-1").fill("tolv")
    page.locator("#receive-button-1").click()
    expect(page.locator("#receive-1-reason")).to_be_visible()


def _products_read_in(page: Page, desk: Desk) -> None:
    page.goto("/stock/import")
    page.get_by_label("Eller klistra in tabellen").fill(
        f"Artikelnr;Lager;Lagerplats\nLANG-1;7;{'Bakom ' * 8}\nKAN-02;x;\n"
    )
    press(page, "Visa vad den ändrar")
    expect(page.locator(".import-rows")).to_be_visible()


def _exchange(page: Page, desk: Desk) -> None:
    page.goto(desk.order("shipped", "returns?all=yes"))
    page.get_by_label("Byte", exact=True).check()
    page.get_by_label("Produkt", exact=True).first.fill("DUK-250-S")
    expect(page.locator("#return-receipt .balance")).to_contain_text("450,00")


def _claim_refused(page: Page, desk: Desk) -> None:
    page.goto(desk.order("shipped", "returns"))
    page.get_by_label("Reklamation", exact=True).check()
    page.locator("#return-form .quantity").first.fill("9")
    press(page, "Registrera retur")
    refuses(page, "är kvar att returnera")


def _asked_about_return(page: Page, desk: Desk) -> None:
    page.goto(desk.order("shipped", "returns?all=yes"))
    press(page, "Registrera retur")
    refuses(page, "inte vart varorna ska skickas")


def _receipt_refused(page: Page, desk: Desk) -> None:
    page.goto(desk.order("returned", "returns/2/receipt"))
    page.locator("#receipt-form .quantity").first.fill("9")
    press(page, "Ta emot")
    refuses(page, "kan komma tillbaka")


def _refund_refused(page: Page, desk: Desk) -> None:
    page.goto(desk.order("returned", "refunds"))
    page.get_by_label("Annat belopp").fill("99999")
    press(page, "Registrera återbetalning")
    refuses(page, "är kvar att återbetala")


def _asked_about_refund(page: Page, desk: Desk) -> None:
    page.goto(desk.order("returned", "refunds"))
    page.evaluate("() => document.querySelector('#refund-sum').remove()")  # whose sum would come while one types
    page.locator("#refund-form .quantity").first.fill("1")
    press(page, "Registrera återbetalning")
    refuses(page, "Stämmer det?")


def _payment_refused(page: Page, desk: Desk) -> None:
    page.goto(desk.order("waiting", "payments"))
    page.get_by_label("Belopp").fill("0")
    press(page, "Registrera betalning")
    refuses(page, "kontrollera beloppet")


def _filters(page: Page, desk: Desk) -> None:
    page.goto("/orders?status=ready&payment=klarna&carrier=PostNord&from=2020-01-01")
    page.locator("#filters > summary").click()
    expect(page.get_by_label("Transportör")).to_be_visible()


def _view_refused(page: Page, desk: Desk) -> None:
    page.goto("/orders?status=ready")
    page.locator("#views > summary").click()
    page.locator("#view-form").get_by_role("button", name="Spara").click()
    expect(page.get_by_text("Det här kan inte vara tomt.")).to_be_visible()


def _view_saved(page: Page, desk: Desk) -> None:
    page.goto("/orders?status=ready")
    page.locator("#views > summary").click()
    page.get_by_label("Namn").last.fill(f"Redo {page.evaluate('() => crypto.randomUUID()')}")
    page.locator("#view-form").get_by_role("button", name="Spara").click()
    expect(page.get_by_text("är sparad.")).to_be_visible()
    page.locator("#views > summary").click()
    page.locator(".saved-views summary").first.click()
    expect(page.locator(".saved-views").get_by_label("Namn").first).to_be_visible()


def _views_pinned(page: Page, desk: Desk) -> None:
    _view_saved(page, desk)
    page.locator(".pin button").first.click()
    expect(page.locator(".pinned a .count").last).to_have_text(re.compile("[0-9]"))
    expect(page.locator("#views")).to_have_attribute("open", "")


def _all_columns(page: Page, desk: Desk) -> None:
    page.goto(LARGEST_FIRST)
    page.locator("#columns > summary").click()
    for box in page.locator("#columns").get_by_role("checkbox").all():
        box.check()
    page.locator("#columns").get_by_role("button", name="Spara").click()
    expect(page.get_by_text("Listan har de kolumner som du valde.")).to_be_visible()


def _selected(page: Page, desk: Desk) -> None:
    page.goto("/orders")
    page.locator("[name=order]:not([data-others])").nth(1).check()
    expect(page.get_by_role("button", name="Markera som skickade")).to_be_visible()


def _make_batch(page: Page, do: str) -> None:
    page.goto("/orders")
    page.locator("[name=order]:not([data-others])").first.check()
    page.locator("#selects-all").check()
    page.get_by_role("button", name=do).click()
    expect(page).to_have_url(re.compile("/batches/[0-9]+"))


def _to_ship(page: Page, desk: Desk) -> None:
    _make_batch(page, "Markera som skickade")
    expect(page.get_by_role("button", name=re.compile("^Skicka [0-9]+ ord"))).to_be_visible()


def _new_batch(page: Page, desk: Desk) -> None:
    page.goto("/orders")
    page.locator("[name=order]:not([data-others])").first.check()
    page.locator("#more-actions summary").click()
    page.get_by_role("button", name="Spara som omgång").click()
    expect(page.get_by_role("link", name="Makulera ordrarna")).to_be_visible()


def _running_batch(page: Page, desk: Desk) -> None:
    _to_ship(page, desk)
    for label in page.get_by_label("Ta med").all():
        label.check()
        expect(label).to_be_checked()
    page.get_by_role("button", name=re.compile("^Skicka [1-9][0-9]* ord")).click()
    expect(page.get_by_role("progressbar")).to_be_visible()


def _finished_batch(page: Page, desk: Desk) -> None:
    """Of which every order is refused, since all were cancelled meanwhile."""
    _running_batch(page, desk)
    desk.ask(lambda: refuse_waiting("Ordern är makulerad och kan inte ändras."))
    page.reload()
    expect(page.get_by_role("button", name="Försök igen").first).to_be_visible()


def _group(page: Page, desk: Desk) -> None:
    _to_ship(page, desk)
    page.locator(".outcomes a").first.click()
    expect(page.locator(".batch-orders a").first).to_be_visible()


def _edit_row(page: Page, desk: Desk) -> None:
    page.goto(desk.order("mixed", "shipping"))
    page.get_by_role("link", name="Redigera Stearinljus").click()
    expect(line(shipment(page, 1), "Stearinljus").get_by_label("Antal")).to_be_focused()


def _refused_row(page: Page, desk: Desk) -> None:
    _edit_row(page, desk)
    row = line(shipment(page, 1), "Stearinljus")
    row.get_by_label("Antal").fill("abc")
    press(row, "Spara")
    refuses(page, "Inget ändrades")


def _split_row(page: Page, desk: Desk) -> None:
    page.goto(desk.order("split", "shipping"))
    page.get_by_role("link", name="Dela Stearinljus").first.click()
    expect(page.get_by_label("ny försändelse")).to_be_visible()


def _board_refused(page: Page, desk: Desk) -> None:
    page.goto(desk.order("split", "plan?fill=together"))
    page.locator("#board td > input").nth(1).fill("9")
    press(page, "Spara")
    expect(page.locator("#board [aria-invalid=true]").first).to_be_focused()


def _products_found(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    page.get_by_label("Lägg till produkt").fill("ljus")
    expect(page.get_by_role("listbox", name="Hittade produkter")).to_be_visible()


def _product_refused(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    page.get_by_label("Lägg till produkt").fill("finns inte")
    expect(page.locator("#found-status")).to_contain_text("Ingen produkt stämmer med")
    press(page, "Lägg till produkt")
    refuses(page, "Välj en produkt")


def _comment_refused(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready"))
    press(page, "Lägg till kommentar")
    refuses(page, "Inget ändrades")


def _message(page: Page, desk: Desk) -> None:
    page.goto(desk.order("shipped", "messages"))
    page.get_by_role("link", name="Leveransbekräftelse WS-").click()
    expect(page.locator("iframe.mail").content_frame.locator("body")).to_contain_text("Stearinljus")
    page.get_by_text("Som ren text").click()


def _asked_before_shipping(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    press(page, "Markera som skickad")
    refuses(page, "har ingen spårningskod")


def _codes_read(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    page.get_by_label("Spårningskod", exact=True).fill("RR123456784SE, 1806290829, 00370712345678901234")
    expect(page.locator(".understood")).to_contain_text("står redan på")


def _code_corrected(page: Page, desk: Desk) -> None:
    page.goto(desk.order("shipped", "shipping"))
    page.get_by_role("link", name="Ändra koden").first.click()
    page.get_by_label("Ny kod i stället för").fill(f"RETT{page.evaluate('() => Date.now()')}")
    press(page.locator(".correction"), "Spara")
    expect(page.get_by_role("button", name="Meddela kunden om ny kod")).to_be_visible()


def _correction_refused(page: Page, desk: Desk) -> None:
    page.goto(desk.order("shipped", "shipping"))
    page.get_by_role("link", name="Ändra koden").first.click()
    page.get_by_label("Ny kod i stället för").fill("<b>")
    press(page.locator(".correction"), "Spara")
    refuses(page, "En spårningskod har bara bokstäver")


def _template_refused(page: Page, desk: Desk) -> None:
    page.goto("/settings/templates/delivery_confirmation/sv")
    page.get_by_label("HTML", exact=True).fill("<p>{{ customer.namn }}</p>")
    press(page, "Spara")
    expect(page.get_by_label("HTML", exact=True)).to_have_attribute("aria-invalid", "true")


def _template_warned(page: Page, desk: Desk) -> None:
    page.goto("/settings/templates/delivery_confirmation/sv")
    page.get_by_label("HTML", exact=True).fill("{{ blocks.rows }}")
    press(page, "Spara")
    refuses(page, "Mallen visar ingen spårningskod")


def _make_stale(page: Page, form: str) -> None:
    """Have a form say that it was rendered from the order's first version, before others changed it."""
    page.evaluate("form => { document.querySelector(`${form} [name=version]`).value = '1'; }", form)


def _stale_customer(page: Page, desk: Desk) -> None:
    page.goto(desk.order("long words", "customer"))
    _make_stale(page, "#customer-form")
    page.locator("#customer-name").fill("Margareta Wachtmeister-Hallenstvedt-Lagerkrantz")
    press(page, "Spara")
    expect(page.get_by_role("group", name="Namn")).to_contain_text("Deras: Margareta Wachtmeister")


def _stale_line(page: Page, desk: Desk) -> None:
    page.goto(desk.order("long words", "shipping"))
    page.get_by_role("link", name="Redigera").nth(1).click()
    expect(page.locator(".edit-form")).to_be_visible()
    _make_stale(page, ".edit-form")
    page.evaluate("() => { document.querySelector('.edit-form .quantity').value = '1'; }")
    press(page.locator(".edit-form"), "Spara")
    expect(page.get_by_role("group", name="Antal")).to_contain_text("Ditt: 1")


def _stale_shipping(page: Page, desk: Desk) -> None:
    page.goto(desk.order("long words", "shipping"))
    _make_stale(page, ".ship-row")
    press(page, "Markera som skickad")
    refuses(page, "Ordern ändrades medan du arbetade med den.")


def _cancelling(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready"))
    page.get_by_text("Makulera ordern").click()


def _patterns_refused(page: Page, desk: Desk) -> None:
    page.goto("/settings/carriers?edit=DHL")
    page.get_by_label("Så ser koderna ut").fill("(a+)+$")
    press(page, "Spara")
    expect(page.get_by_text("har «(»")).to_be_visible()


def _carrier_refused(page: Page, desk: Desk) -> None:
    page.goto("/settings/carriers")
    page.get_by_label("Transportör", exact=True).fill("Cykelbudet")
    page.get_by_label("Spårningssidans adress").fill("ftp://nej")
    press(page, "Lägg till transportör")
    expect(page.get_by_text("Ange en webbadress med {code}")).to_be_visible()


def _key_refused(page: Page, desk: Desk) -> None:
    page.goto("/settings/integrations")
    press(page, "Skapa nyckel")
    expect(page.get_by_text("Välj minst en.")).to_be_visible()


def _key_made(page: Page, desk: Desk) -> None:
    page.goto("/settings/integrations")
    page.get_by_label("Integrationens namn").fill(f"ERP {page.evaluate('() => crypto.randomUUID()')}")
    page.get_by_label("läsa ordrar och produkter").check()
    press(page, "Skapa nyckel")
    expect(page.locator("#made-token")).to_contain_text("wso_")


def _customer_found(page: Page, desk: Desk) -> None:
    page.goto(f"{desk.url}/settings/personal-data")
    page.get_by_label("Kundens e-post").fill("asa@example.com")
    press(page, "Sök")
    page.get_by_role("button", name="Radera personuppgifter").wait_for()


def _webhook(page: Page, desk: Desk) -> None:
    page.goto("/settings/integrations")
    if page.get_by_role("link", name="Logg och inställningar").count() == 0:
        page.get_by_label("Adress att berätta för").fill("https://erp.example.com/hooks")
        press(page, "Lägg till webhook")
    page.get_by_role("link", name="Logg och inställningar").first.click()
    expect(page.get_by_role("heading", name="Vad den har fått veta")).to_be_visible()


def _user_edited(page: Page, desk: Desk) -> None:
    page.goto("/settings/users")
    page.get_by_role("link", name="Redigera Märta Ek").click()
    expect(page.get_by_label("Namn").first).to_be_focused()


def _user_refused(page: Page, desk: Desk) -> None:
    page.goto("/settings/users")
    press(page, "Bjud in")
    expect(page.get_by_text("Det här kan inte vara tomt.").first).to_be_visible()


def _user_invited(page: Page, desk: Desk) -> None:
    page.goto("/settings/users")
    page.get_by_label("E-post").fill(f"{page.evaluate('() => crypto.randomUUID()')}@example.com")
    page.get_by_label("Namn").fill("Eva Inbjuden")
    press(page, "Bjud in")
    expect(page.locator("#made-link")).to_contain_text("/password/")


def _password_refused(page: Page, desk: Desk) -> None:
    page.goto("/account")
    page.get_by_label("Nuvarande lösenord").fill("fel")
    page.get_by_label("Nytt lösenord").fill("fel")
    press(page, "Byt lösenord")
    expect(page.get_by_text("Det här är inte ditt nuvarande lösenord.")).to_be_visible()


def _choosing_password(page: Page, desk: Desk) -> None:
    _user_invited(page, desk)
    page.goto(page.locator("#made-link").inner_text())
    expect(page.get_by_role("heading", name="Välj ett lösenord")).to_be_visible()


def _chosen_password_refused(page: Page, desk: Desk) -> None:
    _choosing_password(page, desk)
    page.get_by_label("Nytt lösenord").fill("password1234")
    press(page, "Spara och logga in")
    expect(page.get_by_text("Det här lösenordet hör till de första")).to_be_visible()


def _sign_in_refused(page: Page, desk: Desk) -> None:
    page.goto("/login")
    press(page, "Logga in")
    expect(page.get_by_text("Det här kan inte vara tomt.").first).to_be_visible()


def _code(page: Page, desk: Desk) -> None:
    page.goto(desk.shop.links[WITH_APP])
    expect(page.get_by_label("Kod från appen")).to_be_focused()


def _code_refused(page: Page, desk: Desk) -> None:
    _code(page, desk)
    page.get_by_text("Har du inte telefonen till hands?").click()
    press(page, "Logga in med återställningskod")
    expect(page.get_by_text("Det här kan inte vara tomt.")).to_be_visible()


def _second_factor_refused(page: Page, desk: Desk) -> None:
    page.goto("/account/second-factor")
    press(page, "Slå på")
    expect(page.get_by_text("Det här kan inte vara tomt.").first).to_be_visible()


def _second_factor(page: Page, desk: Desk) -> None:
    _sign_in_with_app(page, desk)
    page.context.clear_cookies()  # others look at pages of nobody with the same browser


def _recovery_codes(page: Page, desk: Desk) -> None:
    _sign_in_with_app(page, desk)
    page.locator("#codes-proof").fill(PASSWORD)
    press(page, "Skapa nya koder")
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    page.context.clear_cookies()


def _sign_in_with_app(page: Page, desk: Desk) -> None:
    desk.ask(forget_used_codes)
    _code(page, desk)
    page.get_by_label("Kod från appen").fill(pyotp.TOTP(APP_SECRET).now())
    page.get_by_label("Kod från appen").press("Enter")
    page.wait_for_url("**/today")
    page.goto("/account/second-factor")
    expect(page.get_by_text("Återställningskoder kvar: 10.")).to_be_visible()


def _requirement_refused(page: Page, desk: Desk) -> None:
    page.goto("/settings/second-factor")
    page.get_by_label("Kräv tvåstegsverifiering").check()
    press(page, "Spara")
    expect(page.get_by_text("Ställ först in tvåstegsverifiering för dig själv.")).to_be_visible()


def _toast(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready"))
    page.route("**/confirmation", lambda route: route.abort())
    press(page, "Skicka orderbekräftelse på nytt")
    expect(page.get_by_text("Ingen kontakt med orderdisken.")).to_be_visible()


def _palette(words: str) -> Callable[[Page, Desk], None]:
    def open_palette(page: Page, desk: Desk) -> None:
        page.goto(desk.order("mixed", "shipping"))
        page.keyboard.press("Control+k")
        page.keyboard.type(words)
        expect(page.locator("#palette [data-words]")).to_have_attribute("data-words", words)

    return open_palette


def _keys(page: Page, desk: Desk) -> None:
    page.goto("/orders")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Kortkommandon")).to_be_visible()


def _order_of_others(page: Page, desk: Desk) -> None:
    number = desk.shop.numbers["split"]
    desk.ask(lambda: have_opened(number))
    page.goto(desk.order("split"))
    expect(page.locator("#here")).to_contain_text(re.compile(r"och \d+ till"))


def _list_of_others(page: Page, desk: Desk) -> None:
    number = desk.shop.numbers["split"]
    desk.ask(lambda: have_opened(number))
    page.goto("/orders")
    row = page.get_by_role("row").filter(has_text=number)
    expect(row.locator(".avatar")).to_have_attribute("title", re.compile("Siv Lund har ordern öppen"))


def _viewer_history(page: Page, desk: Desk) -> None:
    page.goto(desk.order("split"))
    open_tab(page, "Historik")


def _scan(page: Page, code: str, said: str) -> None:
    page.locator("#scan").fill(code)
    page.locator("#scan").press("Enter")
    expect(page.locator("#packing-said")).to_contain_text(said)


def _packing(fate: str, *scans: tuple[str, str]) -> Callable[[Page, Desk], None]:
    """Begin to pack an order's first shipment anew, and scan codes, each with what is said of it."""

    def go(page: Page, desk: Desk) -> None:
        reference = f"{desk.shop.numbers[fate]}-1"
        page.goto("/pack")
        _scan(page, reference, "")
        page.locator("#pack-leave").click()
        expect(page.locator("#packing-said")).to_contain_text("är lämnad")
        _scan(page, reference, "Skanna produkterna i")
        for code, said in scans:
            _scan(page, code, said)

    return go


def _packing_by_hand(page: Page, desk: Desk) -> None:
    _packing("long words", ("FEL", "varken"))(page, desk)
    page.locator(".by-hand summary").first.click()


def _packed_by_other(page: Page, desk: Desk) -> None:
    have_packing(desk, "paid")
    page.goto("/pack")
    _scan(page, desk.shop.numbers["paid"], "packar")


def have_packing(desk: Desk, fate: str) -> None:
    """Have someone else begin to pack an order."""
    number = desk.shop.numbers[fate]

    def begin() -> None:
        with writing(), suppress(HeldByOther):
            packer = Actor(ActorKind.STAFF, "Margareta Wachtmeister-Hallenstvedt", user_id=10**6)
            sessions.start(loading.load_order(number), 1, by=packer)

    desk.ask(begin)


def _packing_stopped(page: Page, desk: Desk) -> None:
    _packing("company", ("4*LJUS-12", "4 av 4"))(page, desk)
    number = desk.shop.numbers["company"]

    def edit() -> None:
        with editing(number, None, Actor(ActorKind.STAFF, "Bo Ek")) as order:
            lines.change(next(order.lines), quantity=2, by=Actor(ActorKind.STAFF, "Bo Ek"))

    def mend() -> None:
        with editing(number, None, Actor(ActorKind.STAFF, "Bo Ek")) as order:
            lines.change(next(order.lines), quantity=4, by=Actor(ActorKind.STAFF, "Bo Ek"))

    desk.ask(edit)
    _scan(page, "SPETS-1", "ändrades medan du packade")
    desk.ask(mend)


def _batch_to_pack(page: Page, desk: Desk) -> None:
    def make() -> int:
        fates = ("ready", "long words", "paid", "wide", "company")
        with writing():
            return selection.create([desk.shop.numbers[fate] for fate in fates], by=SYSTEM).id

    page.goto(f"/pack?batch={desk.ask(make)}")
    expect(page.get_by_text("packade").first).to_be_visible()


def _state(desk: Desk, number: str) -> int:
    """Have a customer withdraw from an order, or from one that nobody knows."""

    def state() -> int:
        lines = (WithdrawnLine(f"En duk med {LONG}", 2), WithdrawnLine("Stearinljus"))
        of_order = db.session.scalar(select(Order.email_key).where(Order.number == number))
        statement = Statement(number, "Åsa Öberg", of_order or "asa@example.com", "sv", lines)
        with writing():
            withdrawal = withdrawals.receive(statement, f"form of {number}", address="192.0.2.1")
        match_withdrawals(Event())
        return withdrawal.id

    return int(desk.ask(state))


def put_into_inbox(number: str, kind: InboxKind, since: datetime) -> int:
    """A row of the inbox about an order; returns its id."""
    order = get_order(number)
    facts = {**FACTS[kind], **({"shipment": f"{number}-1"} if FACTS[kind].get("shipment") else {})}
    item = InboxItem(kind=kind, subject=number, since=since, facts=facts, order_id=order.id)
    db.session.add(item)
    db.session.commit()
    return item.id


def _inbox(query: str = "") -> Callable[[Page, Desk], None]:
    """The inbox with a row of each kind, one of which is put aside."""

    def go(page: Page, desk: Desk) -> None:
        def put() -> None:
            for place, kind in enumerate(InboxKind):
                subject = desk.shop.numbers["long words"]
                if not db.session.scalar(select(InboxItem).where(InboxItem.kind == kind, InboxItem.subject == subject)):
                    item = put_into_inbox(subject, kind, now() - timedelta(hours=place))
                    if kind is InboxKind.TO_CHARGE:
                        with writing():
                            snoozing.put_aside(item, (now() + timedelta(days=30)).date(), by=SYSTEM)

        desk.ask(put)
        page.goto(f"/inbox{query}")
        expect(page.locator(".items > li").first).to_be_visible()

    return go


def _inbox_refused(page: Page, desk: Desk) -> None:
    _inbox()(page, desk)
    form = page.locator("form:has([name=code])").first
    form.get_by_label("Spårningskod").fill("<b>")
    form.get_by_role("button").click()
    expect(form.get_by_label("Spårningskod")).to_have_attribute("aria-invalid", "true")


def _inbox_putting_aside(page: Page, desk: Desk) -> None:
    _inbox()(page, desk)
    page.locator("details.menu").first.locator("summary").click()
    expect(page.get_by_role("button", name="I morgon")).to_be_visible()


def _withdrawals(page: Page, desk: Desk) -> None:
    _state(desk, "En order som ingen har")
    _state(desk, desk.shop.numbers["split"])
    page.goto("/withdrawals")
    expect(page.get_by_text("matchar ingen order")).to_be_visible()


def _withdrawal(fate: str) -> Callable[[Page, Desk], None]:
    def go(page: Page, desk: Desk) -> None:
        page.goto(f"/withdrawals/{_state(desk, desk.shop.numbers[fate])}")
        expect(page.get_by_role("heading", name="Kundens meddelande")).to_be_visible()

    return go


def _withdrawal_refused(page: Page, desk: Desk) -> None:
    page.goto(f"/withdrawals/{_state(desk, 'En order som ingen har')}")
    page.get_by_label("Ordernummer").fill("finns inte")
    press(page, "Koppla")
    expect(page.get_by_text("Ingen order har det numret")).to_be_visible()


def _withdrawal_handled(page: Page, desk: Desk) -> None:
    page.goto(f"/withdrawals/{_state(desk, 'En annan som ingen har')}")
    if page.get_by_role("button", name="Markera som hanterad").count():
        press(page, "Markera som hanterad")
    expect(page.get_by_text("Hanterad av Anna Lind")).to_be_visible()


def _withdrawal_on_order(page: Page, desk: Desk) -> None:
    _state(desk, desk.shop.numbers["split"])
    page.goto(desk.order("split"))
    expect(page.locator("#withdrawals")).to_be_visible()


def _tracking_file(page: Page, desk: Desk) -> None:
    """A file with rows of many kinds, of which one order has a long number of its shop."""
    ready, split, shipped = (desk.shop.numbers[fate] for fate in ("ready", "split", "shipped"))
    rows = [
        f"{ready};RR123456785SE;PostNord",
        f"{ready};RR123456789SE;DB Schenker",
        f"{split};RR000000014SE;PostNord MyPack Collect",
        f"{shipped};RR000000028SE;DHL",
        f"{ready};RR123456785SE;PostNord",
        f"En referens som {LONG} skrev;RR000000031SE;PostNord",
        f"{ready};373500000000000123456789012345678901234567890123456789;Ingen",
    ]
    page.goto("/tracking-files")
    page.get_by_label("Eller klistra in tabellen").fill("\n".join(["Order;Kollinr;Transportör", *rows]))
    press(page, "Läs in")
    expect(page.locator("#row-2")).to_be_visible()


def _tracking_file_columns(page: Page, desk: Desk) -> None:
    _tracking_file(page, desk)
    page.locator("#file-columns > summary").click()
    page.get_by_label("Ordernummer").select_option("")
    press(page, "Använd kolumnerna")
    refuses(page, "Välj kolumnen med ordernumren.")


def _tracking_file_refused(page: Page, desk: Desk) -> None:
    page.goto("/tracking-files")
    page.get_by_label("Eller klistra in tabellen").fill("Order;Kollinr")
    press(page, "Läs in")
    refuses(page, "Det finns bara rubriker i tabellen.")


def _tracking_file_started(page: Page, desk: Desk) -> None:
    """One that waits, since the desk has no worker."""
    page.goto("/tracking-files")
    number = desk.shop.numbers["ready"]
    page.get_by_label("Eller klistra in tabellen").fill(f"Order;Kollinr\n{number};RR123456785SE\nWS-9;RR000000014SE")
    press(page, "Läs in")
    page.get_by_role("button", name="Lägg in koden på 1 rad").click()
    expect(page.locator("progress")).to_be_visible()
    page.locator("#tracking-files").evaluate("element => element.removeAttribute('hx-get')")  # it goes on asking


def _labels(page: Page, desk: Desk) -> None:
    page.goto(f"/packing-slips/labels?shipment={desk.shop.numbers['split']}-1")


def _labels_long_words(page: Page, desk: Desk) -> None:
    page.goto(f"/packing-slips/labels?shipment={desk.shop.numbers['long words']}-1")


def _batch(path: str) -> Callable[[Page, Desk], None]:
    """A page to print of a batch with orders of each kind, one of which was edited since."""

    def go(page: Page, desk: Desk) -> None:
        batch = desk.ask(lambda: printed_batch(desk.shop))
        page.goto(f"/{path}/{batch}")

    return go


def _slip(page: Page, desk: Desk) -> None:
    page.goto(f"/packing-slips?shipment={desk.shop.numbers['long words']}-1&noted=1")


def _logo_refused(page: Page, desk: Desk) -> None:
    page.goto("/settings/printing")
    page.get_by_label("En bild på högst 200 kB").set_input_files(
        {"name": "logo.png", "mimeType": "image/png", "buffer": b"<script>"}
    )
    press(page, "Ladda upp logotypen")
    expect(page.locator("#logo-file")).to_have_attribute("aria-invalid", "true")


def _product_page_refused(page: Page, desk: Desk) -> None:
    page.goto("/products/LJUS-12?edit=barcode")
    page.get_by_label("EAN").fill("7350053850018")
    press(page, "Spara")
    expect(page.get_by_label("EAN")).to_be_focused()


def _product_row_refused(page: Page, desk: Desk) -> None:
    page.goto("/stock?q=ljus&edit=LJUS-12")
    page.get_by_label("I lager").fill("många")
    press(page, "Spara")
    expect(page.locator(".row-form [aria-invalid=true]")).to_be_visible()


def _movement_refused(page: Page, desk: Desk) -> None:
    page.goto("/products/LJUS-12?edit=movement")
    page.get_by_label("Antal, + eller").fill("-5")
    press(page, "Spara")
    refuses(page, "utan minus")


PLACES: dict[str, Place] = {
    "list": at("/orders"),
    "list, empty": at("/orders?q=finns+inte"),
    "list, filtered": at("/orders?status=backordered&sort=oldest&from=2020-01-01"),
    "list, long words": at(LARGEST_FIRST),
    "list, filters open": Place(_filters),
    "list, refused view": Place(_view_refused),
    "list, saved view": Place(_view_saved),
    "list, pinned views": Place(_views_pinned, role="viewer"),
    "list, all columns": Place(_all_columns, role="warehouse"),  # whose list no other test looks at
    "summary": order("ready"),
    "summary, long words": order("long words"),
    "summary, long names": order("wide"),
    "summary, sixty lines": order("long"),
    "summary, paid": order("paid"),
    "summary, cancelled": order("cancelled"),
    "summary, cancelling": Place(_cancelling),
    "summary, refused comment": Place(_comment_refused),
    "summary, no contact": Place(_toast),
    "shipping, several": order("split", "shipping"),
    "shipping, backordered": order("mixed", "shipping"),
    "shipping, shipped": order("shipped", "shipping"),
    "shipping, cancelled": order("cancelled", "shipping"),
    "shipping, long words": order("long words", "shipping"),
    "shipping, sixty lines": order("long", "shipping"),
    "shipping, long names": order("wide", "shipping"),
    "shipping, pause": order("split", "holds?shipment=2"),
    "shipping, how it gets stock": order("mixed", "priority"),
    "summary, pause": order("long words", "holds"),
    "shipping, edit row": Place(_edit_row),
    "shipping, line without a product": order("mixed", "free-lines"),
    "shipping, fee": order("mixed", "shipping-fee"),
    "shipping, what is charged": order("mixed", "shipments/1/capture"),
    "shipping, refused row": Place(_refused_row),
    "shipping, split row": Place(_split_row),
    "board": order("split", "plan"),
    "board, refused": Place(_board_refused),
    "board, many shipments": order("split", "plan?fill=each"),
    "board, sixty lines": order("long", "plan"),
    "shipping, products found": Place(_products_found),
    "shipping, refused product": Place(_product_refused),
    "summary, after the sale": order("returned"),
    "summary, after the sale, warehouse": order("returned", role="warehouse"),
    "shipping, after the sale": order("returned", "shipping"),
    "history, after the sale": order("returned", "history"),
    "return": order("shipped", "returns"),
    "return, exchange": Place(_exchange),
    "return, claim refused": Place(_claim_refused),
    "return, asked": Place(_asked_about_return),
    "receipt": order("returned", "returns/2/receipt", role="warehouse"),
    "receipt, refused": Place(_receipt_refused),
    "refund": order("returned", "refunds?return_id=2"),
    "refund, everything": order("returned", "refunds?all=yes"),
    "refund, refused": Place(_refund_refused),
    "refund, asked": Place(_asked_about_refund),
    "payment": order("waiting", "payments"),
    "payment, refused": Place(_payment_refused),
    "pack": at("/pack", role="warehouse"),
    "pack, batch": Place(_batch_to_pack, role="warehouse"),
    "pack, commands": at("/pack/commands", role="warehouse"),
    "pack, begun": Place(_packing("mixed", ("LJUS-12", "1 av 3"))),
    "pack, wrong, long words": Place(_packing_by_hand),
    "pack, long names": Place(_packing("wide", ("LANG-1", "1 av"))),
    "pack, missing": Place(_packing("mixed", ("LJUS-12", "1 av 3"), ("..NO", "Saknas"))),
    "pack, asks": Place(_packing("ready", ("3*LJUS-12", "3 av"), ("2*DUK-250-S", "2 av"), ("..OK", "ändå"))),
    "pack, stopped": Place(_packing_stopped),
    "pack, held by another": Place(_packed_by_other),
    "keys": Place(_keys),
    "palette": Place(_palette("")),
    "palette, found": Place(_palette("ljus")),
    "palette, nothing": Place(_palette("finns inte")),
    "pick list": Place(_batch("pick-lists"), role="warehouse"),
    "packing slips, long words": Place(_batch("packing-slips"), role="warehouse"),
    "packing slip": Place(_slip),
    "products": at("/stock"),
    "products, edit row": at("/stock?q=ljus&edit=LJUS-12"),
    "products, refused row": Place(_product_row_refused),
    "products, empty": at("/stock?q=finns+inte&sort=stock"),
    "viewer, products": at("/stock", role="viewer"),
    "backorders": at("/backorders"),
    "backorders, viewer": at("/backorders?sort=since", role="viewer"),
    "queue": at("/backorders/KAN-02"),
    "queue, warehouse": at("/backorders/KAN-02?units=2", role="warehouse"),
    "queue, refused number": at("/backorders/KAN-02?units=tre"),
    "queue, nobody waits": at("/backorders/LJUS-12"),
    "incoming": at("/incoming-deliveries"),
    "incoming, warehouse": at("/incoming-deliveries", role="warehouse"),
    "incoming, received": at("/incoming-deliveries?show=received"),
    "incoming, refused": Place(_delivery_refused),
    "incoming, refused receipt": Place(_receipt_of_delivery_refused),
    "incoming, change": at("/incoming-deliveries/1"),
    "product": at("/products/LJUS-12"),
    "product, price": at("/products/LJUS-12?edit=price"),
    "product, count": at("/products/KAN-02?edit=count"),
    "product, refused movement": Place(_movement_refused),
    "product, refused": Place(_product_page_refused),
    "product, warehouse": at("/products/LJUS-12", role="warehouse"),
    "settings, holds": at("/settings/holds"),
    "settings, dispatch checks": at("/settings/dispatch-checks"),
    "settings, printing": at("/settings/printing"),
    "settings, refused logo": Place(_logo_refused),
    "customer": order("company", "customer"),
    "customer, stale": Place(_stale_customer),
    "shipping, stale line": Place(_stale_line),
    "shipping, stale": Place(_stale_shipping),
    "messages": order("shipped", "messages"),
    "messages, one open": Place(_message),
    "customer, long words": order("long words", "customer"),
    "messages, long words": order("long words", "messages"),
    "messages, long names": order("wide", "messages"),
    "history": order("split", "history"),
    "history, long words": order("long words", "history"),
    "history, long names": order("wide", "history"),
    "settings, shop": at("/settings/shop"),
    "settings, mail": at("/settings/mail"),
    "shipping, asked before": Place(_asked_before_shipping),
    "shipping, codes read": Place(_codes_read),
    "shipping, refused correction": Place(_correction_refused),
    "shipping, code corrected": Place(_code_corrected),
    "settings, templates": at("/settings/templates"),
    "settings, a template": at("/settings/templates/delivery_confirmation/sv"),
    "settings, refused template": Place(_template_refused),
    "settings, warned template": Place(_template_warned),
    "settings, messages": at("/settings/messages"),
    "viewer, all messages": at("/settings/messages", role="viewer"),
    "settings, users": at("/settings/users"),
    "settings, a user": Place(_user_edited),
    "settings, refused user": Place(_user_refused),
    "settings, invited user": Place(_user_invited),
    "account": at("/account"),
    "account, refused password": Place(_password_refused),
    "choosing a password": Place(_choosing_password),
    "choosing a password, refused": Place(_chosen_password_refused),
    "link that no longer works": at("/password/x", role=None),
    "forgotten password": at("/forgotten", role=None),
    "settings, carriers": at("/settings/carriers"),
    "settings, a carrier": at("/settings/carriers?edit=DHL"),
    "settings, refused carrier": Place(_carrier_refused),
    "settings, refused patterns": Place(_patterns_refused),
    "settings, a code tried": at("/settings/carriers?code=1806290829"),
    "settings, integrations": at("/settings/integrations"),
    "settings, refused key": Place(_key_refused),
    "settings, a new key": Place(_key_made),
    "settings, a webhook": Place(_webhook),
    "settings, personal data": at("/settings/personal-data"),
    "settings, personal data found": Place(_customer_found),
    "settings, access log": at("/settings/access"),
    "settings, access log, nothing": at("/settings/access?q=finns+inte&kind=signed_out"),
    "tracking files": at("/tracking-files", role="warehouse"),
    "products, read in": at("/stock/import"),
    "products, a file shown": Place(_products_read_in),
    "tracking files, refused": Place(_tracking_file_refused),
    "tracking files, a file": Place(_tracking_file),
    "tracking files, refused columns": Place(_tracking_file_columns),
    "tracking files, carried out": Place(_tracking_file_started),
    "the API's page": at("/api/docs", role=None),
    "not found": at("/orders/WS-0"),
    "sign-in": at("/login", role=None),
    "sign-in, refused": Place(_sign_in_refused, role=None),
    "sign-in, code": Place(_code, role=None),
    "sign-in, refused code": Place(_code_refused, role=None),
    "second factor, off": at("/account/second-factor"),
    "second factor, refused": Place(_second_factor_refused),
    "second factor, on": Place(_second_factor, role=None),
    "second factor, recovery codes": Place(_recovery_codes, role=None),
    "settings, second factor": at("/settings/second-factor"),
    "settings, refused second factor": Place(_requirement_refused),
    "viewer, list": at("/orders", role="viewer"),
    "viewer, summary": order("split", role="viewer"),
    "viewer, shipping": order("split", "shipping", role="viewer"),
    "viewer, customer": order("split", "customer", role="viewer"),
    "viewer, messages": order("shipped", "messages", role="viewer"),
    "summary, others are there": Place(_order_of_others),
    "list, selected": Place(_selected),
    "today": at("/today"),
    "today, viewer": at("/today", role="viewer"),
    "inbox": Place(_inbox()),
    "inbox, warehouse": Place(_inbox(), role="warehouse"),
    "inbox, refused": Place(_inbox_refused),
    "inbox, putting aside": Place(_inbox_putting_aside),
    "inbox, put aside": Place(_inbox("?show=aside")),
    "inbox, nothing": at("/inbox?after=99991231T235959.999999~1"),
    "withdrawals": Place(_withdrawals),
    "withdrawal": Place(_withdrawal("split")),
    "withdrawal, of an order with long words": Place(_withdrawal("long words")),
    "withdrawal, refused": Place(_withdrawal_refused),
    "withdrawal, handled": Place(_withdrawal_handled),
    "summary, with a withdrawal": Place(_withdrawal_on_order),
    "the customers' form": at("/withdrawal", role=None),  # in the language of the browser
    "batches": at("/batches"),
    "batch": Place(_new_batch),
    "batch, to ship": Place(_to_ship),
    "batch, a group": Place(_group),
    "batch, running": Place(_running_batch),
    "batch, refused": Place(_finished_batch),
    "list, others are there": Place(_list_of_others),
    "viewer, list, others are there": Place(_list_of_others, role="viewer"),
    "viewer, history": Place(_viewer_history, role="viewer"),
    "warehouse, summary": order("split", role="warehouse"),
    "warehouse, shipping": order("split", "shipping", role="warehouse"),
    "viewer, forbidden": at("/settings/shop", role="viewer"),
    "labels": Place(_labels, role="warehouse"),
    "labels, long words": Place(_labels_long_words),
}
