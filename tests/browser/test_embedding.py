"""The order desk in a frame of another site, with every way that browsers treat its cookies."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import COOKIES, Complaints, OpenHost, OpenPage
from tests.browser.shop import Desk
from tests.browser.steps import frame_of, line, open_tab, press, says, shipment
from tests.web.embed.host import SECRET, Host, hosting, sign
from webshop_orders.web.http.session_transport import TransportedSessionInterface


@pytest.fixture
def desk(framed_desk: Desk) -> Desk:
    return framed_desk


def end_session(page: Page) -> None:
    """What time does, at once."""
    page.frames[1].wait_for_load_state()
    page.context.clear_cookies()
    page.frames[1].evaluate("() => { if (bearer) setBearer('utgången'); }")


@pytest.mark.parametrize("cookies", COOKIES)
def test_staff_edit_split_and_ship_in_the_frame_and_the_host_shows_it_at_once(
    cookies: str, open_host: OpenHost, desk: Desk
) -> None:
    number = desk.shop.numbers["ready"]
    page = open_host(cookies=cookies)
    frame = frame_of(page)
    frame.get_by_role("link", name=number, exact=True).click()
    expect(page.locator("#open")).to_have_text(number)

    open_tab(frame, "Frakt")
    row = line(shipment(frame, 1), "Stearinljus")
    row.get_by_role("link", name="Redigera").click()
    row.get_by_label("Antal").fill("5")
    press(row, "Spara")
    says(frame, "antalet är nu 5")
    expect(page.locator("#changed")).to_have_text(f"{number} ready")
    row.get_by_role("link", name="Dela").click()
    frame.get_by_label("Dela", exact=True).fill("2")
    press(frame, "Dela")
    expect(line(shipment(frame, 2), "Stearinljus")).to_contain_text("2 st")
    press(shipment(frame, 2), "Markera som skickad")
    press(shipment(frame, 2), "Markera som skickad ändå")
    says(frame, "är skickad")
    expect(page.locator("#changed")).to_have_text(f"{number} partly_shipped")
    expect(page).to_have_url(re.compile(rf"#/orders/{number}/shipping$"))


@pytest.mark.parametrize("cookies", COOKIES)
def test_the_receipt_shows_what_is_saved_in_the_frame_and_the_toast_takes_it_back(
    cookies: str, open_host: OpenHost, desk: Desk
) -> None:
    number = desk.shop.numbers["ready"]
    frame = frame_of(open_host(f"/#/orders/{number}/shipping", cookies=cookies))
    row, receipt, total = line(shipment(frame, 1), "Stearinljus"), frame.locator("#receipt"), frame.locator(".sum dd")
    former_total = total.inner_text()
    row.get_by_role("link", name="Redigera").click()
    row.get_by_label("Antal").fill("abc")
    expect(receipt.locator(".note")).to_contain_text("Ange ett heltal")
    row.get_by_label("Antal").fill("5")
    row.get_by_label("À-pris").fill("150")
    expect(receipt).to_contain_text("750,00")
    row.get_by_label("Orsak").fill("trasig förpackning")
    press(row, "Spara")
    expect(row).to_contain_text("750,00")
    expect(row).to_contain_text("trasig förpackning")

    press(frame.get_by_role("status"), "Ångra")

    says(frame, "Ångrat: ")
    expect(row).to_contain_text("3 st")
    expect(row).not_to_contain_text("trasig förpackning")
    expect(total).to_have_text(former_total)
    press(frame.get_by_role("status"), "Gör om")
    says(frame, "Gjort om: ")
    expect(row).to_contain_text("750,00")


@pytest.mark.parametrize("cookies", ["kept apart", "blocked"])
def test_a_shipment_is_packed_in_the_frame(cookies: str, open_host: OpenHost, desk: Desk) -> None:
    number = desk.shop.numbers["ready"]
    page = open_host("/#/pack", cookies=cookies)
    frame = frame_of(page)
    field = frame.get_by_label("Skanna eller skriv")
    for code in (f"{number}-1", "3*LJUS-12", "FEL", "2*DUK-250-S", "RR123456785SE"):
        field.fill(code)
        field.press("Enter")
        expect(field).to_have_value("")
    expect(frame.locator("#packing-said")).to_contain_text("Allt är packat. Skanna KLAR.")
    press(frame, "Skicka")
    expect(frame.locator("#packing-said")).to_contain_text(f"{number}-1 är packad och skickad.")


@pytest.mark.parametrize("cookies", ["kept apart", "blocked"])
def test_units_are_shared_out_on_the_board_in_the_frame(cookies: str, open_host: OpenHost, desk: Desk) -> None:
    number = desk.shop.numbers["split"]
    frame = frame_of(open_host(f"/#/orders/{number}/shipping", cookies=cookies))
    frame.get_by_role("link", name="Fördela").click()
    frame.get_by_role("textbox", name=re.compile("^Linneduk.*-1$")).fill("1")
    frame.get_by_role("textbox", name=re.compile("^Linneduk.*-2$")).fill("1")
    press(frame, "Spara")
    says(frame, "1 × Linneduk 140 × 250, sand från")
    expect(line(shipment(frame, 2), "Linneduk")).to_contain_text("1 st")


@pytest.mark.parametrize("cookies", ["kept apart", "blocked"])
def test_changes_are_taken_back_and_carried_out_again_in_the_frame(
    cookies: str, open_host: OpenHost, desk: Desk
) -> None:
    number = desk.shop.numbers["ready"]
    frame = frame_of(open_host(f"/#/orders/{number}/shipping", cookies=cookies))
    row = line(shipment(frame, 1), "Stearinljus")
    row.get_by_role("link", name="Redigera").click()
    row.get_by_label("Antal").fill("5")
    press(row, "Spara")
    expect(row).to_contain_text("5 st")
    frame.locator("[data-action=undo]").click()
    expect(row).to_contain_text("3 st")
    frame.locator("#redo").click()
    expect(row).to_contain_text("5 st")
    open_tab(frame, "Historik")
    frame.get_by_role("link", name="Ångra hit").click()
    press(frame.locator("#undo-plan"), "Ångra")
    says(frame, "Ångrat: Stearinljus")


@pytest.mark.parametrize("cookies", ["kept", "kept apart"])
def test_without_javascript_the_frame_goes_by_its_cookie(cookies: str, open_host: OpenHost, desk: Desk) -> None:
    number = desk.shop.numbers["ready"]
    page = open_host(f"/plain?order={number}", cookies=cookies, java_script_enabled=False)
    frame = frame_of(page)

    open_tab(frame, "Frakt")
    row = line(shipment(frame, 1), "Stearinljus")
    row.get_by_role("link", name="Redigera").click()
    row.get_by_label("Antal").fill("5")
    press(row, "Spara")

    expect(row).to_contain_text("5 st")
    says(frame, "antalet är nu 5")


@pytest.mark.parametrize("cookies", COOKIES)
def test_a_packing_slip_is_printed_from_the_frame_or_from_a_tab_of_its_own(
    cookies: str, open_host: OpenHost, desk: Desk
) -> None:
    number = desk.shop.numbers["ready"]
    page = open_host(f"/#/orders/{number}/shipping", cookies=cookies)
    frame = frame_of(page)
    frame.get_by_role("link", name="Packsedel").click()
    expect(frame.get_by_role("heading", name=f"Packsedel {number}-1")).to_be_visible()
    page.frames[1].evaluate(
        "() => { window.printed = 0; window.print = () => { printed += 1; dispatchEvent(new Event('beforeprint')); }; }"
    )
    press(frame, "Skriv ut")
    says(frame, "Utskriften är noterad")
    expect(frame.get_by_role("button", name="Skriv ut")).to_be_focused()
    assert page.frames[1].evaluate("() => printed") == 1

    with page.expect_popup() as opened:
        frame.get_by_role("link", name="Öppna i en ny flik").click()
    tab = opened.value
    expect(tab.get_by_role("heading", name=f"Packsedel {number}-1")).to_be_visible()
    expect(tab.get_by_role("button", name="Skriv ut")).to_be_visible()
    tab.close()


def test_where_the_host_keeps_dialogs_away_the_way_out_has_the_focus(
    open_host: OpenHost, host: Host, desk: Desk, complaints: Complaints
) -> None:
    complaints.expected.append("Ignored call to 'print\\(\\)'")
    number = desk.shop.numbers["ready"]
    page = open_host("/plain")
    sandbox = "allow-scripts allow-forms allow-same-origin allow-popups"
    page.evaluate(
        "([address, sandbox]) => { const frame = document.querySelector('iframe').cloneNode(); frame.src = address;"
        " frame.sandbox = sandbox; document.querySelector('iframe').replaceWith(frame); }",
        [f"{desk.url}/embed?token={sign()}&next=/packing-slips?shipment={number}-1", sandbox],
    )
    frame = frame_of(page)
    press(frame, "Skriv ut")
    expect(frame.get_by_role("link", name="Öppna i en ny flik")).to_be_focused()


def test_without_javascript_and_cookies_the_frame_says_what_to_do(open_host: OpenHost) -> None:
    page = open_host("/plain", cookies="blocked", java_script_enabled=False)

    expect(frame_of(page).get_by_text("Tillåt dem, eller slå på JavaScript")).to_be_visible()


@pytest.mark.parametrize(("cookies", "is_kept"), [("kept", True), ("kept apart", False)])
def test_a_browser_that_keeps_frames_apart_keeps_no_cookie_that_is_not(
    cookies: str, is_kept: bool, open_host: OpenHost, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TransportedSessionInterface, "get_cookie_partitioned", lambda carriers, app: False)
    page = open_host(f"/plain?order={desk.shop.numbers['ready']}", cookies=cookies, java_script_enabled=False)

    found = "Frakt" if is_kept else "Tillåt dem, eller slå på JavaScript"
    expect(frame_of(page).get_by_text(found).first).to_be_visible()


@pytest.mark.parametrize("cookies", COOKIES)
def test_the_way_back_in_the_frame_leads_to_the_list_as_it_was_left(
    cookies: str, open_host: OpenHost, desk: Desk
) -> None:
    number = desk.shop.numbers["cancelled"]
    frame = frame_of(open_host(cookies=cookies))
    chips, rows = frame.get_by_role("navigation", name="Orderstatus"), frame.locator(".orders tbody tr")
    chips.get_by_role("link", name="Makulerade").click()
    expect(rows).to_have_count(1)
    frame.get_by_role("link", name=number, exact=True).click()
    open_tab(frame, "Historik")
    frame.get_by_role("link", name="Alla ordrar").click()
    expect(rows).to_have_count(1)
    expect(chips.get_by_role("link", name="Makulerade")).to_have_attribute("aria-current", "true")
    chips.get_by_role("link", name="Alla", exact=True).click()
    expect(rows).to_have_count(25)


@pytest.mark.parametrize("cookies", ["kept", "blocked"])
def test_the_hosts_back_goes_from_order_to_order_and_not_through_tabs(
    cookies: str, open_host: OpenHost, desk: Desk
) -> None:
    page = open_host(cookies=cookies)
    frame, steps = frame_of(page), page.evaluate("history.length")
    first, second = desk.shop.numbers["ready"], desk.shop.numbers["paid"]
    frame.get_by_role("link", name=first, exact=True).click()
    open_tab(frame, "Frakt")
    open_tab(frame, "Kund")
    frame.get_by_role("link", name="Alla ordrar").click()
    frame.get_by_role("link", name=second, exact=True).click()
    expect(page).to_have_url(re.compile(rf"#/orders/{second}$"))
    assert page.evaluate("history.length") == steps + 3

    page.go_back()
    expect(frame.get_by_role("heading", name="Ordrar")).to_be_visible()
    page.go_back()
    expect(frame.get_by_role("heading", name=first)).to_be_visible()
    expect(page).to_have_url(re.compile(rf"#/orders/{first}/customer$"))
    page.go_forward()
    page.go_forward()
    expect(frame.get_by_role("heading", name=second)).to_be_visible()


def test_back_pressed_before_the_frame_is_there_takes_no_way_forward(open_host: OpenHost, desk: Desk) -> None:
    page = open_host()
    frame = frame_of(page)
    first, second = desk.shop.numbers["ready"], desk.shop.numbers["paid"]
    frame.get_by_role("link", name=first, exact=True).click()
    frame.get_by_role("link", name="Alla ordrar").click()
    frame.get_by_role("link", name=second, exact=True).click()
    expect(page).to_have_url(re.compile(rf"#/orders/{second}$"))

    with page.expect_request(f"{desk.url}/orders"):
        page.go_back()
    page.go_back()
    expect(frame.get_by_role("heading", name=first)).to_be_visible()
    expect(page).to_have_url(re.compile(rf"#/orders/{first}$"))
    page.go_forward()
    page.go_forward()
    expect(frame.get_by_role("heading", name=second)).to_be_visible()


def test_the_hosts_address_opens_what_was_open(open_host: OpenHost, desk: Desk) -> None:
    number = desk.shop.numbers["ready"]
    page = open_host(f"/#/orders/{number}/shipping")

    expect(shipment(frame_of(page), 1)).to_be_visible()


def test_the_frame_is_as_tall_as_what_is_in_it(open_host: OpenHost, desk: Desk) -> None:
    page = open_host(f"/#/orders/{desk.shop.numbers['long']}/shipping")
    frame = frame_of(page)
    expect(shipment(frame, 1)).to_be_visible()

    def fits() -> bool:
        inside = page.frames[1].evaluate("() => document.documentElement.scrollHeight")
        return bool(abs(page.locator("iframe").bounding_box()["height"] - inside) < 2)  # type: ignore[index]

    page.wait_for_timeout(500)
    assert fits()
    frame.get_by_role("link", name="Historik").click()
    page.wait_for_timeout(500)
    assert fits()


def test_the_desk_works_in_a_frame_of_700_pixels(open_host: OpenHost, desk: Desk) -> None:
    page = open_host(viewport={"width": 700, "height": 800})
    frame = frame_of(page)
    frame.get_by_role("link", name=f"Redigera {desk.shop.numbers['ready']}").click()
    frame.get_by_role("link", name="Redigera Stearinljus").click()
    quantity = frame.locator(".lines").get_by_label("Antal")
    quantity.fill("4")
    quantity.press("Enter")
    says(frame, "antalet är nu 4.")
    assert page.frames[1].evaluate("() => [innerWidth <= 700, document.documentElement.scrollWidth - innerWidth]") == [
        True,
        0,
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 700, 1200])
def test_nothing_sticks_out_of_the_frame(width: int, theme: str, open_host: OpenHost, desk: Desk) -> None:
    page = open_host(f"/?role=admin&theme={theme}")
    page.evaluate("(width) => { document.getElementById('desk').style.width = `${width}px`; }", width)
    number = desk.shop.numbers["wide"]
    for path, heading in (
        ("/orders", "Ordrar"),
        *((f"/orders/{number}/{tab}", number) for tab in ("summary", "shipping", "customer", "messages", "history")),
    ):
        page.evaluate("(path) => desk.open(path)", path)
        expect(page.locator("#open")).to_have_text("listan" if path == "/orders" else number)
        expect(frame_of(page).get_by_role("heading", level=1)).to_contain_text(heading)
        page.wait_for_function("(path) => location.hash === `#${path}`", arg=path)
        inside = page.frames[1]
        assert inside.evaluate("() => innerWidth") == width
        assert inside.evaluate("() => document.documentElement.scrollWidth") == width, path
        assert inside.evaluate("() => document.documentElement.dataset.theme") == theme


def test_what_is_said_is_seen_wherever_the_host_is_scrolled_to(open_host: OpenHost, desk: Desk) -> None:
    page = open_host(f"/#/orders/{desk.shop.numbers['long']}/shipping")
    frame = frame_of(page)
    last = frame.locator(".lines").get_by_role("link", name="Redigera").last
    last.scroll_into_view_if_needed()
    last.click()
    row = frame.get_by_role("row").filter(has=frame.get_by_role("button", name="Spara"))
    row.get_by_label("Antal").fill("9")
    press(row, "Spara")

    toast = frame.locator(".toast-line").first
    expect(toast).to_be_visible()
    expect(toast).to_be_in_viewport()


@pytest.mark.parametrize("cookies", ["kept", "blocked"])
def test_the_looks_and_the_language_follow_the_host(cookies: str, open_host: OpenHost) -> None:
    page = open_host(cookies=cookies)
    frame = frame_of(page)
    expect(frame.get_by_role("heading", name="Ordrar")).to_be_visible()

    page.evaluate("desk.appearance({ theme: 'dark', accent: '#7a1fa2', lang: 'en' })")

    expect(frame.get_by_role("heading", name="Orders")).to_be_visible()
    expect(frame.locator("html")).to_have_attribute("lang", "en")
    expect(frame.locator("body")).to_have_css("background-color", "rgb(23, 22, 20)")
    frame.get_by_role("link", name=re.compile("^WS-")).first.click()
    expect(frame.get_by_role("link", name="Shipping")).to_be_visible()


def test_a_session_that_ends_is_renewed_and_nothing_typed_is_lost(
    open_host: OpenHost, desk: Desk, complaints: Complaints
) -> None:
    number = desk.shop.numbers["ready"]
    for cookies in ("kept", "blocked"):
        page = open_host(f"/#/orders/{number}", cookies=cookies)
        frame = frame_of(page)
        frame.get_by_label("Kommentar").fill(f"Skriven länge, {cookies}")
        end_session(page)

        press(frame, "Lägg till kommentar")

        expect(frame.locator("#order")).to_contain_text(f"Skriven länge, {cookies}")
        assert page.evaluate("asked") == 2


@pytest.mark.parametrize("cookies", ["kept", "blocked"])
def test_the_looks_are_changed_also_where_the_session_has_ended(cookies: str, open_host: OpenHost) -> None:
    page = open_host(cookies=cookies)
    expect(frame_of(page).get_by_role("heading", name="Ordrar")).to_be_visible()
    end_session(page)

    page.evaluate("desk.appearance({ theme: 'dark' })")

    expect(frame_of(page).locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("cookies", ["kept", "blocked"])
def test_what_one_person_typed_is_never_sent_as_another(cookies: str, open_host: OpenHost, desk: Desk) -> None:
    number = desk.shop.numbers["ready"]
    page = open_host(f"/#/orders/{number}", cookies=cookies)
    frame = frame_of(page)
    frame.get_by_label("Kommentar").fill("Hannas ord")
    end_session(page)
    page.evaluate("history.replaceState(null, '', `?sub=8&name=Bo${location.hash}`)")

    press(frame, "Lägg till kommentar")

    expect(frame.get_by_label("Kommentar")).to_have_value("")
    expect(frame.get_by_role("heading", name=number)).to_be_visible()
    expect(frame.locator("#order")).not_to_contain_text("Hannas ord")
    frame.get_by_label("Kommentar").fill("Bos ord")
    press(frame, "Lägg till kommentar")
    expect(frame.locator("#order")).to_contain_text("Bos ord")
    expect(frame.locator("#order")).not_to_contain_text("Hannas ord")


@pytest.mark.parametrize("cookies", ["kept", "blocked"])
def test_a_renewed_frame_tells_no_other_page_of_its_host(
    cookies: str, open_host: OpenHost, host: Host, desk: Desk
) -> None:
    origins = (host.origin, "https://admin.example.se")
    desk.app.config["EMBED_HOSTS"] = (replace(host.as_known_to_the_desk, origins=origins),)
    page = open_host(cookies=cookies)
    root = frame_of(page).locator("html")
    expect(root).to_have_attribute("data-hosts", host.origin)
    end_session(page)

    page.evaluate("desk.appearance({ theme: 'dark' })")

    expect(root).to_have_attribute("data-theme", "dark")
    expect(root).to_have_attribute("data-hosts", host.origin)


def test_a_frame_that_is_loaded_again_asks_its_host_who_is_there(open_host: OpenHost, desk: Desk) -> None:
    for cookies in ("kept", "blocked"):
        page = open_host(f"/#/orders/{desk.shop.numbers['ready']}", cookies=cookies)
        expect(frame_of(page).get_by_role("heading", name=desk.shop.numbers["ready"])).to_be_visible()
        page.context.clear_cookies()

        page.frames[1].evaluate("() => location.reload()")

        expect(frame_of(page).get_by_role("heading", name=desk.shop.numbers["ready"])).to_be_visible()


def test_a_mail_is_shown_in_the_frame_without_cookies_too(open_host: OpenHost, desk: Desk) -> None:
    page = open_host(f"/?role=admin#/orders/{desk.shop.numbers['ready']}/messages", cookies="blocked")
    frame = frame_of(page)
    frame.locator(".message a.subject").first.click()

    expect(frame.frame_locator("iframe.mail").locator("body")).to_contain_text(desk.shop.numbers["ready"])


@pytest.mark.parametrize("cookies", COOKIES)
def test_files_are_saved_from_the_frame(cookies: str, open_host: OpenHost, desk: Desk) -> None:
    page = open_host("/?role=admin", cookies=cookies)
    frame = frame_of(page)
    with page.expect_download() as listed:
        frame.get_by_role("link", name="Exportera").click()
    assert desk.shop.numbers["ready"] in listed.value.path().read_text("utf-8-sig")

    page.evaluate("desk.open('/settings/personal-data')")
    frame.get_by_label("E-post").first.fill("asa@example.com")
    press(frame, "Sök")
    with page.expect_download() as exported:
        press(frame, "Exportera som fil")
    assert desk.shop.numbers["ready"] in exported.value.path().read_text()


@pytest.mark.parametrize("cookies", COOKIES)
def test_a_mail_that_is_being_written_is_shown_in_the_frame(cookies: str, open_host: OpenHost) -> None:
    page = open_host("/?role=admin#/settings/templates/comment/sv", cookies=cookies)
    frame = frame_of(page)
    mail = frame.frame_locator("iframe.mail").last.locator("body")  # the one that is coming lies over the other
    expect(mail).to_be_visible()
    frame.locator("#template-html").fill("<p>Så här blir det: {{ comment.text }}</p>")

    expect(mail).to_contain_text("Så här blir det")


def test_the_editor_of_mail_templates_works_however_often_it_is_swapped_in(open_host: OpenHost) -> None:
    frame = frame_of(open_host("/?role=admin#/settings/shop"))
    for _arrival in range(2):
        frame.get_by_role("link", name="Utskicksmallar").click()
        frame.locator("a[href*='/settings/templates/comment/sv']").click()
        source = frame.locator("#template-html")
        source.fill("<p>Så här blir det: </p>")
        frame.get_by_role("button", name="comment.text").click()
        expect(source).to_have_value("<p>Så här blir det: </p>{{ comment.text }}")
        expect(frame.frame_locator("iframe.mail").last.locator("body")).to_contain_text("Så här blir det")


def test_what_the_host_asks_for_before_the_frame_is_there_is_done_once_it_is(open_host: OpenHost, desk: Desk) -> None:
    page = open_host()
    frame_of(page).get_by_role("heading", name="Ordrar").wait_for()

    page.evaluate(
        """(number) => {
            desk.close();
            desk = WebshopOrders.embed("#desk", {
                token: () => fetch("/token").then((answer) => answer.text()),
                theme: "dark", accent: "#7a1fa2",
            });
            desk.open(number);
        }""",
        desk.shop.numbers["ready"],
    )

    expect(frame_of(page).get_by_role("heading", name=desk.shop.numbers["ready"])).to_be_visible()
    expect(frame_of(page).locator("html")).to_have_attribute("data-accent", "#7a1fa2")
    expect(frame_of(page).locator("html")).to_have_attribute("data-theme", "dark")


def test_a_frame_that_is_closed_before_its_token_came_is_never_there(open_host: OpenHost) -> None:
    page = open_host()
    frame_of(page).get_by_role("heading", name="Ordrar").wait_for()

    page.evaluate("""async () => {
        desk.close();
        let answer;
        const coming = new Promise((resolve) => { answer = resolve; });
        WebshopOrders.embed("#desk", { token: () => coming }).close();
        answer(await (await fetch("/token")).text());
        await new Promise((resolve) => setTimeout(resolve));
    }""")

    expect(page.locator("iframe")).to_have_count(0)


@pytest.mark.parametrize("token", ["() => { throw Error('slut'); }", "async () => { throw Error('slut'); }"])
def test_the_host_is_told_that_its_token_could_not_be_had(token: str, open_host: OpenHost) -> None:
    page = open_host()

    told = page.evaluate(
        f"""() => new Promise((resolve) => {{
            WebshopOrders.embed("#desk", {{ token: {token}, onError: (error) => resolve(error.message) }});
        }})"""
    )

    assert told == "slut"


def test_what_is_printed_is_the_order_alone(open_host: OpenHost, desk: Desk) -> None:
    page = open_host(f"/#/orders/{desk.shop.numbers['ready']}")
    frame_of(page).get_by_role("button", name="Skriv ut").wait_for()
    inside = page.frames[1]
    inside.evaluate("() => { window.print = () => { window.printed = true; }; }")

    frame_of(page).get_by_role("button", name="Skriv ut").click()

    assert inside.evaluate("() => window.printed")
    page.emulate_media(media="print")
    expect(frame_of(page).get_by_role("button", name="Lägg till kommentar")).to_be_hidden()
    expect(frame_of(page).get_by_text("Att betala")).to_be_visible()


# What others try


def test_no_other_site_can_have_the_desk_in_a_frame(
    open_host: OpenHost, host: Host, desk: Desk, complaints: Complaints
) -> None:
    complaints.expected += ["frame-ancestors", "ERR_BLOCKED_BY_RESPONSE", "chrome-error", "X-Frame-Options"]
    page = open_host()
    frame_of(page).get_by_role("heading", name="Ordrar").wait_for()
    with hosting() as thief:
        thief.desk = desk.url
        page.goto(f"{thief.origin}/plain")
        page.wait_for_timeout(500)
        assert page.frames[1].url.startswith("chrome-error:")


def test_a_forged_message_moves_nothing(open_host: OpenHost, desk: Desk, complaints: Complaints) -> None:
    page = open_host()
    frame = frame_of(page)
    expect(frame.get_by_role("heading", name="Ordrar")).to_be_visible()
    # Another window of the same origin as the host's, which is not the page around.
    page.evaluate(
        """(number) => {
        const other = document.createElement("iframe");
        other.srcdoc = `<script>
            for (const target of [top.frames[0], top]) {
                target.postMessage({ webshopOrders: 1, type: "open", path: "${number}", count: 1 }, "*");
                target.postMessage({ webshopOrders: 1, type: "appearance", theme: "dark" }, "*");
                target.postMessage({ webshopOrders: 1, type: "changed", order: "WS-1", status: "shipped" }, "*");
                target.postMessage({ webshopOrders: 1, type: "height", height: 7 }, "*");
                target.postMessage({ webshopOrders: 1, type: "token-needed" }, "*");
            }
        </scr` + `ipt>`;
        document.body.append(other);
        frames[0].postMessage({ webshopOrders: 1, type: "constructor" }, "*");
        frames[0].postMessage(null, "*");
        frames[0].postMessage({ webshopOrders: 1 }, "*");
    }""",
        desk.shop.numbers["ready"],
    )
    page.wait_for_timeout(500)

    expect(frame_of(page).first.get_by_role("heading", name="Ordrar")).to_be_visible()
    expect(page.locator("#changed")).to_have_text("")
    assert page.evaluate("asked") == 1
    assert page.locator("iframe").first.bounding_box()["height"] > 300  # type: ignore[index]
    assert page.frames[1].url == f"{desk.url}/orders"
    expect(frame_of(page).first.locator("html")).not_to_have_attribute("data-theme", "dark")


def test_the_frame_hears_no_page_of_another_host(open_host: OpenHost, host: Host, desk: Desk) -> None:
    """A second host may have frames of the desk too, but not speak to those of the first one's people."""
    with hosting() as other:
        second = replace(other.as_known_to_the_desk, name="other", secrets=(SECRET[::-1],))
        desk.app.config["EMBED_HOSTS"] = (host.as_known_to_the_desk, second)
        other.desk = desk.url
        page = open_host()
        page.goto(f"{other.origin}/plain")
        heading, root = frame_of(page).get_by_role("heading", level=1), frame_of(page).locator("html")
        expect(heading).to_have_text("Ordrar")
        page.frames[1].wait_for_load_state()

        for message in (
            {"type": "open", "path": desk.shop.numbers["ready"], "count": 1},
            {"type": "appearance", "theme": "dark"},
        ):
            page.evaluate("(said) => frames[0].postMessage({ webshopOrders: 1, ...said }, '*')", message)
        page.wait_for_timeout(500)

        expect(heading).to_have_text("Ordrar")
        expect(root).not_to_have_attribute("data-theme", "dark")
        assert page.frames[1].url == f"{desk.url}/orders"


