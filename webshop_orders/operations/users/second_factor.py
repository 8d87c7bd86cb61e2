"""The second factor of users with a password: codes of an authenticator app (TOTP, RFC 6238), or recovery codes."""

import hashlib
import re
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from hmac import compare_digest

import pyotp
from flask_babel import gettext as _
from sqlalchemy import or_, update

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Shop, User
from webshop_orders.operations.settings import shop as settings
from webshop_orders.operations.users import accounts, throttle
from webshop_orders.operations.users import sessions as user_sessions
from webshop_orders.text.languages import lazy_gettext as _l

STEP_SECONDS = 30
STEP_TOLERANCE = 1  # steps that the clock of a phone may differ
CODE = re.compile(r"[0-9]{6}")
RECOVERY_CODES = 10
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # without characters that look alike
RECOVERY_CODE = re.compile(f"[{ALPHABET}]{{12}}")
CODE_ATTEMPTS = "code of"
WRONG_CODE = _l("This is not what the app shows now, or was used already. Wait for the next code and try again.")


class Proof(Enum):
    """How a user proves who they are."""

    CODE = auto()
    RECOVERY_CODE = auto()
    PASSWORD = auto()


@dataclass(frozen=True)
class RecoveryCode:
    """A recovery code as it is shown once, and the digest that is stored."""

    plaintext: str
    digest: str


@dataclass(frozen=True)
class PreparedProof:
    """What a user typed, with the results of slow hashing: a recovery code's digest, the password hash it matches."""

    typed: str
    recovery_digest: str | None
    password_hash: str | None


def is_required(user: User, shop: Shop) -> bool:
    """Whether a user must have a second factor; users without a password are signed in by a host, which decides."""
    return shop.requires_second_factor and user.password_hash is not None


def require(required: bool, *, by: User) -> None:
    """Decide whether everyone who signs in with a password needs a second factor.

    Raises RuleViolation if the administrator has none: they would be locked out first.
    """
    if required and by.second_factor is None and by.host is None:
        raise RuleViolation(_("Set up two-step verification for yourself first."), field="required")
    settings.change({"requires_second_factor": required})


def new_secret() -> str:
    """A new secret for an authenticator app, without effect until `confirm`."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, user: User, shop: Shop) -> str:
    """The `otpauth:` address in the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.email or user.name, issuer_name=shop.name)


def confirm(user: User, secret: str, code: str, recovery_codes: Iterable[RecoveryCode]) -> None:
    """Enable the second factor once a code proves that the app has the secret; raises RuleViolation.

    All sessions of the user end, since they began without it.
    """
    if user.second_factor is not None:
        raise RuleViolation(_("Two-step verification is on already."))
    step = _step_of(secret, code, now())
    if step is None:
        raise RuleViolation(WRONG_CODE, field="code")
    user.second_factor, user.second_factor_step = secret, step
    user_sessions.end_sessions(user)
    set_recovery_codes(user, recovery_codes)


def generate_recovery_codes() -> list[RecoveryCode]:
    """New recovery codes; hashing them is slow, so callers generate them before they take any lock."""
    salt = secrets.token_hex(8)
    codes = ["".join(secrets.choice(ALPHABET) for _character in range(12)) for _code in range(RECOVERY_CODES)]
    return [RecoveryCode(f"{code[:4]}-{code[4:8]}-{code[8:]}", _digest(code, salt)) for code in codes]


def set_recovery_codes(user: User, codes: Iterable[RecoveryCode]) -> None:
    """Replace a user's recovery codes; earlier ones stop working."""
    user.recovery_codes = [code.digest for code in codes]


def clear(user: User) -> None:
    """Disable the second factor; all sessions of the user end. Raises NoChange if it is off."""
    if user.second_factor is None:
        raise NoChange(_("%(name)s has no two-step verification.", name=user.name))
    user.second_factor = user.second_factor_step = None
    user.recovery_codes = []
    user_sessions.end_sessions(user)


