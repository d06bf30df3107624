"""Controls of an app's input form: what each accepts, and how /parameters shows it. Source: recordings 10_*,
33_*; those for files, which no recording has, as the source of Dify checks and shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from embedded.errors import invalid

FILES = ("file", "file-list")
UNBOUNDED = ("select", "number", "checkbox")


@dataclass(frozen=True, slots=True)
class Control:
    """One control of the form. `max_length` counts characters of the two text kinds, and files of a list."""

    kind: Literal["text-input", "paragraph", "select", "number", "checkbox", "file", "file-list"]
    variable: str
    label: str
    default: Any = ""
    max_length: int = 48
    options: tuple[str, ...] = ()
    required: bool = False
    file_types: tuple[str, ...] = ()
    """What a control for files takes."""

    def accept(self, value: Any) -> Any:
        """The value to keep, None if unset. Raises Refused in the words of recordings 33_*."""
        if value is None or value == "" or (self.kind in FILES and not value):
            if self.required:
                raise invalid(f"{self.variable} is required in input form")
            return None
        if self.kind == "number":
            return self._number(value)
        if self.kind in FILES:
            return self._files(value)
        if self.kind == "checkbox":
            if not isinstance(value, bool):
                raise invalid(f"{self.variable} in input form must be a valid boolean value")
            return value
        if not isinstance(value, str):
            raise invalid(f"(type '{type(value).__name__}') {self.variable} in input form must be a string")
        if self.kind == "select" and value not in self.options:
            options = list(self.options)
            raise invalid(f"{self.variable} in input form must be one of the following: {options}")
        if self.kind != "select" and len(value) > self.max_length:
            raise invalid(f"{self.variable} in input form must be less than {self.max_length} characters")
        return value

    def _files(self, value: Any) -> Any:
        if self.kind == "file":
            if not isinstance(value, dict):
                raise invalid(f"{self.variable} in input form must be a file")
            return value
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise invalid(f"{self.variable} in input form must be a list of files")
        if len(value) > self.max_length:
            raise invalid(f"{self.variable} in input form must be less than {self.max_length} files")
        return value

    def _number(self, value: Any) -> int | float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        try:
            number = float(value)
            if number - number != 0:  # an infinity or no number: not JSON
                raise ValueError
        except (TypeError, ValueError):
            raise invalid(f"{self.variable} in input form must be a valid number") from None
        return number if "." in value or "e" in value.lower() else int(value)

    def described(self, chatflow: bool) -> dict[str, Any]:
        """The control as /parameters shows it; a chatflow's look different."""
        if chatflow:
            shown = {"label": self.label, "max_length": self.max_length, "options": list(self.options)}
            shown |= {"required": self.required, "type": self.kind, "variable": self.variable}
            if self.kind in FILES:
                shown |= {"allowed_file_types": list(self.file_types), "allowed_file_extensions": []}
                shown |= {"allowed_file_upload_methods": ["local_file", "remote_url"]}
            return {self.kind: shown}
        shown = {"default": self.default, "label": self.label}
        if self.kind not in UNBOUNDED:
            shown["max_length"] = self.max_length
        if self.kind == "select":
            shown["options"] = list(self.options)
        return {self.kind: {**shown, "required": self.required, "variable": self.variable}}