def test_the_host_opens_pages_of_the_desk_alone(open_host: OpenHost, desk: Desk) -> None:
    page = open_host()
    expect(frame_of(page).get_by_role("heading", name="Ordrar")).to_be_visible()

    for address in ("//evil.example/orders", "/\\evil.example", "https://evil.example/", "javascript:alert(1)"):
        page.evaluate("(address) => desk.open(address)", address)
        page.wait_for_timeout(200)
        assert page.frames[1].url.startswith(f"{desk.url}/orders"), address


def test_the_frame_tells_its_host_alone(open_host: OpenHost, host: Host, desk: Desk) -> None:
    page = open_host()
    expect(frame_of(page).get_by_role("heading", name="Ordrar")).to_be_visible()

    page.wait_for_function("new Set(heard.map((message) => message.type)).size >= 3")
    heard = page.evaluate("heard.map((message) => message.type)")

    assert {"ready", "height", "order"} <= set(heard)
    assert set(heard) <= {"ready", "height", "order", "changed", "token-needed"}


def test_the_token_is_gone_from_the_address_and_no_script_is_written_into_the_page(
    open_host: OpenHost, desk: Desk
) -> None:
    page = open_host(f"/?order={desk.shop.numbers['ready']}", cookies="blocked")
    expect(frame_of(page).get_by_role("heading", name=desk.shop.numbers["ready"])).to_be_visible()

    assert page.frames[1].evaluate("() => location.href") == desk.order("ready")
    assert sign()[:20] not in page.frames[1].content()


