"""The HTML controls of form fields, written as WTForms' widgets write them, which take ten times as long."""

from typing import Any, Protocol

from markupsafe import Markup

from webshop_orders.rendering.runtime import escape_text, html_of


class ControlledField(Protocol):
    """What a control shows of its field."""

    id: str
    name: str
    data: Any

    def _value(self) -> str: ...


def text_input(field: ControlledField, attributes: dict[str, Any]) -> Markup:
    values = {"id": field.id, "type": "text", "value": field._value(), **attributes}
    return _element("input", field, values)


def checkbox(field: ControlledField, attributes: dict[str, Any]) -> Markup:
    values = {"id": field.id, "type": "checkbox", "value": field._value(), "checked": bool(field.data), **attributes}
    return _element("input", field, values)


def text_area(field: ControlledField, attributes: dict[str, Any]) -> Markup:
    """A line break begins the text, since browsers drop one there, which could be the first one of the value."""
    return _element("textarea", field, {"id": field.id, **attributes}, f"\r\n{escape_text(field._value())}</textarea>")


def _element(tag: str, field: ControlledField, attributes: dict[str, Any], rest: str = "") -> Markup:
    """An element with attributes such as `maxlength="9"`, or `required` for True, in the sequence of their names."""
    parts = [f"<{tag}"]
    for name, value in sorted({**attributes, "name": field.name}.items()):
        if value is True:
            parts.append(f" {name}")
        elif value is not False:
            parts.append(f' {name}="{escape_text(value) if type(value) is str else _quoted(value)}"')
    # nosemgrep: unescaped-markup - every value is escaped
    return Markup(f"{''.join(parts)}>{rest}")  # noqa: S704 # nosec B704


def _quoted(value: object) -> str:
    """The HTML of a value, which may be HTML already, such as that of a sentence, without quotation marks."""
    return str.replace(html_of(value), '"', "&quot;")
