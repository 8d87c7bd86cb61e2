"""The second factor of who signs in with a password: codes of an authenticator app (RFC 6238), or recovery codes."""

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
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, update

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Shop, User
from webshop_orders.operations.settings import shop as settings
from webshop_orders.operations.users import accounts, throttle
from webshop_orders.operations.users import sessions as user_sessions

SECONDS = 30
STEPS_ASIDE = 1
CODE = re.compile(r"[0-9]{6}")
RECOVERY_CODES = 10
SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that looks like another
CODE_OF = "code of"
RECOVERY_CODE = re.compile(f"[{SIGNS}]{{12}}")
WRONG_CODE = _l("This is not what the app shows now, or was used already. Wait for the next code and try again.")


class Proof(Enum):
    """What shows that someone is who they say."""

    CODE = auto()
    RECOVERY_CODE = auto()
    PASSWORD = auto()


@dataclass(frozen=True)
class RecoveryCode:
    """A recovery code as it is told, once, and what is kept of it."""

    told: str
    digest: str


@dataclass(frozen=True)
class PreparedProof:
    """What someone typed, and what took long to make of it: a digest to compare, and the hash that it fits."""

    typed: str
    recovery_code: str | None
    password_hash: str | None


def is_required(user: User, shop: Shop) -> bool:
    """Whether a user has to have a second factor; who has no password is let in by a host, which sees to that."""
    return shop.requires_second_factor and user.password_hash is not None


def require(required: bool, *, by: User) -> None:
    """Decide whether everyone who signs in with a password needs a second factor.

    Raises Refused where the one who demands it has none, who would be the first to be kept out.
    """
    if required and by.second_factor is None and by.host is None:
        raise RuleViolation(_("Set up two-step verification for yourself first."), field="required")
    settings.change({"requires_second_factor": required})


def new_secret() -> str:
    """A new secret for an authenticator app; it counts for nothing until it is confirmed."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, user: User, shop: Shop) -> str:
    """What an authenticator app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.email or user.name, issuer_name=shop.name)


def confirm(user: User, secret: str, code: str, recovery_codes: Iterable[RecoveryCode]) -> None:
    """Switch the second factor on, once a code proves that the app has the secret.

    Every session of the user ends, since it began without. Raises Refused.
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
    """New recovery codes; it takes a while, so callers draw them before they hold anything that others wait for."""
    salt = secrets.token_hex(8)
    codes = ["".join(secrets.choice(SIGNS) for _sign in range(12)) for _code in range(RECOVERY_CODES)]
    return [RecoveryCode(f"{code[:4]}-{code[4:8]}-{code[8:]}", _digest(code, salt)) for code in codes]


def set_recovery_codes(user: User, new: Iterable[RecoveryCode]) -> None:
    """Give a user new recovery codes; earlier ones no longer hold."""
    user.recovery_codes = [code.digest for code in new]


def clear(user: User) -> None:
    """Switch the second factor off; every session of the user ends. Raises NothingToChange."""
    if user.second_factor is None:
        raise NoChange(_("%(name)s has no two-step verification.", name=user.name))
    user.second_factor = user.second_factor_step = None
    user.recovery_codes = []
    user_sessions.end_sessions(user)


def check_attempts(user: User, *, by: Collection[Proof], address: str) -> None:
    """Raise TooManyTries while too many have failed lately to prove that they are this user."""
    throttle.check_attempts(_counted_as(user, by), address=address)


def prepare(user: User, typed: str, *, by: Collection[Proof]) -> PreparedProof:
    """What there is to compare of what someone typed; for callers who hold nothing that others wait for."""
    return PreparedProof(
        typed,
        recovery_code=recovery_digest(user, typed) if Proof.RECOVERY_CODE in by else None,
        password_hash=user.password_hash if Proof.PASSWORD in by and user.has_password(typed) else None,
    )


def verify(user: User, weighed: PreparedProof, *, by: Collection[Proof], address: str) -> Proof | None:
    """How what someone typed proves that they are this user; None where it does not, as a failed sign-in.

    Raises TooManyTries while too many have failed lately.
    """
    check_attempts(user, by=by, address=address)
    if Proof.CODE in by and use_code(user, weighed.typed):
        return Proof.CODE
    if Proof.RECOVERY_CODE in by and use_recovery_code(user, weighed.recovery_code):
        return Proof.RECOVERY_CODE
    # nosemgrep: compared-in-telling-time - both are ours, and nobody sent either
    if Proof.PASSWORD in by and weighed.password_hash is not None and weighed.password_hash == user.password_hash:
        return Proof.PASSWORD
    throttle.record_failure(_counted_as(user, by), address=address)
    return None


def use_code(user: User, typed: str) -> bool:
    """Whether this is a code of the user's app at this time, which from now on no longer holds, nor do earlier ones."""
    step = _step_of(user.second_factor, "".join(typed.split()), now())
    if step is None:
        return False
    is_new = or_(User.second_factor_step.is_(None), User.second_factor_step < step)
    used = update(User).where(User.id == user.id, User.second_factor == user.second_factor, is_new)
    claimed = used.values(second_factor_step=step).returning(User.id).execution_options(synchronize_session=False)
    return db.session.scalar(claimed) is not None


def recovery_digest(user: User, typed: str) -> str | None:
    """What would be kept of what someone typed as a recovery code of the user's; None where it cannot be one."""
    code = re.sub(r"[\s-]", "", typed).lower()
    if not user.recovery_codes or not RECOVERY_CODE.fullmatch(code):
        return None
    salt, _dollar, _rest = user.recovery_codes[0].partition("$")
    return _digest(code, salt)


def use_recovery_code(user: User, digest: str | None) -> bool:
    """Whether this is of a recovery code of the user's, which from now on no longer holds."""
    kept = accounts.lock(user.id).recovery_codes
    if digest is None:
        return False
    user.recovery_codes = [one for one in kept if not compare_digest(one, digest)]
    return len(user.recovery_codes) < len(kept)


def _counted_as(user: User, by: Collection[Proof]) -> str:
    """What tries are counted by: codes beside passwords, so that who guesses those keeps nobody from giving theirs."""
    email = user.email or ""
    return email if Proof.PASSWORD in by else f"{CODE_OF} {email}"


def _step_of(secret: str | None, code: str, moment: datetime) -> int | None:
    """The number of the half minute that a code belongs to, where it is this one or a neighbour."""
    if not secret or not CODE.fullmatch(code):
        return None
    present = int(moment.timestamp()) // SECONDS
    codes = pyotp.HOTP(secret)
    near = range(present - STEPS_ASIDE, present + STEPS_ASIDE + 1)
    return next((step for step in near if compare_digest(codes.at(step), code)), None)


def _digest(code: str, salt: str) -> str:
    """What is kept of a recovery code; all of a set have the same salt, so that one weighing finds the right one."""
    return f"{salt}${hashlib.scrypt(code.encode(), salt=salt.encode(), n=2**14, r=8, p=1).hex()}"
