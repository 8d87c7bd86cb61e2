"""Proof that a form comes from a page of ours."""

from flask_wtf import CSRFProtect

csrf = CSRFProtect()
