"""The HTML controls of form fields, written as WTForms' widgets write them, which take ten times as long."""

from typing import Any, Protocol

from markupsafe import Markup, escape

QUOTE = '"'  # in a value that is markup already, such as a translated sentence


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
    return _element("textarea", field, {"id": field.id, **attributes}, f"\r\n{escape(field._value())}</textarea>")


def _element(tag: str, field: ControlledField, attributes: dict[str, Any], rest: str = "") -> Markup:
    values = sorted({**attributes, "name": field.name}.items())
    written = " ".join([_attribute(name, value) for name, value in values if value is not False])
    # nosemgrep: unescaped-markup - every value is escaped
    return Markup(f"<{tag} {written}>{rest}")  # noqa: S704


def _attribute(name: str, value: object) -> str:
    """An attribute such as `maxlength="9"`, or `required` for True; underscores in its name stand for hyphens."""
    name = name.replace("_", "-")
    return name if value is True else f'{name}="{str.replace(escape(value), QUOTE, "&quot;")}"'
