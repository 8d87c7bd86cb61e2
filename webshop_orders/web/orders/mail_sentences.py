"""What staff are told of a mail that they had written: that it goes, or why it is held."""

from flask_babel import gettext as _

from webshop_orders import mailing
from webshop_orders.models import HoldReason, Message, MessageKind


def goes_or_is_held(sentence: str, message: Message) -> str:
    """The sentence, for a mail that is on its way; where it is held, that instead, and why."""
    return _held(message.recipient, message.held_because) if message.held_because else sentence


def comment_goes_or_is_held(recipient: str) -> str:
    """The same of a comment that was just mailed."""
    held_because = mailing.hold_reason(MessageKind.COMMENT, automatic=False)
    return _held(recipient, held_because) if held_because else _("The mail goes to %(recipient)s.", recipient=recipient)


def _held(recipient: str, held_because: HoldReason) -> str:
    if held_because is HoldReason.NO_SERVER:
        return _("The mail to %(recipient)s is held: no mail server is set up.", recipient=recipient)
    return _("The mail to %(recipient)s waits under Messages until someone sends it.", recipient=recipient)
