"""What was typed into a form that could not be carried out, where its own page cannot be shown either."""

from flask import request

# Forms of these take passwords and codes, which no page repeats.
PRIVATE_BLUEPRINTS = {"account", "embed", "login_code", "passwords", "second_factor", "sessions"}
PRIVATE_NAMES = ("password", "secret", "proof")


def fields() -> list[tuple[str, str]]:
    """The fields of the form of this request, to be sent again as they are; none where one of them is private."""
    if request.method != "POST" or not PRIVATE_BLUEPRINTS.isdisjoint(request.blueprints):
        return []
    submitted = list(request.form.items(multi=True))
    is_private = any(word in name for name, _value in submitted for word in PRIVATE_NAMES)
    return [] if is_private or request.files else submitted


def texts() -> list[str]:
    """What of it was written by hand, as far as can be told: words with blanks between them."""
    return [value for _name, value in fields() if len(value.split()) > 1]
