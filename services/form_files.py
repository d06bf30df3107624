"""Fields for files in a paused answer's form: what they take, and how what was brought goes with the form.

Dify takes the id of any upload, whoever has brought it. So a browser is given a claim to its own: the id with
a digest that is made with the form's token, which no browser ever sees.
"""

from __future__ import annotations

import hashlib
import hmac
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


def field_of(form: HumanInput, name: str) -> Mapping[str, Any] | None:
    """The field of that name, if it is one for files."""
    named = (f for f in form.inputs if f.get("output_variable_name") == name and str(f.get("type")) in KINDS)
    return next(named, None)


def rules(field: Mapping[str, Any], upload: FileUpload | None = None) -> Rules:
    """What a field takes; without the app's `upload` no sizes are known."""
    types = frozenset(_texts(field.get("allowed_file_types"))) or frozenset(EXTENSIONS)
    extensions = frozenset(t.lower().lstrip(".") for t in _texts(field.get("allowed_file_extensions")))
    most = (whole(field.get("number_limits")) or MANY) if field.get("type") == "file-list" else 1
    return Rules(types, extensions, upload.megabytes if upload else {}, most)


def claim(form: HumanInput, user: str, upload_id: str) -> str:
    """What `user`, who has brought this upload for this form, names it by."""
    known = f"{form.form_id}\0{user}\0{upload_id}"
    digest = hmac.new(form.form_token.encode(), known.encode(), hashlib.sha256).hexdigest()
    return f"{upload_id}.{digest[:32]}"


def filled(form: HumanInput, user: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs as Dify wants them; a field for files has a list of {"id", "type"}: claims of this user.

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
        files = [sent(_file(form, user, each, rules(field).types)) for each in _listed(value)]
        if files:
            values[name] = files if field.get("type") == "file-list" else files[0]
    return values


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("not a list of files")
    return value


def _file(form: HumanInput, user: str, said: Any, types: frozenset[str]) -> File:
    match said:
        case {"id": str(claimed), "type": str(kind)} if kind in types and claimed.isascii():
            upload_id = claimed.rpartition(".")[0]
            if hmac.compare_digest(claimed, claim(form, user, upload_id)):
                return File(upload_id, kind, upload_file_id=upload_id)
    raise ValueError("not a file that was brought for this form")


def _texts(value: Any) -> Iterable[str]:
    return [t for t in map(text, value) if t] if isinstance(value, list) else []
