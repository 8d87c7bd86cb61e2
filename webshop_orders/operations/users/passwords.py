"""What a password has to be: long, and none that is guessed among the first (NIST SP 800-63B, 3.1.1)."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webshop_orders.errors import RuleViolation

SHORTEST, LONGEST = 12, 200
LEAST_SCORE = 3
LONGEST_TO_WEIGH = 72
OUR_WORDS = ["webshop-orders", "webshop", "orders"]
# What Swedes begin with; the lists of zxcvbn are English.
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
    """Raise Refused for a password that is too short, too long or easy to guess.

    `about` are words that others would try first: the user's name and e-mail, the name of the shop.
    """
    password = unicodedata.normalize("NFKC", password)
    if len(password) < SHORTEST:
        raise RuleViolation(_("A password needs at least %(least)s characters.", least=SHORTEST), field="password")
    if len(password) > LONGEST:
        raise RuleViolation(_("A password has at most %(most)s characters.", most=LONGEST), field="password")
    own = {part.lower() for word in about if word for part in (word, *re.split(r"[\W_]+", word)) if part}
    weighed = _weigh(password, [*own, *OUR_WORDS, *SWEDISH_WORDS])
    if weighed["score"] < LEAST_SCORE:
        is_about_user = any(part.get("matched_word") in own for part in weighed["sequence"])
        raise RuleViolation(ABOUT_USER if is_about_user else TOO_COMMON, field="password")


def _weigh(password: str, words: list[str]) -> dict[str, Any]:
    """How hard a password is to guess, `score`, from 0, tried at once, to 4; and what it is made of, `sequence`."""
    from zxcvbn import zxcvbn  # its lists of passwords take a while to load

    weighed: dict[str, Any] = zxcvbn(password[:LONGEST_TO_WEIGH], user_inputs=words)
    return weighed
