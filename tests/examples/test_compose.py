"""The Containerfile and the compose file, as far as they can be read without running containers."""

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from webshop_orders.cli.serve import serve
from webshop_orders.cli.worker import worker
from webshop_orders.config import ENV_PREFIX, VARIABLES, ConfigError, from_environment

CHECKOUT = Path(__file__).parents[2]
FOLDER = CHECKOUT / "examples" / "compose"
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SERVERS, WORKERS = ["app-1", "app-2"], ["worker-1", "worker-2"]
PROXY, DATABASE = "nginx", "database"


def instructions() -> list[tuple[str, str]]:
    """Each instruction of the Containerfile with what it is given, on one line."""
    text = re.sub(r"^#.*\n", "", (CHECKOUT / "Containerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [(line.split(" ", 1)[0], " ".join(line.split(" ", 1)[1].split())) for line in text.splitlines() if line]


def given(name: str) -> list[str]:
    return [words for instruction, words in instructions() if instruction == name]


def parse(command: click.Command, words: list[str]) -> dict[str, Any]:
    """What the command understands; raises click.UsageError if it does not."""
    return command.make_context(str(command.name), words).params


def names_of(service: str, network: str) -> list[str]:
    """Further names that a service has in a network."""
    joined = SERVICES[service]["networks"]
    return (joined[network] or {}).get("aliases", []) if isinstance(joined, dict) else []


def test_every_image_has_a_version() -> None:
    images = [words.split()[0] for words in given("FROM")]
    images += [SERVICES[name]["image"] for name in (PROXY, DATABASE)]

    assert len(images) == 4
    for image in images:
        assert re.fullmatch(r"docker\.io/library/[a-z]+:\d+(\.\d+)?(-[a-z-]+)?", image), image


def test_the_client_of_postgresql_is_as_new_as_its_server() -> None:
    """Both are of the same release of Debian, since pg_dump refuses a server that is newer than itself."""
    release = given("FROM")[-1].rpartition("-")[2]

    assert release == SERVICES[DATABASE]["image"].rpartition("-")[2]
    assert any("postgresql-client" in words for words in given("RUN"))


def test_the_image_runs_as_a_user_that_is_not_root() -> None:
    assert given("USER") == ["10001:10001"]
    assert instructions().index(("USER", "10001:10001")) > instructions().index(("RUN", given("RUN")[-1]))


def test_the_image_has_only_what_was_tested() -> None:
    installs = [words for words in given("RUN") if "pip install" in words]

    assert installs
    for words in installs:
        assert "--require-hashes" in words or "--no-deps --no-index" in words
    assert given("ADD") == []


def test_the_image_is_built_from_nothing_that_has_secrets_or_history() -> None:
    ignored = (CHECKOUT / ".containerignore").read_text().splitlines()
    taken = {words.split()[0].split("/")[0] for words in given("COPY") if not words.startswith("--from")}

    assert ignored[1] == "*"
    assert {line[1:] for line in ignored if line.startswith("!")} == taken == {"production.lock", "dist"}


def test_the_commands_of_the_containers_exist() -> None:
    (words,) = given("CMD")
    name, *options = yaml.safe_load(words)

    assert name == "serve"
    assert parse(serve, options) == {
        "host": "0.0.0.0",
        "port": 8000,
        "workers": 2,
        "no_migrate": False,
        "no_worker": True,
    }
    for service in WORKERS:
        assert SERVICES[service]["command"] == ["worker"]
        assert parse(worker, SERVICES[service]["command"][1:]) == {}
    with pytest.raises(click.UsageError):
        parse(serve, ["--procesess", "2"])


def test_there_are_two_servers_and_two_workers() -> None:
    assert {*SERVERS, *WORKERS, PROXY, DATABASE} == set(SERVICES)
    for name in (*SERVERS, *WORKERS):
        assert SERVICES[name]["image"] == "localhost/webshop-orders"


@pytest.mark.parametrize("name", [*SERVERS, *WORKERS])
def test_the_desk_has_no_rights_and_writes_its_state_only(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["volumes"] == [f"state:{given('VOLUME')[0]}"]
    assert f"WEBSHOP_ORDERS_INSTANCE={given('VOLUME')[0]}" in shlex.split(" ".join(given("ENV")))
    assert "privileged" not in service


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == [PROXY]
    assert SERVICES[DATABASE]["networks"] == ["back"]
    assert COMPOSE["networks"]["back"] == {"internal": True}
    assert SERVICES[PROXY]["networks"] == ["front"]


def test_the_proxy_finds_both_servers_under_one_name() -> None:
    (name,) = re.findall(r"set \$desk (\w+);", (FOLDER / "nginx.conf.template").read_text())

    assert [server for server in SERVERS if name in names_of(server, "front")] == SERVERS


def test_what_is_waited_for_says_when_it_is_ready() -> None:
    waits = [(name, other) for name, service in SERVICES.items() for other in service.get("depends_on", {})]

    assert len(waits) >= 5
    for name, other in waits:
        assert SERVICES[name]["depends_on"][other] == {"condition": "service_healthy"}
        assert "healthcheck" in SERVICES[other]


def test_what_is_named_exists() -> None:
    for name, service in SERVICES.items():
        assert set(service["networks"]) <= set(COMPOSE["networks"]), name
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in COMPOSE["volumes"] or source == "./tls" or (FOLDER / source).is_file(), volume


def test_its_settings_exist_and_want_a_key(tmp_path: Path) -> None:
    lines = (FOLDER / "settings.example").read_text().splitlines()
    settings = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    settings |= {name: str(value).split("${")[0] for name, value in SERVICES["app-1"]["environment"].items()}
    settings |= {f"{ENV_PREFIX}INSTANCE": str(tmp_path), f"{ENV_PREFIX}DATABASE_URL": ""}

    assert {name.removeprefix(ENV_PREFIX) for name in settings} <= VARIABLES
    key = {f"{ENV_PREFIX}SECRET_KEY": "kR7vQ2mX9pL4tZ8wB1nY6cD3fG5hJ0sA-eU"}
    assert from_environment(settings | key)["TRUSTED_PROXIES"] == 1
    with pytest.raises(ConfigError):
        from_environment(settings | {f"{ENV_PREFIX}SECRET_KEY": "change-me"})
