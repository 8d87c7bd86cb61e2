"""The snippets of docs/embedding.md are executed unchanged; their tokens are verified with another library."""

import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import playwright
import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import OctKey

from webshop_orders.operations.users import embedded_users
from webshop_orders.security import embed_tokens, signed_claims
from webshop_orders.web.embed import arrival

DOCUMENT = Path(__file__).parents[2] / "docs" / "embedding.md"
SECRET = "thirty-two-characters-or-more-for-tests"
USER = {"id": 17, "name": "Åsa «Öst» O'Berg </script>", "role": "warehouse"}
ORDERS = ["WS-100234", "wc 10/248 å", None]
PYTHON_CALL = """
import json
import sys
print(desk_token(*json.loads(sys.argv[1])))
"""
PHP_CALL = "\necho desk_token(...json_decode($argv[1], true));\n"
NODE_CALL = "\nconsole.log(deskToken(...JSON.parse(process.argv[2])));\n"


def snippets(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)


def snippet(language: str) -> str:
    (text,) = snippets(language)
    return text


def program(name: str) -> str:
    """The interpreter of a language; Node comes with Playwright, which drives the browsers in tests."""
    path = shutil.which(name, path=f"{os.environ['PATH']}:{Path(playwright.__file__).parent / 'driver'}")
    if path is None:
        pytest.skip(f"{name} is not installed, so the snippet in its language was not run.")
    return path


def run(folder: Path, file: str, text: str, command: list[str], *arguments: Any) -> str:
    (folder / file).write_text(text)
    encoded = json.dumps([value for value in arguments if value is not None])
    environment = {"ORDER_DESK_SECRET": SECRET, "PATH": "/usr/bin:/bin"}
    command_line = [*command, str(folder / file), encoded]
    return subprocess.run(command_line, env=environment, check=True, capture_output=True, text=True).stdout.strip()


Sign = Callable[..., str]


def by_python(folder: Path) -> Sign:
    text = snippet("python") + PYTHON_CALL
    return lambda *arguments: run(folder, "sign.py", text, [sys.executable], *arguments)


def by_php(folder: Path) -> Sign:
    text, php = snippet("php") + PHP_CALL, program("php")
    return lambda *arguments: run(folder, "sign.php", text, [php], *arguments)


def by_node(folder: Path) -> Sign:
    text, node = snippet("js") + NODE_CALL, program("node")
    return lambda *arguments: run(folder, "sign.mjs", text, [node], *arguments)


@pytest.fixture(params=[by_python, by_php, by_node])
def sign(request: pytest.FixtureRequest, tmp_path: Path) -> Sign:
    return request.param(tmp_path)


@pytest.mark.parametrize("order", ORDERS)
def test_a_token_says_who_it_is_for_and_ends_within_a_minute(sign: Sign, order: str | None) -> None:
    token = jwt.decode(sign(USER, order), OctKey.import_key(SECRET), algorithms=["HS256"])
    claims = token.claims
    assert token.header == {"alg": "HS256", "typ": "JWT"}
    assert 50 <= claims.pop("exp") - time.time() <= 60
    assert re.fullmatch("[A-Za-z0-9_-]{20,100}", claims.pop("jti"))
    expected = {
        "iss": "host",
        "aud": "webshop-orders",
        "sub": "17",
        "name": USER["name"],
        "role": "warehouse",
    }
    assert claims == (expected if order is None else {**expected, "order": order})


def test_no_two_tokens_are_the_same(sign: Sign) -> None:
    tokens = [jwt.decode(sign(USER), OctKey.import_key(SECRET)).claims["jti"] for _time in range(2)]
    assert len(set(tokens)) == 2


def test_a_token_is_signed_with_the_secret(sign: Sign) -> None:
    with pytest.raises(BadSignatureError):
        jwt.decode(sign(USER), OctKey.import_key(SECRET + "!"))


def test_the_scripts_for_host_pages_are_javascript(tmp_path: Path) -> None:
    for number, text in enumerate(snippets("javascript")):
        script = tmp_path / f"{number}.js"
        script.write_text(text)
        subprocess.run([program("node"), "--check", script], check=True)


def test_every_refusal_is_quoted_as_the_desk_words_it() -> None:
    """The table lists every sentence with which a token can be rejected, and no other."""
    sentences = set()
    for module in (arrival, embed_tokens, embedded_users):
        sentences |= set(re.findall(r'TokenRefused\(\s*_\(\s*"([^"]+)"', inspect.getsource(module)))
    sentences |= set(re.findall(r'_\(\s*"([^"]+)"', inspect.getsource(signed_claims)))
    assert len(sentences) > 10
    sentences.discard("The session in this frame has ended.")  # not about a token
    assert set(re.findall(r"^\| «([^»]+)» \|", DOCUMENT.read_text(), re.MULTILINE)) == sentences


def test_every_option_and_message_is_in_the_document() -> None:
    """The tables list every option that embed.js reads and every message that it sends."""
    script = (DOCUMENT.parents[1] / "static" / "embed.js").read_text()
    text = DOCUMENT.read_text()
    options = set(re.findall(r"options\.(\w+)", script))
    assert options >= {"token", "follow", "onChange"}
    for option in options:
        assert re.search(rf"^\| `{option}(\(|`)", text, re.MULTILINE), option
    for kind in set(re.findall(r'type: "([\w-]+)"', script)) | {"ready", "height", "order", "changed", "token-needed"}:
        assert re.search(rf"^\| (frame to host|host to frame) \| `{kind}` \|", text, re.MULTILINE), kind


def test_every_link_within_the_document_leads_somewhere() -> None:
    text = DOCUMENT.read_text()
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    links = re.findall(r"\]\(([^)]*)\)", text)
    assert links
    for link in links:
        if link.startswith("#"):
            assert link[1:] in anchors
        else:
            assert (DOCUMENT.parent / link).exists()
