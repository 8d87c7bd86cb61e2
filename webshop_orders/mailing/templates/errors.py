"""Errors of mail templates as classes of their own, where python-liquid tells them apart by their message alone.

Each carries the token of what is wrong, and so its position in the source.
"""

from typing import Any, NoReturn

from liquid import StrictUndefined, Token
from liquid.exceptions import LiquidSyntaxError, UndefinedError


class UnknownTagError(LiquidSyntaxError):
    """A tag that mails do not have, or one such as `endif` or `else` that nothing opened."""

    def __init__(self, token: Token) -> None:
        super().__init__(f"unexpected tag '{token.value}'", token=token)
        self.tag = token.value


class UnclosedTagError(LiquidSyntaxError):
    """The template ended before the end tag of this one."""

    def __init__(self, token: Token) -> None:
        super().__init__(f"{token.value} tag was never closed", token=token)
        self.tag = token.value


class UnclosedOutputError(LiquidSyntaxError):
    """`{{` without `}}`."""

    def __init__(self, token: Token) -> None:
        super().__init__("expected '}}', found end of file", token=token)


class RangeError(LiquidSyntaxError):
    """A range of numbers such as `(1..10)`, which could fill any memory."""

    def __init__(self, token: Token) -> None:
        super().__init__("a range of numbers", token=token)


class MissingVariableError(UndefinedError):
    """A variable that the data does not have; `name` is its path up to what is missing, None for a list index."""

    def __init__(self, name: str | None, token: Token | None) -> None:
        super().__init__(f"'{name}' is undefined" if name else "index out of range", token=token)
        self.name = name


def _fail(variable: Any, *_: object) -> NoReturn:
    raise MissingVariableError(variable.name or None, variable.token)


class MissingVariable(StrictUndefined):
    """Stands for a variable that the data does not have; any use of it raises MissingVariableError."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> object:
        if name in StrictUndefined.allowed_properties:
            return object.__getattribute__(self, name)
        _fail(self)

    __contains__ = __eq__ = __getitem__ = __len__ = __iter__ = __str__ = _fail
    __bool__ = __int__ = __hash__ = __reversed__ = _fail
