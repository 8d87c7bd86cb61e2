"""What a password has to be: long, and none that is guessed among the first (NIST SP 800-63B, 3.1.1)."""

from collections.abc import Iterable

from flask_babel import gettext as _

from webshop_orders.errors import Refused

SHORTEST, LONGEST = 12, 200
LEAST_SCORE = 3
LONGEST_TO_WEIGH = 72
OUR_WORDS = ["webshop-orders", "webshop", "orders"]


def check(password: str, *, about: Iterable[str | None]) -> None:
    """Raise Refused for a password that is too short, too long or easy to guess.

    `about` are words that others would try first: the user's name and e-mail, the name of the shop.
    """
    if len(password) < SHORTEST:
        raise Refused(_("A password needs at least %(least)s characters.", least=SHORTEST), field="password")
    if len(password) > LONGEST:
        raise Refused(_("A password has at most %(most)s characters.", most=LONGEST), field="password")
    if _score(password, [word for word in about if word]) < LEAST_SCORE:
        raise Refused(
            _("This password is among the first that others would try. Take some words that do not belong together."),
            field="password",
        )


def _score(password: str, words: list[str]) -> int:
    """From 0, tried at once, to 4."""
    from zxcvbn import zxcvbn  # its lists of passwords take a while to load

    parts = [part for word in words for part in (word, *word.replace("@", " ").replace(".", " ").split())]
    weighed = zxcvbn(password[:LONGEST_TO_WEIGH], user_inputs=[*parts, *OUR_WORDS])
    return int(weighed["score"])
