"""Fields for files in a paused answer's form: what they take, and how what was brought goes with the form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from services.dify.form import HumanInput
from services.dify.loose import text, whole
from services.dify.parameters import FileUpload
from services.dify.parts import File
from services.draft import sent
from services.uploads import EXTENSIONS, Rules

KINDS = frozenset({"file", "file-list"})
MANY = 5
"""Files of a list whose maker set no number."""
ID = re.compile(r"[A-Za-z0-9-]{1,64}")


def field_of(form: HumanInput, name: str) -> Mapping[str, Any] | None:
    """The field of that name, if it is one for files."""
    named = (f for f in form.inputs if f.get("output_variable_name") == name and f.get("type") in KINDS)
    return next(named, None)


def rules(field: Mapping[str, Any], upload: FileUpload | None = None) -> Rules:
    """What a field takes; without the app's `upload` no sizes are known."""
    types = frozenset(_texts(field.get("allowed_file_types"))) or frozenset(EXTENSIONS)
    extensions = frozenset(t.lower().lstrip(".") for t in _texts(field.get("allowed_file_extensions")))
    most = (whole(field.get("number_limits")) or MANY) if field.get("type") == "file-list" else 1
    return Rules(types, extensions, upload.megabytes if upload else {}, most)


def filled(form: HumanInput, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs as Dify wants them; a field for files has a list of {"id", "type"}, of what was brought.

    Raises ValueError for what is neither that nor a text.
    """
    values: dict[str, Any] = {}
    for name, value in inputs.items():
        field = field_of(form, name)
        if field is None:
            if not isinstance(value, str):
                raise ValueError(name)
            values[name] = value
            continue
        files = [sent(_file(each, rules(field).types)) for each in _listed(value)]
        if files:
            values[name] = files if field.get("type") == "file-list" else files[0]
    return values


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("not a list of files")
    return value


def _file(said: Any, types: frozenset[str]) -> File:
    match said:
        case {"id": str(identifier), "type": str(kind)} if ID.fullmatch(identifier) and kind in types:
            return File(identifier, kind, upload_file_id=identifier)
    raise ValueError("not a file of this form")


def _texts(value: Any) -> Iterable[str]:
    return [t for t in map(text, value) if t] if isinstance(value, list) else []
