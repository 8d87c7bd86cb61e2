"""The forms of comments: a new one, an answer to what the customer wrote, and that it was read."""

from typing import Any, Self

from flask import request

from webshop_orders.models import CommentKind
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import ChoiceField, FlagField, LongTextField
from webshop_orders.web.orders.forms.base import OrderForm

MAX_LENGTH = 10_000


class CommentForm(OrderForm):
    tab = "summary"
    kind = "comment"
    bumps_version = False

    text = LongTextField(_l("Comment"), max_length=MAX_LENGTH, required=True)
    about = ChoiceField(
        _l("For"),
        required=True,
        default=CommentKind.INTERNAL.value,
        choices=[(CommentKind.INTERNAL.value, _l("Internal")), (CommentKind.CUSTOMER.value, _l("To customer"))],
    )
    mail = FlagField(_l("Mail the customer"))


class FormOfComment(OrderForm):
    """A form beside what the customer wrote, on the summary or on Frakt, where it is answered."""

    bumps_version = False

    def __init__(self, key: int | None = None, **values: Any) -> None:
        super().__init__(key, **values)
        self.tab = "shipping" if request.values.get("tab") == "shipping" else "summary"


class ReplyForm(FormOfComment):
    """An answer by mail; a comment for the shop alone where it is `about` something internal."""

    kind = "reply"
    purpose = _l("Reply")

    text = LongTextField(_l("Reply"), max_length=MAX_LENGTH, required=True)
    about = ChoiceField(required=True, choices=[(kind.value, kind.value) for kind in CommentKind])

    @classmethod
    def opened(cls) -> Self:
        return cls.blank()

    @property
    def is_mailed(self) -> bool:
        return bool(self.about.data == CommentKind.CUSTOMER.value)


class CommentReadForm(FormOfComment):
    """A button alone."""

    kind = "comment-read"
    purpose = _l("Mark as read")
