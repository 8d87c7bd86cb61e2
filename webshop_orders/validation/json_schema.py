"""JSON Schema of documents, as the components of an OpenAPI description."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, Literal

from webshop_orders.validation.rules import Schema

REFERENCE = "#/components/schemas/"
# Keys that pydantic derives from the code, of no use to readers of the API.
OMITTED_KEYS = {"title", "default"}


def reference(name: str) -> Schema:
    return {"$ref": f"{REFERENCE}{name}"}


def input_schemas(documents: Iterable[type], names: Mapping[str, str]) -> dict[str, Schema]:
    """What is accepted: the documents and their parts, by the class's name or its other name in `names`."""
    return _components(documents, "validation", names)


def output_schemas(documents: Iterable[type], names: Mapping[str, str]) -> dict[str, Schema]:
    """What is written: every field, and no other."""
    return _components(documents, "serialization", names)


def with_optional(schema: Schema, *names: str) -> Schema:
    """The schema of an object with some fields made optional."""
    parts = {name: _or_null(field) if name in names else field for name, field in schema["properties"].items()}
    return {**schema, "required": [name for name in schema["required"] if name not in names], "properties": parts}


def without(schema: Schema, field: str) -> Schema:
    """The schema of an object without one of its fields."""
    required = [name for name in schema["required"] if name != field]
    parts = {name: part for name, part in schema["properties"].items() if name != field}
    return {**schema, "required": required, "properties": parts}


def parameters(document: type) -> dict[str, Schema]:
    """The schema of each field of a document whose fields are all optional: without null, and with its default."""
    (schema,) = input_schemas([document], {}).values()
    defaults = {field.name: {"default": field.default} for field in fields(document) if field.default is not None}
    return {name: _without_null(field) | defaults.get(name, {}) for name, field in schema["properties"].items()}


def _without_null(schema: Schema) -> Schema:
    return next(option for option in schema["anyOf"] if option != {"type": "null"})


def _components(
    documents: Iterable[type], mode: Literal["validation", "serialization"], names: Mapping[str, str]
) -> dict[str, Schema]:
    from pydantic import TypeAdapter

    adapters: list[Any] = [(document, mode, TypeAdapter(document)) for document in documents]
    _documents, schemas = TypeAdapter.json_schemas(adapters, ref_template=REFERENCE + "{model}")
    return {names.get(name, name): _component(schema, names) for name, schema in schemas["$defs"].items()}


def _component(schema: Schema, names: Mapping[str, str]) -> Schema:
    required = schema.get("required", [])
    parts = {name: _field(field, names) for name, field in schema.get("properties", {}).items()}
    optional = {name: _or_null(field) for name, field in parts.items() if name not in required}
    return {
        "type": "object",
        "required": required,
        "properties": {**{name: parts[name] for name in required}, **optional},
        "additionalProperties": False,
    }


def _field(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_field(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    field = {name: _field(item, names) for name, item in value.items() if name not in OMITTED_KEYS}
    if "$ref" in field:
        name = field["$ref"].removeprefix(REFERENCE)
        return {**field, **reference(names.get(name, name))}
    return field


def _or_null(schema: Schema) -> Schema:
    null = {"type": "null"}
    if null in schema.get("anyOf", []):
        return schema
    description = {"description": schema["description"]} if "description" in schema else {}
    return {"anyOf": [{name: part for name, part in schema.items() if name != "description"}, null], **description}
