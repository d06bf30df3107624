"""The API document, and whether an exchange is as it says.

`openapi.json` is the published document with its own slips mended (a 401 and a body for errors, `format: uri`
for `url`, a schema for the event stream). What a real server was recorded to do otherwise stands in
`allowances.py`.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from jsonschema import Draft202012Validator, FormatChecker

from tests.contract.allowances import ALLOWANCES, Allowance

PUBLISHED = Path(__file__).with_name("openapi.json")

formats = FormatChecker(())


@formats.checks("uuid", ValueError)
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or str(UUID(value)) == value


@formats.checks("uri")
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme)


@formats.checks("date-time", ValueError)
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@dataclass(frozen=True)
class Document:
    """The document with some allowances made."""

    content: dict[str, Any]

    def problems(self, method: str, path: str, status: int, content_type: str, body: bytes) -> Iterator[str]:
        """What is not as documented in the answer to a request. `path` is below /v1, without its query.

        Nothing is said of paths and methods that the document does not know.
        """
        operation = self._operation(method, path)
        if operation is None:
            return
        responses = operation["responses"]
        if str(status) not in responses:
            yield f"status {status} is not documented, only {', '.join(responses)}"
            return
        content = self._resolved(responses[str(status)]).get("content")
        kind = content_type.partition(";")[0]
        if not content:
            if status == 204 and body:
                yield "204 with a body"
            return
        if kind not in content:
            yield f"content type {kind} is not documented for {status}, only {', '.join(content)}"
            return
        schema = content[kind].get("schema", {})
        if kind == "application/json":
            yield from self._violations(schema, json.loads(body))
        elif kind == "text/event-stream":
            for event in events(body):
                yield from self._violations(schema, event)

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        for template, operations in self.content["paths"].items():
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path):
                found: dict[str, Any] | None = operations.get(method.lower())
                return found
        return None

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            node = at(self.content, node["$ref"].removeprefix("#"))
        return node

    def _violations(self, schema: dict[str, Any], value: Any) -> Iterator[str]:
        components = _as_json_schema(self.content["components"])
        whole = {**_as_json_schema(self._chosen(schema, value)), "components": components}
        for error in Draft202012Validator(whole, format_checker=formats).iter_errors(value):
            place = "/".join(map(str, error.absolute_path))
            yield f"{place or 'body'}: {error.message[:300]}"

    def _chosen(self, schema: dict[str, Any], value: Any) -> dict[str, Any]:
        """The branch that a discriminator names, so that a violation is told in its own words."""
        schema = self._resolved(schema)
        chooser = schema.get("discriminator")
        if chooser and isinstance(value, dict):
            named = chooser["mapping"].get(value.get(chooser["propertyName"]))
            return {"$ref": named} if named else schema
        return schema


def events(stream: bytes) -> Iterator[Any]:
    """The JSON of each whole frame of an event stream; a ping, which has none, counts as its event alone."""
    *parts, _ = stream.split(b"\n\n")
    for part in parts:
        yield json.loads(part.removeprefix(b"data: ")) if part.startswith(b"data: ") else {"event": "ping"}


def at(document: Any, pointer: str) -> Any:
    """The node that a JSON pointer names."""
    for step in pointer.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


def _as_json_schema(node: Any) -> Any:
    """An OpenAPI 3.0 schema as JSON Schema: `nullable` becomes a second type."""
    if isinstance(node, list):
        return [_as_json_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    converted = {key: _as_json_schema(value) for key, value in node.items() if key != "nullable"}
    if node.get("nullable"):
        return {"anyOf": [converted, {"type": "null"}]}
    return converted


def published() -> dict[str, Any]:
    """The document without any allowance."""
    document: dict[str, Any] = json.loads(PUBLISHED.read_text())
    return document


def with_allowances(allowances: Iterable[Allowance]) -> Document:
    """The document with these allowances made."""
    content = copy.deepcopy(published())
    for each in allowances:
        each.make(content)
    return Document(content)


@cache
def document() -> Document:
    """The document that our answers are held against."""
    return with_allowances(ALLOWANCES)
