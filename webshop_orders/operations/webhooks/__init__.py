"""Webhooks: the subscriptions of other systems, and the notifications queued for them."""
