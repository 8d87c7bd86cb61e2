"""The order desk below a path of the shop's site, in a browser, over TLS and behind nginx as examples/nginx has it."""

import re
import shutil
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask import request as flask_request
from playwright.sync_api import Browser, Page, Response, expect

from tests.browser.conftest import COOKIES, WIDE, Complaints, OpenPage
from tests.browser.shop import PASSWORD, Desk, Shop, serving
from tests.browser.steps import frame_of, line, mark, open_tab, press, says, shipment, tab_link
from tests.examples.tls import make_certificate
from tests.outbox.servers import free_port
from tests.tools import required
from tests.web.embed.host import PAGE, PLAIN, SECRET, Host, sign
from tests.wsgi_server import WsgiServer
from webshop_orders.security.embed_hosts import EmbedHost

EXAMPLE = Path(__file__).parents[2] / "examples" / "nginx" / "sub-path.conf"
PATIENCE = 20
KEPT, TAKEN_OFF = "kept", "taken off"


@dataclass
class Site:
    """The shop at `url`, and the order desk below /desk of it; `asked` has each path that the shop's own pages got."""

    url: str
    desk: Desk
    asked: list[str]

    def number(self, fate: str) -> str:
        return self.desk.shop.numbers[fate]


def make_shop(asked: list[str]) -> Flask:
    """The shop's own pages, of which one has the order desk in a frame."""
    shop = Flask("shop", static_folder=None)
    shop.before_request(lambda: asked.append(_path()))
    shop.add_url_rule("/admin", "admin", view_func=lambda: PAGE.format(desk=_root()))
    shop.add_url_rule("/plain", "plain", view_func=lambda: PLAIN.format(desk=_root(), token=sign()))
    shop.add_url_rule("/token", "token", view_func=sign)
    return shop


def _path() -> str:
    return flask_request.path


def _root() -> str:
    return f"https://{flask_request.host}/desk"


@pytest.fixture(params=[KEPT, TAKEN_OFF])
def site(request: pytest.FixtureRequest, shop: Shop, tmp_path: Path) -> Iterator[Site]:
    """The whole site, whose proxy passes /desk on or takes it off."""
    program = required("nginx", "nginx-light")
    certificate = make_certificate(tmp_path, "localhost", "shop.pem", "shop.key")
    database, port, asked = tmp_path / "shop.sqlite3", free_port(), list[str]()
    shutil.copy(shop.database, database)
    url, own_shop = f"https://localhost:{port}", WsgiServer(make_shop(asked))
    with serving(
        Shop(database, shop.numbers, shop.links),
        BASE_URL=f"{url}/desk",
        URL_PREFIX="/desk",
        TRUSTED_PROXIES=1,
        SESSION_COOKIE_NAME="__Host-webshop_orders",
        SESSION_COOKIE_SECURE=True,
        EMBED_HOSTS=(EmbedHost("host", (url,), (SECRET,)),),
    ) as desk:
        ports = {8443: port, 8001: int(desk.url.rpartition(":")[2]), 8080: own_shop.port}
        (tmp_path / "nginx.conf").write_text(configuration(ports, takes_off=request.param == TAKEN_OFF))
        nginx = subprocess.Popen([program, "-p", str(tmp_path), "-c", "nginx.conf"])
        try:
            wait_for(f"{url}/desk/healthz", certificate)
            yield Site(url, desk, asked)
        finally:
            nginx.terminate()
            nginx.wait(PATIENCE)
            own_shop.stop()


def configuration(ports: dict[int, int], *, takes_off: bool) -> str:
    written = EXAMPLE.read_text()
    for example, port in ports.items():
        assert f"127.0.0.1:{example}" in written
        written = written.replace(f"127.0.0.1:{example}", f"127.0.0.1:{port}")
    passed_on = f"proxy_pass http://127.0.0.1:{ports[8001]};"
    assert passed_on in written
    return written.replace(passed_on, passed_on.replace(";", "/;")) if takes_off else written


def wait_for(address: str, certificate: Path) -> None:
    deadline, trusting = time.monotonic() + PATIENCE, ssl.create_default_context(cafile=certificate)
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5, context=trusting):
                return
        except OSError:
            assert time.monotonic() < deadline, f"{address} did not answer in time"
            time.sleep(0.1)