def test_the_script_for_hosts_is_small() -> None:
    script = Path(__file__).parents[2] / "static" / "embed.js"

    assert len(script.read_bytes()) < 3000


@pytest.mark.parametrize("cookies", COOKIES)
def test_the_palette_works_in_the_frame(cookies: str, open_host: OpenHost, desk: Desk) -> None:
    number = desk.shop.numbers["ready"]
    page = open_host(cookies=cookies)
    frame = frame_of(page)
    frame.get_by_role("button", name="Sök eller gör").click()
    frame.get_by_role("combobox", name="Sök eller gör").fill(number)
    page.keyboard.press("Enter")
    expect(page.locator("#open")).to_have_text(number)
    page.keyboard.press("Control+k")
    frame.get_by_role("combobox", name="Sök eller gör").fill("skicka")
    frame.get_by_role("option", name=f"Markera {number}-1 som skickad").click()
    expect(frame.get_by_role("button", name="Markera som skickad")).to_be_focused()
    page.keyboard.press("Control+k")
    frame.get_by_role("combobox", name="Sök eller gör").fill("restnoterad")
    frame.get_by_role("option", name=f"Sätt {number}-1 till Restnoterad").click()
    says(frame, "-1: Restnoterad")
    page.keyboard.press("Control+k")
    frame.get_by_role("combobox", name="Sök eller gör").fill("örjan")
    frame.get_by_role("option", name="Örjan Ström").click()
    expect(page.locator("#open")).to_have_text(desk.shop.numbers["mixed"])


