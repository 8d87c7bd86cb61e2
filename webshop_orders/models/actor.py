from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class ActorKind(StrEnum):
    STAFF = "staff"
    CUSTOMER = "customer"
    INTEGRATION = "integration"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """Who makes a change: a member of staff, the customer, an integration or the order desk itself.

    `request_key` is the idempotency key of the request: a request that is sent twice is carried out once. `user_id`
    is the signed-in user, since two may have the same name, and `batch_id` the batch that the change is part of.
    """

    kind: ActorKind
    name: str
    request_key: str | None = None
    user_id: int | None = None
    batch_id: int | None = None

    def with_request_key(self, request_key: str | None) -> Actor:
        return replace(self, request_key=request_key)


SYSTEM = Actor(ActorKind.SYSTEM, "webshop-orders")
