"""Which tokens of a host are accepted."""

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from joserfc import jwt
from joserfc.jwk import OctKey

from tests.web.embed.host import SECRET, sign
from webshop_orders.models import Role
from webshop_orders.security.embed_hosts import EmbedHost
from webshop_orders.security.embed_tokens import TokenRefused, verify

NEW, OLD = "den nya hemligheten är lång nog nu", "den gamla hemligheten är lång nog också"
HOSTS = (
    EmbedHost("host", ("https://admin.example.com",), (SECRET,)),
    EmbedHost("intranet", ("https://intranet.example.com",), (NEW, OLD)),
)

pytestmark = [pytest.mark.parametrize("database", ["sqlite"], indirect=True), pytest.mark.usefixtures("app")]


NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def seconds_from_now(seconds: float) -> int:
    return int(time.time() + seconds)


def parts(token: str) -> list[str]:
    return token.split(".")


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_token_says_who_comes_and_what_they_may() -> None:
    visit = verify(sign(order="WS-1", lang="en", theme="dark", accent="#7A1FA2"), HOSTS)

    assert (visit.host.name, visit.subject, visit.name, visit.role) == ("host", "7", "Hanna Värd", Role.STAFF)
    assert (visit.order, visit.language, visit.theme, visit.accent) == ("WS-1", "en", "dark", "#7A1FA2")


def test_two_secrets_of_a_host_hold_while_one_takes_over() -> None:
    for secret in (NEW, OLD):
        assert verify(sign(secret, iss="intranet"), HOSTS).host.name == "intranet"


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({"exp": -11}, "har gått ut"),
        ({"exp": 71}, "gäller för länge"),
        ({"exp": 10**12}, "gäller för länge"),
        ({"iat": 11}, "från framtiden"),
        ({"nbf": 11}, "från framtiden"),
    ],
)
@time_machine.travel(NOON, tick=False)
def test_a_token_out_of_its_time_is_refused(claims: dict[str, int], sentence: str) -> None:
    [(name, seconds)] = claims.items()
    token = sign(**{name: seconds_from_now(seconds) if seconds < 10**9 else seconds})

    with pytest.raises(TokenRefused, match=sentence):
        verify(token, HOSTS)


@pytest.mark.parametrize("claims", [{"exp": -10}, {"exp": 70}, {"iat": 10}, {"nbf": 10}])
@time_machine.travel(NOON, tick=False)
def test_two_clocks_may_differ_by_a_few_seconds(claims: dict[str, int]) -> None:
    assert verify(sign(**{name: seconds_from_now(seconds) for name, seconds in claims.items()}), HOSTS)


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({"iss": "intranet"}, "annat system"),
        ({"iss": None}, "annat system"),
        ({"aud": "another"}, "annat system"),
        ({"aud": None}, "annat system"),
        ({"aud": ["another", "webshop"]}, "annat system"),
        ({"aud": []}, "annat system"),
        ({"aud": {"webshop-orders": 1}}, "annat system"),
        ({"role": "owner"}, "roll som inte finns"),
        ({"role": None}, "roll som inte finns"),
        ({"role": ["admin"]}, "roll som inte finns"),
        ({"exp": None}, "exp saknas"),
        ({"exp": "60"}, "exp saknas"),
        ({"exp": True}, "exp saknas"),
        ({"exp": float("nan")}, "exp saknas"),
        ({"exp": -1}, "exp saknas"),
        ({"iat": "now"}, "iat saknas"),
        ({"sub": None}, "sub saknas"),
        ({"sub": " "}, "sub saknas"),
        ({"sub": 7}, "sub saknas"),
        ({"sub": "x" * 201}, "sub saknas"),
        ({"sub": "a\x00b"}, "sub saknas"),
        ({"name": ""}, "name saknas"),
        ({"name": "Rad\nbrytning"}, "name saknas"),
        ({"name": "\ud800"}, "name saknas"),
        ({"jti": None}, "jti saknas"),
        ({"jti": "kort"}, "jti saknas"),
        ({"order": 7}, "order saknas"),
        ({"order": "x" * 101}, "order saknas"),
        ({"lang": "de"}, "lang saknas"),
        ({"lang": ["sv"]}, "lang saknas"),
        ({"theme": "pink"}, "theme saknas"),
        ({"accent": "red"}, "accent saknas"),
        ({"accent": "#7a1fa2;}"}, "accent saknas"),
    ],
)
def test_a_token_that_says_something_else_than_agreed_is_refused(claims: dict[str, Any], sentence: str) -> None:
    with pytest.raises(TokenRefused, match=sentence):
        verify(sign(**claims), HOSTS)


