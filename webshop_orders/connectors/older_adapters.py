"""Adapters that do not follow the protocol of `adapters` yet, made to."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from webshop_orders.connectors.adapters import Adapter, Payload
from webshop_orders.connectors.source_settings import SourceSettings, StatusMeaning


def adapted(adapter: Any) -> Adapter:
    return cast("Adapter", adapter if hasattr(adapter, "meaning") else OlderAdapter(adapter))


class OlderAdapter:
    def __init__(self, adapter: Any) -> None:
        self.adapter = adapter
        self.statuses: dict[str, StatusMeaning] = {}

    def recognises(self, payload: Any) -> bool:
        return bool(self.adapter.recognises(payload))

    def reference(self, payload: Payload, prefix: str) -> str:
        return str(self.adapter.reference(payload, prefix))

    def meaning(self, payload: Payload, settings: SourceSettings) -> StatusMeaning:
        if self.adapter.is_cancelled(payload):
            return StatusMeaning.CANCELLED
        return StatusMeaning.PLACED if self.adapter.is_placed(payload) else StatusMeaning.LEFT_OUT

    def changed_at(self, payload: Payload, settings: SourceSettings) -> datetime | None:
        return cast("datetime | None", self.adapter.changed_at(payload))

    def document(self, payload: Payload, settings: SourceSettings) -> dict[str, Any]:
        return cast("dict[str, Any]", self.adapter.document(payload, prefix=settings.prefix))
