"""How the codes of a carrier look, as staff write it: `RR#########SE S10`.

# stands for a digit, @ for a letter and * for either, each with how many of them in brackets where they are many,
`JJD*(8-20)`; all else stands for itself. The word at the end says how the check digit is computed, if there is one.
Only one part of a pattern has no fixed length, so that no code takes long to compare.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from flask_babel import gettext as _

from webshop_orders.errors import RuleViolation
from webshop_orders.text import check_digits

MAX_PATTERNS = 20  # of a carrier
MIN_LENGTH, MAX_LENGTH = 6, 100
SSCC_LENGTH = 20  # with the 00 of GS1, without which codes are compared
SIGNS = {"#": "0-9", "@": "A-Z", "*": "0-9A-Z"}
PART = re.compile(r"([#@*])(?:\(([0-9]{1,3})(?:-([0-9]{1,3}))?\))?|([0-9A-Z._/-])")
BLANKS = re.compile(r"\s+")
CHECKS: dict[str, Callable[[str], bool]] = {
    "S10": check_digits.has_s10,
    "GS1": check_digits.has_gs1,
    "LUHN": check_digits.has_luhn,
    "UPS": check_digits.has_ups,
}
S10_FORM = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")
UPS_FORM = re.compile(r"1Z[0-9A-Z]{15}[0-9]")


@dataclass(frozen=True)
class CodePattern:
    """The form of a code, and what looks at its check digit."""

    form: re.Pattern[str]
    check: Callable[[str], bool] | None = None

    def fits(self, code: str) -> bool:
        """Whether a code without blanks and in capitals has this form."""
        return self.form.fullmatch(code) is not None

    def is_right(self, code: str) -> bool:
        """Whether the check digit of a code that fits is right; true where it has none."""
        return self.check is None or self.check(code)


@lru_cache(maxsize=1024)
def read(text: str) -> CodePattern:
    """A pattern as it is written; raises RuleViolation, about the field `codes`, for one that says nothing clear."""
    words = text.upper().split()
    check = words.pop() if len(words) > 1 and words[-1] in CHECKS else None
    written = "".join(words)
    form, shortest, longest, example = "", 0, 0, ""
    at, ranges = 0, 0
    while at < len(written):
        part = PART.match(written, at)
        if part is None:
            raise _unknown_sign(text, written[at])
        sign, least, most, literal = part.groups()
        low = int(least) if least else 1
        high = int(most) if most else low
        if high < low:
            raise _refusal(_("“%(pattern)s”: in brackets is how few and how many, as in #(8-12).", pattern=text))
        ranges += high > low
        form += re.escape(literal) if literal else f"[{SIGNS[sign]}]{{{low},{high}}}"
        example += (literal or {"#": "0", "@": "A", "*": "0"}[sign]) * min(high, MAX_LENGTH)
        shortest, longest, at = shortest + low, longest + high, part.end()
    _check_length(text, shortest, longest, ranges)
    if written.startswith("00") and shortest == longest == SSCC_LENGTH:
        form = form.removeprefix("00")
    pattern = CodePattern(re.compile(form), CHECKS[check] if check else None)
    _check_kind(text, check, pattern, example)
    return pattern


def read_all(texts: list[str]) -> list[str]:
    """Patterns as they are kept, each once and with single blanks; raises RuleViolation as `read` does."""
    kept = list(dict.fromkeys(BLANKS.sub(" ", text).strip() for text in texts if text.strip()))
    if len(kept) > MAX_PATTERNS:
        raise _refusal(_("A carrier has at most %(most)s patterns.", most=MAX_PATTERNS))
    for text in kept:
        read(text)
    return kept


def _check_length(text: str, shortest: int, longest: int, ranges: int) -> None:
    if ranges > 1:
        raise _refusal(_("“%(pattern)s”: only one part may have no fixed length.", pattern=text))
    if shortest < MIN_LENGTH:
        raise _refusal(
            _(
                "“%(pattern)s” fits codes of fewer than %(least)s characters, which any number could be.",
                pattern=text,
                least=MIN_LENGTH,
            )
        )
    if longest > MAX_LENGTH:
        raise _refusal(_("“%(pattern)s”: a code has at most %(most)s characters.", pattern=text, most=MAX_LENGTH))


def _check_kind(text: str, check: str | None, pattern: CodePattern, example: str) -> None:
    """A check digit needs a code of the form that it is computed from."""
    if check == "S10" and not S10_FORM.fullmatch(example):
        raise _refusal(
            _("“%(pattern)s”: S10 is two letters, nine digits and two letters, as RR#########SE.", pattern=text)
        )
    if check == "UPS" and not UPS_FORM.fullmatch(example):
        raise _refusal(_("“%(pattern)s”: UPS is 1Z and 16 characters, the last one a digit.", pattern=text))
    if check in ("GS1", "LUHN") and not example[-1].isdigit():
        raise _refusal(_("“%(pattern)s”: the last character is to be the check digit.", pattern=text))


def _unknown_sign(text: str, sign: str) -> RuleViolation:
    return _refusal(
        _(
            "“%(pattern)s” has “%(sign)s”. Write letters and digits, # for a digit, @ for a letter, * for either.",
            pattern=text,
            sign=sign,
        )
    )


def _refusal(sentence: str) -> RuleViolation:
    return RuleViolation(sentence, field="codes")
