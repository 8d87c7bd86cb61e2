"""The rules for passwords: length, and resistance to guessing (NIST SP 800-63B, 3.1.1)."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _

from webshop_orders.errors import RuleViolation
from webshop_orders.text.languages import lazy_gettext as _l

MIN_LENGTH, MAX_LENGTH = 12, 200
MIN_SCORE = 3  # of zxcvbn, from 0 to 4
MAX_SCORED_LENGTH = 72  # zxcvbn takes long for more
PRODUCT_WORDS = ["webshop-orders", "webshop", "orders"]
# The common words of Swedish passwords; the lists of zxcvbn are English.
SWEDISH_WORDS = [
    "lösenord",
    "losenord",
    "hemlig",
    "hemligt",
    "sommar",
    "sommaren",
    "vinter",
    "vintern",
    "hösten",
    "våren",
    "hejsan",
    "hejhej",
    "välkommen",
    "valkommen",
    "sverige",
    "stockholm",
    "göteborg",
    "goteborg",
    "malmö",
    "malmo",
    "älskling",
    "alskling",
    "kaffe",
    "fotboll",
    "butik",
    "butiken",
    "lager",
    "ordrar",
]
TOO_COMMON = _l("This password is among the first that others would try. Take some words that do not belong together.")
ABOUT_USER = _l(
    "This password is made of your name, your e-mail or the shop's name. Take some words that do not belong together."
)


def check(password: str, *, about: Iterable[str | None]) -> None:
    """Raise RuleViolation for a password that is too short, too long or easy to guess.

    `about` are words that an attacker would try first: the user's name and e-mail, the name of the shop.
    """
    password = unicodedata.normalize("NFKC", password)
    if len(password) < MIN_LENGTH:
        raise RuleViolation(_("A password needs at least %(least)s characters.", least=MIN_LENGTH), field="password")
    if len(password) > MAX_LENGTH:
        raise RuleViolation(_("A password has at most %(most)s characters.", most=MAX_LENGTH), field="password")
    own_words = {part.lower() for word in about if word for part in (word, *re.split(r"[\W_]+", word)) if part}
    estimate = _estimate(password, [*own_words, *PRODUCT_WORDS, *SWEDISH_WORDS])
    if estimate["score"] < MIN_SCORE:
        is_about_user = any(part.get("matched_word") in own_words for part in estimate["sequence"])
        raise RuleViolation(ABOUT_USER if is_about_user else TOO_COMMON, field="password")


def _estimate(password: str, words: list[str]) -> dict[str, Any]:
    """zxcvbn's estimate: `score`, from 0 (guessed at once) to 4, and `sequence`, the words found in the password."""
    from zxcvbn import zxcvbn  # imported here, since its word lists are slow to load

    estimate: dict[str, Any] = zxcvbn(password[:MAX_SCORED_LENGTH], user_inputs=words)
    return estimate
