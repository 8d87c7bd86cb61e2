"""The tags of mail templates: those of python-liquid, raising our own errors."""

from liquid import Tag, Token, TokenStream
from liquid.ast import Node
from liquid.builtin import illegal, output
from liquid.builtin.content import Literal
from liquid.builtin.tags import (
    assign_tag,
    capture_tag,
    case_tag,
    comment_tag,
    for_tag,
    if_tag,
    inline_comment_tag,
    unless_tag,
)
from liquid.exceptions import LiquidSyntaxError
from liquid.token import TOKEN_EOF, TOKEN_TAG

from webshop_orders.mailing.templates.errors import UnclosedTagError, UnknownTagError


class TemplateStream(TokenStream):
    """The tokens of a template, with an end that differs from the end of an expression."""

    eof = Token(TOKEN_EOF, TOKEN_EOF, -1, "end of template")


class BlockTag(Tag):
    """A tag that has to be closed."""

    def get_node(self, stream: TokenStream) -> Node:
        opened = stream.current
        try:
            return super().get_node(stream)
        except LiquidSyntaxError as error:
            if error.token is TemplateStream.eof:
                raise UnclosedTagError(opened) from error
            raise


class IllegalTag(illegal.Illegal):
    def get_node(self, stream: TokenStream) -> Node:
        if stream.current.kind == TOKEN_TAG:
            raise UnknownTagError(stream.current)
        return super().get_node(stream)


class CaptureTag(BlockTag, capture_tag.CaptureTag):
    pass


class CaseTag(BlockTag, case_tag.CaseTag):
    def get_node(self, stream: TokenStream) -> Node:
        try:
            return super().get_node(stream)
        except LiquidSyntaxError as error:
            # Only here does the error point at a tag that is still to be parsed: another than `when` or `else`.
            if error.token is stream.current and error.token.kind == TOKEN_TAG:
                raise UnknownTagError(error.token) from error
            raise


class CommentTag(comment_tag.CommentTag):
    def get_node(self, stream: TokenStream) -> Node:
        opened = stream.current
        try:
            return super().get_node(stream)
        except LiquidSyntaxError as error:  # the only one that a comment raises
            raise UnclosedTagError(opened) from error


class ForTag(BlockTag, for_tag.ForTag):
    pass


class IfTag(BlockTag, if_tag.IfTag):
    pass


class UnlessTag(BlockTag, unless_tag.UnlessTag):
    pass


TAGS: tuple[type[Tag], ...] = (
    Literal,
    output.Output,
    IllegalTag,
    assign_tag.AssignTag,
    CaptureTag,
    CaseTag,
    CommentTag,
    for_tag.BreakTag,
    for_tag.ContinueTag,
    ForTag,
    IfTag,
    inline_comment_tag.InlineCommentTag,
    UnlessTag,
)