def check_attempts(user: User, *, by: Collection[Proof], address: str) -> None:
    """Raise TooManyAttempts if too many attempts to prove this user's identity have failed in the window."""
    throttle.check_attempts(_throttle_key(user, by), address=address)


def prepare(user: User, typed: str, *, by: Collection[Proof]) -> PreparedProof:
    """Do the slow hashing for `verify`; for callers that have taken no lock."""
    return PreparedProof(
        typed,
        recovery_digest=recovery_digest(user, typed) if Proof.RECOVERY_CODE in by else None,
        password_hash=user.password_hash if Proof.PASSWORD in by and user.has_password(typed) else None,
    )


def verify(user: User, prepared: PreparedProof, *, by: Collection[Proof], address: str) -> Proof | None:
    """The kind of proof that was typed, one of those in `by`; None if it is none, which counts as a failed attempt.

    Raises TooManyAttempts.
    """
    check_attempts(user, by=by, address=address)
    if Proof.CODE in by and use_code(user, prepared.typed):
        return Proof.CODE
    if Proof.RECOVERY_CODE in by and use_recovery_code(user, prepared.recovery_digest):
        return Proof.RECOVERY_CODE
    # nosemgrep: variable-time-comparison - both are ours, and nobody sent either
    if Proof.PASSWORD in by and prepared.password_hash is not None and prepared.password_hash == user.password_hash:
        return Proof.PASSWORD
    throttle.record_failure(_throttle_key(user, by), address=address)
    return None


def use_code(user: User, typed: str) -> bool:
    """Whether this is a current code of the user's app; it and all earlier codes are used up by that."""
    step = _step_of(user.second_factor, "".join(typed.split()), now())
    if step is None:
        return False
    is_unused = or_(User.second_factor_step.is_(None), User.second_factor_step < step)
    use = update(User).where(User.id == user.id, User.second_factor == user.second_factor, is_unused)
    used = use.values(second_factor_step=step).returning(User.id).execution_options(synchronize_session=False)
    return db.session.scalar(used) is not None


def recovery_digest(user: User, typed: str) -> str | None:
    """The digest of what a user typed as a recovery code; None where it cannot be one of theirs."""
    code = re.sub(r"[\s-]", "", typed).lower()
    if not user.recovery_codes or not RECOVERY_CODE.fullmatch(code):
        return None
    salt, _dollar, _rest = user.recovery_codes[0].partition("$")
    return _digest(code, salt)


def use_recovery_code(user: User, digest: str | None) -> bool:
    """Whether this is the digest of one of the user's recovery codes, which is used up by that."""
    stored = accounts.lock(user.id).recovery_codes
    if digest is None:
        return False
    user.recovery_codes = [code for code in stored if not compare_digest(code, digest)]
    return len(user.recovery_codes) < len(stored)


def _throttle_key(user: User, by: Collection[Proof]) -> str:
    """What attempts are counted by: codes apart from passwords, so that guessing codes blocks no password sign-in."""
    email = user.email or ""
    return email if Proof.PASSWORD in by else f"{CODE_ATTEMPTS} {email}"


def _step_of(secret: str | None, code: str, at: datetime) -> int | None:
    """The number of the time step that a code belongs to: that of `at` or a neighbour, otherwise None."""
    if not secret or not CODE.fullmatch(code):
        return None
    current = int(at.timestamp()) // STEP_SECONDS
    hotp = pyotp.HOTP(secret)
    steps = range(current - STEP_TOLERANCE, current + STEP_TOLERANCE + 1)
    return next((step for step in steps if compare_digest(hotp.at(step), code)), None)


def _digest(code: str, salt: str) -> str:
    """The stored digest of a recovery code; the codes of a set share a salt, so that one hash finds the right one."""
    return f"{salt}${hashlib.scrypt(code.encode(), salt=salt.encode(), n=2**14, r=8, p=1).hex()}"
