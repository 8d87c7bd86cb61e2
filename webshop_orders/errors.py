"""What can be refused: a status and a sentence, and nothing about HTML."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

MAX_SENTENCES = 5


class DomainError(Exception):
    """A request that the order desk answers with a sentence.

    `field` names the input that the sentence belongs beside, where there is one.
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


class MalformedInput(RuleViolation):
    """What came is not even what it says it is, such as JSON that is none."""

    status = HTTPStatus.BAD_REQUEST


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field of a document: its place as a JSON pointer (RFC 6901), and a sentence."""

    pointer: str
    sentence: str


class InvalidDocument(RuleViolation):
    """A document of others is not as agreed; `faults` has each field that is wrong."""

    def __init__(self, faults: list[FieldError], *, field: str | None = None) -> None:
        super().__init__(" ".join(fault.sentence for fault in faults[:MAX_SENTENCES]), field=field)
        self.faults = faults


class NoChange(DomainError):
    """What was asked for is how things already stand."""

    status = HTTPStatus.OK


@dataclass(frozen=True)
class ConfirmationWarning:
    """A reason to think again: a sentence, and the `code` by which someone agrees to go ahead all the same."""

    code: str
    sentence: str


class ConfirmationRequired(DomainError):
    """What was asked for can be done, once the one who asks has seen why it may be a mistake."""

    def __init__(self, warnings: list[ConfirmationWarning]) -> None:
        super().__init__(" ".join(doubt.sentence for doubt in warnings))
        self.warnings = warnings


class UntrustedHost(DomainError):
    """The request is meant for a host that is none of ours, or says that it is."""

    status = HTTPStatus.BAD_REQUEST


class NotFound(DomainError):
    """There is no such thing, or it belongs to another order."""

    status = HTTPStatus.NOT_FOUND


class Forbidden(DomainError):
    """The one who asks may see but not do this."""

    status = HTTPStatus.FORBIDDEN


class Conflict(DomainError):
    """The same name already stands for something else; `faults` has what differs, where that is known."""

    status = HTTPStatus.CONFLICT

    def __init__(self, message: Any, *, field: str | None = None, faults: list[FieldError] | None = None) -> None:
        super().__init__(message, field=field)
        self.faults = faults or []


class StaleVersion(DomainError):
    """The order was changed after the form was drawn; `seen` is the version that the form carried."""

    status = HTTPStatus.CONFLICT

    def __init__(self, message: Any, *, seen: int) -> None:
        super().__init__(message)
        self.seen = seen


class PreconditionFailed(DomainError):
    """The thing is no longer as the one who asks believes it to be."""

    status = HTTPStatus.PRECONDITION_FAILED


class Unauthorized(DomainError):
    """Nobody is known by what came to prove who asks."""

    status = HTTPStatus.UNAUTHORIZED


class AlreadyDone(DomainError):
    """The same form came twice; the first one was carried out."""

    status = HTTPStatus.OK


class Busy(DomainError):
    """Another change held the lock for too long; the same request can be sent again."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


class TooManyAttempts(DomainError):
    """The same thing was tried too often; it can be tried again later."""

    status = HTTPStatus.TOO_MANY_REQUESTS


class PayloadTooLarge(DomainError):
    """More came than can be taken at once."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