@pytest.mark.parametrize("cookies", ["kept", "blocked"])
def test_a_scan_opens_its_order_in_the_frame(cookies: str, open_host: OpenHost, desk: Desk) -> None:
    page = open_host(cookies=cookies)
    frame = frame_of(page)
    frame.get_by_role("heading", name="Ordrar").click()
    page.wait_for_load_state("networkidle")  # a page at work holds up keys, and a scan has no pauses
    page.keyboard.type("00370712345678905555")
    page.keyboard.press("Enter")
    expect(page.locator("#open")).to_have_text(desk.shop.numbers["shipped"])
    expect(shipment(frame, 1)).to_be_visible()


@pytest.mark.parametrize("cookies", COOKIES)
def test_what_was_typed_survives_other_tabs_in_the_frame(cookies: str, open_host: OpenHost, desk: Desk) -> None:
    page = open_host(f"/#/orders/{desk.shop.numbers['ready']}", cookies=cookies)
    frame = frame_of(page)
    comment = frame.get_by_label("Kommentar", exact=True)
    expect(comment).to_be_visible()
    page.frames[1].wait_for_load_state()  # nobody types before the scripts are there, which keep it
    comment.fill("Halvvägs")
    open_tab(frame, "Kund")
    open_tab(frame, "Sammanfattning")
    expect(comment).to_have_value("Halvvägs")
    comment.fill("Klart")
    press(frame, "Lägg till kommentar")
    says(frame, "Kommentaren är sparad")


