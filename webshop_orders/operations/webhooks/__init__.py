"""Webhooks: who subscribes, and what they are notified of."""