@pytest.mark.parametrize("audience", ["webshop-orders", ["webshop-orders"], ["another", "webshop-orders"]])
def test_a_token_may_be_meant_for_several_systems(audience: object) -> None:
    assert verify(sign(aud=audience), HOSTS)


def signed(header: object, claims: object = None, secret: str = SECRET) -> str:
    """A token with any header, signed with HMAC-SHA256."""
    body = encoded(claims) if claims is not None else parts(sign())[1]
    head = header if isinstance(header, str) else encoded(header)
    signature = hmac.new(secret.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


@pytest.mark.parametrize(
    "parameters",
    [
        {"ver": "1.0"},
        {"appid": 7, "nonce": None},
        {"typ": "at+jwt", "kid": "2026-11"},
        {"x5c": ["MIIB" * 300]},
        {"jku": "https://evil.example.com/keys"},
        {"b64": True, "crit": ["b64"]},
    ],
)
def test_a_header_parameter_that_is_not_needed_is_ignored(parameters: dict[str, Any]) -> None:
    assert verify(signed({"alg": "HS256", **parameters}), HOSTS).subject == "7"


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ({"alg": "HS256", "crit": ["ver"], "ver": 1}, "crit"),
        ({"alg": "HS256", "crit": ["ver"]}, "crit"),
        ({"alg": "HS256", "kid": 7}, "standarden"),
        ({"alg": ["HS256"]}, "standarden"),
        ({"alg": "RS256"}, "HS256"),
        ({"typ": "JWT"}, "HS256"),
        (["alg"], "JWT"),
        ("alg", "JWT"),
        ("=" * 8, "JWT"),
        (base64.urlsafe_b64encode(b"[" * 2_500).rstrip(b"=").decode(), "JWT"),
    ],
)
def test_a_header_is_refused_by_its_true_reason(header: object, sentence: str) -> None:
    with pytest.raises(TokenRefused, match=sentence):
        verify(signed(header), HOSTS)


@pytest.mark.parametrize("claims", [[], "claims", 7])
def test_claims_that_are_no_object_are_refused_by_their_true_reason(claims: object) -> None:
    with pytest.raises(TokenRefused, match="JSON-objekt"):
        verify(signed({"alg": "HS256"}, claims), HOSTS)


def test_an_unknown_secret_is_the_reason_whatever_else_the_header_holds() -> None:
    with pytest.raises(TokenRefused, match="inte signerad med en hemlighet"):
        verify(signed({"alg": "HS256", "ver": 1}, secret="en helt annan hemlighet, också lång nog"), HOSTS)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.é.é", "....", "\ud800.a.b", "x" * 4001])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(TokenRefused):
        verify(token, HOSTS)


def test_a_token_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(TokenRefused, match="för lång"):
        verify(sign(name="x" * 4000), HOSTS)


def test_a_token_without_a_signature_is_refused() -> None:
    _head, body, _signature = parts(sign(role="admin"))

    for head in ({"alg": "none"}, {"alg": "None", "typ": "JWT"}, {"alg": "HS256"}, {}):
        for signature in ("", "AAAA"):
            with pytest.raises(TokenRefused, match="inte signerad"):
                verify(f"{encoded(head)}.{body}.{signature}", HOSTS)


def test_a_token_of_another_algorithm_is_refused() -> None:
    long_enough = OctKey.import_key(SECRET * 3)
    token = jwt.encode({"alg": "HS512"}, {"iss": "host"}, long_enough, algorithms=["HS512"])

    with pytest.raises(TokenRefused, match="inte signerad"):
        verify(token, (EmbedHost("host", (), (SECRET * 3,)),))


def test_a_token_of_a_secret_that_nobody_knows_is_refused() -> None:
    with pytest.raises(TokenRefused, match="inte signerad"):
        verify(sign("en helt annan hemlighet, också lång nog"), HOSTS)


def test_nobody_raises_their_role_in_a_token_that_was_signed() -> None:
    head, body, signature = parts(sign(role="viewer"))
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))

    with pytest.raises(TokenRefused, match="inte signerad"):
        verify(f"{head}.{encoded({**claims, 'role': 'admin'})}.{signature}", HOSTS)


def test_one_host_does_not_speak_for_another() -> None:
    with pytest.raises(TokenRefused, match="annat system"):
        verify(sign(NEW, iss="host"), HOSTS)


def test_without_hosts_no_token_lets_anyone_in() -> None:
    with pytest.raises(TokenRefused):
        verify(sign(), ())