@pytest.mark.parametrize("cookies", ["kept", "blocked"])
def test_who_else_has_the_order_open(open_host: OpenHost, open_page: OpenPage, desk: Desk, cookies: str) -> None:
    erik = open_page(desk, "staff")
    with erik.expect_response(re.compile("/presence")):
        erik.goto(desk.order("ready"))
    page = open_host(f"/?role=staff&order={desk.shop.numbers['ready']}", cookies=cookies)
    frame = frame_of(page)
    expect(frame.locator("#here")).to_contain_text("Erik Holm har ordern öppen")
    frame.get_by_label("Kommentar", exact=True).fill("Halvvägs")
    with page.expect_response(re.compile("/presence")):
        page.frames[1].evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(frame.get_by_label("Kommentar", exact=True)).to_be_focused()
    with erik.expect_response(re.compile("/presence")):
        erik.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(erik.locator("#here")).to_contain_text("skriver en kommentar")


@pytest.mark.parametrize("cookies", COOKIES)
def test_codes_are_read_scanned_and_corrected_in_the_frame(cookies: str, open_host: OpenHost, desk: Desk) -> None:
    page = open_host(f"/?order={desk.shop.numbers['ready']}", cookies=cookies)
    frame = frame_of(page)
    frame.get_by_role("link", name="Frakt").click()
    field = frame.get_by_label("Spårningskod", exact=True)
    field.fill("RR123456784SE")
    expect(frame.locator(".understood")).to_contain_text("kontrollsiffran stämmer inte")
    field.fill("")
    for code in ("FRAME1111111", "FRAME2222222"):
        page.keyboard.type(code, delay=10)
        page.keyboard.press("Enter")
    expect(frame.locator(".tracking .code strong")).to_have_text(["FRAME1111111", "FRAME2222222"])
    frame.get_by_role("link", name="Ändra koden").first.click()
    frame.get_by_label("Ny kod i stället för").fill("RR123456785SE")
    page.keyboard.press("Enter")
    expect(frame.locator(".tracking .code strong")).to_have_text(["RR123456785SE", "FRAME2222222"])
