"""Delivery of queued mails and webhooks: lease a batch, send it, record each outcome."""