@pytest.fixture
def page(site: Site, chromium: Browser, complaints: Complaints) -> Iterator[Page]:
    """A browser in which nothing of the order desk may be asked for outside of /desk."""
    context = chromium.new_context(base_url=site.url, ignore_https_errors=True, locale="sv-SE", viewport=WIDE)
    page = complaints.listen(context.new_page())
    failed: list[str] = []

    def note(response: Response) -> None:
        if response.status >= 400 and response.status != 422:  # which asks before it does something
            failed.append(f"{response.status} {response.url}")

    page.on("response", note)
    yield page
    page.remove_listener("response", note)
    complaints.stop_listening(page)
    context.close()
    assert failed == []


def test_the_walk_of_a_day_stays_below_the_path(page: Page, site: Site) -> None:
    number, order = site.number("ready"), f"{site.url}/desk/orders/{site.number('ready')}"
    page.goto(f"/desk/orders/{number}?q=a")
    expect(page).to_have_url(re.compile(rf"^{site.url}/desk/login\?next="))
    page.goto(f"/desk{site.desk.shop.links['admin']}")
    expect(page).to_have_url(re.compile(f"^{site.url}/desk/"))
    cookie = next(each for each in page.context.cookies() if each["name"] == "__Host-webshop_orders")
    assert (cookie["path"], cookie["secure"], cookie["httpOnly"]) == ("/", True, True)

    page.get_by_role("link", name="Ordrar", exact=True).first.click()
    expect(page).to_have_url(re.compile(f"^{site.url}/desk/orders"))
    mark(page)
    page.get_by_role("searchbox", name="Sök").press_sequentially(number)
    expect(page.locator(".orders tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(rf"^{site.url}/desk/orders\?.*q={number}"))
    page.get_by_role("link", name=number, exact=True).click()
    expect(page).to_have_url(order)
    open_tab(page, "Frakt")
    expect(page).to_have_url(f"{order}/shipping")
    row = line(shipment(page, 1), "Stearinljus")
    row.get_by_role("link", name="Redigera").click()
    row.get_by_label("Antal").fill("5")
    press(row, "Spara")
    says(page, "antalet är nu 5")
    press(page.get_by_role("status"), "Ångra")
    says(page, "Ångrat: ")
    for answer in ("Markera som skickad", "Markera som skickad ändå"):
        press(shipment(page, 1), answer)
    says(page, "är skickad")
    open_tab(page, "Utskick")
    expect(page.locator("#order")).to_contain_text("Leveransbekräftelse")
    page.go_back()
    expect(tab_link(page, "Frakt")).to_have_attribute("aria-current", "page")

    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog")
    palette.get_by_role("combobox").fill(site.number("mixed"))
    found = palette.get_by_role("option").filter(has_text=site.number("mixed"))
    found.first.click()
    expect(page).to_have_url(re.compile(f"^{site.url}/desk/orders/{site.number('mixed')}"))
    for path in ("stock", "inbox", "batches", "pack", "settings/integrations", "settings/shop"):
        page.goto(f"/desk/{path}")
        expect(page.get_by_role("heading").first).to_be_visible()
        assert page.url.startswith(f"{site.url}/desk/{path}")
    assert f"{site.url}/desk/withdrawal" in page.content()
    assert [path for path in site.asked if path != "/favicon.ico"] == []


def test_the_desk_is_edited_in_a_frame_of_the_shops_admin(page: Page, site: Site, complaints: Complaints) -> None:
    complaints.expected.append("Blocked autofocusing")
    number = site.number("ready")
    page.goto(f"/admin#/orders/{number}/shipping")
    frame = frame_of(page)
    row = line(shipment(frame, 1), "Stearinljus")
    expect(row).to_be_visible()
    page.frames[1].wait_for_load_state()  # a link that is clicked before htmx is there leads to a page of its own
    row.get_by_role("link", name="Redigera").click()
    row.get_by_label("Antal").fill("5")
    press(row, "Spara")
    says(frame, "antalet är nu 5")
    expect(page.locator("#changed")).to_have_text(f"{number} ready")
    expect(page).to_have_url(f"{site.url}/admin#/orders/{number}/shipping")
    assert page.frames[1].url.startswith(f"{site.url}/desk/orders/{number}/shipping")

    frame.get_by_role("link", name="Alla ordrar").click()
    expect(frame.get_by_role("heading", name="Ordrar")).to_be_visible()
    page.evaluate("(path) => desk.open(path)", f"/orders/{site.number('paid')}/customer")
    expect(frame.get_by_role("heading", name=site.number("paid"))).to_be_visible()
    page.evaluate("(number) => desk.open(number)", site.number("mixed"))
    expect(frame.get_by_role("heading", name=site.number("mixed"))).to_be_visible()
    page.evaluate("desk.open('/../admin')")  # which is the host's own
    page.evaluate("(number) => desk.open(number)", number)
    expect(frame.get_by_role("heading", name=number)).to_be_visible()
    assert set(site.asked) <= {"/admin", "/token", "/favicon.ico"}


def test_a_frame_without_embed_js_opens_below_the_path(page: Page, site: Site) -> None:
    page.goto("/plain")
    expect(frame_of(page).get_by_role("heading", name="Ordrar")).to_be_visible()
    assert page.frames[1].url.startswith(f"{site.url}/desk/orders")


def test_without_javascript_one_signs_in_and_works_below_the_path(
    site: Site, chromium: Browser, complaints: Complaints
) -> None:
    context = chromium.new_context(
        base_url=site.url, ignore_https_errors=True, locale="sv-SE", viewport=WIDE, java_script_enabled=False
    )
    page, shipping = complaints.listen(context.new_page()), f"/desk/orders/{site.number('ready')}/shipping"
    page.goto(shipping)
    page.get_by_label("E-post").fill("anna@example.com")
    page.get_by_label("Lösenord").fill(PASSWORD)
    press(page, "Logga in")
    expect(page).to_have_url(f"{site.url}{shipping}")
    for answer in ("Markera som skickad", "Markera som skickad ändå"):
        press(shipment(page, 1), answer)
    says(page, "är skickad")
    page.get_by_role("link", name="Ordrar", exact=True).click()
    expect(page).to_have_url(re.compile(f"^{site.url}/desk/orders"))
    press(page, "Logga ut")
    expect(page).to_have_url(re.compile(f"^{site.url}/desk/login"))
    complaints.stop_listening(page)
    context.close()
    assert [path for path in site.asked if path != "/favicon.ico"] == []


@pytest.fixture
def desk_below(shop: Shop, host: Host, tmp_path: Path) -> Iterator[Desk]:
    """An order desk below a path, in a frame of a host that is another site."""
    database = tmp_path / "framed.sqlite3"
    shutil.copy(shop.database, database)
    hosts = (host.as_known_to_the_desk,)
    with serving(Shop(database, shop.numbers, shop.links), EMBED_HOSTS=hosts, URL_PREFIX="/desk") as desk:
        host.desk = f"{desk.url}/desk"
        yield desk


@pytest.mark.parametrize("cookies", COOKIES)
def test_below_a_path_the_frame_of_another_site_works_with_every_kind_of_cookie(
    cookies: str, host: Host, desk_below: Desk, open_with_cookies: OpenPage, complaints: Complaints
) -> None:
    complaints.expected.append("Blocked autofocusing")
    number = desk_below.shop.numbers["ready"]
    page = open_with_cookies(cookies)
    page.goto(f"{host.origin}/#/orders?status=ready")
    frame = frame_of(page)
    expect(frame.get_by_role("link", name=number, exact=True)).to_be_visible()
    page.frames[1].wait_for_load_state()
    frame.get_by_role("link", name=number, exact=True).click()
    expect(page).to_have_url(re.compile(rf"#/orders/{number}$"))
    frame.get_by_role("link", name="Alla ordrar").click()  # as it was filtered
    expect(page).to_have_url(re.compile(r"#/orders\?status=ready$"))
    frame.get_by_role("link", name=number, exact=True).click()
    open_tab(frame, "Frakt")
    row = line(shipment(frame, 1), "Stearinljus")
    row.get_by_role("link", name="Redigera").click()
    row.get_by_label("Antal").fill("5")
    press(row, "Spara")
    says(frame, "antalet är nu 5")
    expect(page).to_have_url(re.compile(rf"#/orders/{number}/shipping$"))
    open_tab(frame, "Utskick")
    frame.locator(".message a.subject").first.click()
    mail = frame.frame_locator("iframe.mail").locator("body")  # the browser asks for it by itself
    expect(mail).to_contain_text(number)
