"""Shipping systems and carriers that call the order desk: what has left, under which codes, and what arrived."""
