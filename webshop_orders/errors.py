"""Expected errors: an HTTP status and a sentence for people, and nothing about HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

MAX_SENTENCES = 5


class DomainError(Exception):
    """An expected error; its message is a sentence that is shown to the user.

    `field` is the name of the input that the sentence is about, if any.
    """

    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, message: Any, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class RuleViolation(DomainError):
    """A rule of the order desk forbids the change."""


class Held(RuleViolation):
    """A hold keeps an order or a shipment from leaving."""

    status = HTTPStatus.CONFLICT


class MalformedInput(RuleViolation):
    """Input that cannot be parsed at all, such as invalid JSON."""

    status = HTTPStatus.BAD_REQUEST


@dataclass(frozen=True)
class FieldError:
    """An error in one field of a document: its JSON pointer (RFC 6901), and a sentence."""

    pointer: str
    sentence: str


class InvalidDocument(RuleViolation):
    """A document from outside does not conform to its schema; `faults` has all the errors in it."""

    def __init__(self, faults: list[FieldError], *, field: str | None = None) -> None:
        super().__init__(" ".join(fault.sentence for fault in faults[:MAX_SENTENCES]), field=field)
        self.faults = faults


class NoChange(DomainError):
    """The requested change is already the current state."""

    status = HTTPStatus.OK


@dataclass(frozen=True)
class ConfirmationWarning:
    """A possible mistake: a sentence, and the `code` that the user confirms to go ahead anyway."""

    code: str
    sentence: str


class ConfirmationRequired(DomainError):
    """The change is carried out once the user confirms the warnings."""

    def __init__(self, warnings: list[ConfirmationWarning]) -> None:
        super().__init__(" ".join(warning.sentence for warning in warnings))
        self.warnings = warnings


class UntrustedHost(DomainError):
    """The Host header of the request does not name one of our hosts."""

    status = HTTPStatus.BAD_REQUEST


class NotFound(DomainError):
    """The requested thing does not exist, or it belongs to another order."""

    status = HTTPStatus.NOT_FOUND


class Forbidden(DomainError):
    """The user or API key lacks the permission for this request."""

    status = HTTPStatus.FORBIDDEN


class Conflict(DomainError):
    """The identifier is already used for something else; `faults` has the differences, where they are known."""

    status = HTTPStatus.CONFLICT

    def __init__(self, message: Any, *, field: str | None = None, faults: list[FieldError] | None = None) -> None:
        super().__init__(message, field=field)
        self.faults = faults or []


class StaleVersion(DomainError):
    """What a form rests on was changed after it was rendered; `missed_events` are the changes that are in its way."""

    status = HTTPStatus.CONFLICT

    def __init__(self, message: Any, *, form_version: int, missed_events: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.form_version = form_version
        self.missed_events = list(missed_events)


class StaleFields(StaleVersion):
    """Another user changed the same fields since a form was rendered; `conflicts` has each, by its name."""

    def __init__(
        self,
        message: Any,
        *,
        form_version: int,
        missed_events: Sequence[Any] = (),
        conflicts: Sequence[FieldError] = (),
    ) -> None:
        sentences = " ".join(conflict.sentence for conflict in conflicts[:MAX_SENTENCES])
        super().__init__(sentences or message, form_version=form_version, missed_events=missed_events)
        self.conflicts = list(conflicts)
        self.field = conflicts[0].pointer if conflicts else None


class PreconditionFailed(DomainError):
    """The If-Match header of the request does not match the current version."""

    status = HTTPStatus.PRECONDITION_FAILED


class Unauthorized(DomainError):
    """The request has no valid credentials."""

    status = HTTPStatus.UNAUTHORIZED


class AlreadyDone(DomainError):
    """The same request was sent twice; the first one was carried out."""

    status = HTTPStatus.OK


class Busy(DomainError):
    """A lock was not available in time; the same request can be sent again."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


class Unavailable(Busy):
    """The database does not answer or cannot be written; the same request can be sent again."""


class TooManyAttempts(DomainError):
    """Throttled: there were too many attempts; the same request can be sent again after `wait_seconds`."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, message: Any, *, wait_seconds: int) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


class PayloadTooLarge(DomainError):
    """The request is larger than the limit."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
