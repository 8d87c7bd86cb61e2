"""Settings from the environment: each invalid value is reported in one line with the variable and the remedy."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from webshop_orders import config
from webshop_orders.config import ConfigError
from webshop_orders.security import signing_keys

STRONG = "vK3_qY9sB7xR2mW5tZ8uN4cJ6hD1gF0aLpEiOyQrT-A"
FORMER = "b7Qe-Zr2Xk9Lm4Vt6Hs1Yd8Wf3Nc5Pj0GaUoIiRzTq_B"
WEAK = [
    "x",
    "changeme",
    "dev",
    STRONG[:31],
    "a" * 100,
    "ab" * 50,
    "0123456789abcdef0123456789abcdef",
    "change-me-to-something-long-and-random",
    "my-very-own-Secret-key-for-webshop-orders",
    "ett långt PASSWORD som ingen nånsin gissar",
]


def read(folder: Path, **settings: str) -> dict[str, object]:
    variables = {f"WEBSHOP_ORDERS_{name}": value for name, value in settings.items()}
    return config.from_environment({"WEBSHOP_ORDERS_INSTANCE": str(folder), **variables})


def refused(folder: Path, **settings: str) -> str:
    with pytest.raises(ConfigError) as refusal:
        read(folder, **settings)
    assert "\n" not in refusal.value.message
    return refusal.value.message


# Keys


@pytest.mark.parametrize("key", WEAK)
def test_a_weak_key_is_refused_with_the_way_to_make_a_strong_one(tmp_path: Path, key: str) -> None:
    for name, value in (
        ("SECRET_KEY", key),
        ("SECRET_KEY_FALLBACKS", key),
        ("SECRET_KEY_FALLBACKS", f"{FORMER},{key}"),
        ("METRICS_TOKEN", key),
    ):
        message = refused(tmp_path, **{"SECRET_KEY": STRONG, name: value})
        assert f"WEBSHOP_ORDERS_{name}" in message
        assert signing_keys.GENERATE_COMMAND in message
        assert key not in message or len(key) < 4


@pytest.mark.parametrize("key", ["", "x", "\n", *WEAK])
def test_a_weak_key_that_someone_wrote_into_the_file_is_refused(tmp_path: Path, key: str) -> None:
    (tmp_path / "secret_key").write_text(key)
    message = refused(tmp_path)
    assert str(tmp_path / "secret_key") in message
    assert "WEBSHOP_ORDERS_SECRET_KEY" in message


def test_a_key_that_was_kept_is_strong_its_owners_alone_and_the_same_again(tmp_path: Path) -> None:
    key = read(tmp_path)["SECRET_KEY"]
    assert signing_keys.weakness(str(key)) is None
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert read(tmp_path)["SECRET_KEY"] == key
    assert read(tmp_path, SECRET_KEY=STRONG)["SECRET_KEY"] == STRONG


def test_processes_that_start_at_once_keep_one_key_between_them(tmp_path: Path) -> None:
    for turn in range(20):
        path, together = tmp_path / f"{turn}", Barrier(8)

        def start(path: Path = path, together: Barrier = together) -> str:
            together.wait()
            return signing_keys.load_or_create(path)

        with ThreadPoolExecutor(8) as threads:
            (key,) = {start.result() for start in [threads.submit(start) for _process in range(8)]}
        assert key == path.read_text()
        assert signing_keys.weakness(key) is None
    assert len(list(tmp_path.iterdir())) == 20, "a temporary file is left behind"


def test_who_starts_while_a_key_is_drawn_finds_no_half_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, generate, keys = tmp_path / "secret_key", signing_keys.secrets.token_urlsafe, []

    def generate_while_another_starts(length: int) -> str:
        monkeypatch.setattr(signing_keys.secrets, "token_urlsafe", generate)
        keys.append(signing_keys.load_or_create(path))
        return generate(length)

    monkeypatch.setattr(signing_keys.secrets, "token_urlsafe", generate_while_another_starts)
    assert signing_keys.load_or_create(path) == keys[0] == path.read_text() != ""


def test_every_key_that_is_made_as_we_say_is_strong() -> None:
    assert all(signing_keys.weakness(signing_keys.secrets.token_urlsafe(48)) is None for _turn in range(1000))


def test_former_keys_are_read_in_their_order_and_the_present_one_signs(tmp_path: Path) -> None:
    settings = read(tmp_path, SECRET_KEY=STRONG, SECRET_KEY_FALLBACKS=f" {FORMER[::-1]} , {FORMER},")
    assert settings["SECRET_KEY_FALLBACKS"] == [FORMER[::-1], FORMER]
    assert signing_keys.active_keys(settings) == [FORMER[::-1], FORMER, STRONG]
    assert read(tmp_path, SECRET_KEY=STRONG)["SECRET_KEY_FALLBACKS"] == []


# Hosts


@pytest.mark.parametrize(
    "hosts",
    [
        *("*", ".", "..", "a..b", "a@b", "a;b", "a:8000", "a/x", "https://a.example", "ö.se"),
        *("[::1", "::1", "<script>", "\0"),
    ],
)
def test_a_trusted_host_is_a_name_alone(tmp_path: Path, hosts: str) -> None:
    assert "WEBSHOP_ORDERS_TRUSTED_HOSTS" in refused(tmp_path, TRUSTED_HOSTS=hosts)
    assert "WEBSHOP_ORDERS_TRUSTED_HOSTS" in refused(tmp_path, TRUSTED_HOSTS=f"desk.example.com {hosts}")


@pytest.mark.parametrize("url", ["https://", "https:///orders", "http://[", "http://a b", "https://*", "https://.."])
def test_an_address_of_ours_has_a_host(tmp_path: Path, url: str) -> None:
    assert "WEBSHOP_ORDERS_BASE_URL" in refused(tmp_path, BASE_URL=url)


@pytest.mark.parametrize(
    "path",
    ["/a b", "/%64esk", "/skåp", "//desk", "/desk//a", "/..", "/.hidden", "/desk?a=b", "/desk#a", "/desk;a", "/{x}"],
)
def test_the_path_of_our_address_is_one_that_nobody_writes_otherwise(tmp_path: Path, path: str) -> None:
    assert "WEBSHOP_ORDERS_BASE_URL" in refused(tmp_path, BASE_URL=f"https://shop.example{path}")


@pytest.mark.parametrize(
    ("url", "prefix"),
    [
        ("https://shop.example/desk", "/desk"),
        ("https://shop.example:8443/internal/order-desk_2.0/", "/internal/order-desk_2.0"),
        ("https://shop.example/", ""),
        ("https://shop.example", ""),
        ("", ""),
    ],
)
def test_the_desk_is_below_the_path_of_its_address(tmp_path: Path, url: str, prefix: str) -> None:
    assert read(tmp_path, BASE_URL=url)["URL_PREFIX"] == prefix


@pytest.mark.parametrize(
    ("given", "own"),
    [
        ({}, ()),
        ({"BASE_URL": "https://Desk.example.com:8443/orders/"}, ("desk.example.com",)),
        ({"BASE_URL": "http://[2001:db8::1]:8000"}, ("[2001:db8::1]",)),
        ({"BASE_URL": "https://böcker.example"}, ("xn--bcker-jua.example",)),
        ({"TRUSTED_HOSTS": "A.example, .b.example 10.0.0.5"}, ("a.example", ".b.example", "10.0.0.5")),
        ({"BASE_URL": "http://localhost:8000"}, ()),
        ({"TRUSTED_HOSTS": "a.example", "BASE_URL": "https://b.example"}, ("a.example", "b.example")),
    ],
)
def test_the_machines_own_names_are_always_trusted(tmp_path: Path, given: dict[str, str], own: tuple[str, ...]) -> None:
    assert read(tmp_path, **given)["OWN_HOSTS"] == (*own, "localhost", "127.0.0.1", "[::1]")


# The cookie


def test_over_tls_the_cookie_is_this_hosts_alone(tmp_path: Path) -> None:
    by_tls = read(tmp_path, BASE_URL="https://desk.example.com")
    assert (by_tls["SESSION_COOKIE_NAME"], by_tls["SESSION_COOKIE_SECURE"]) == ("__Host-webshop_orders", True)
    assert "SESSION_COOKIE_NAME" not in read(tmp_path, BASE_URL="http://desk.example.com")
