"""What an app allows and asks for: "Get App Parameters". Absent keys mean off.

Recordings 10_app_*_parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.dify.loose import flag, items, mapping, number, text, whole

MEGABYTES = {"image": 10, "document": 15, "audio": 50, "video": 100}
"""Dify's own limits for a file of each type; `custom` files count as documents."""
IMAGES = ("png", "jpg", "jpeg", "webp", "gif")


@dataclass(frozen=True, slots=True)
class InputField:
    """One control of the app's input form."""

    kind: str
    """text-input, paragraph, select, number, checkbox, file, file-list; others may come."""
    variable: str
    label: str
    required: bool = False
    default: Any = None
    """As the server sent it: text, number, boolean or None."""
    options: tuple[str, ...] = ()
    max_length: int | None = None
    """Characters; for file-list, files."""
    file_types: tuple[str, ...] = ()
    file_extensions: tuple[str, ...] = ()
    transfer_methods: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, value: Any) -> InputField | None:
        """`{"select": {"variable": …}}`, or the same flat with a `type`; None without a variable."""
        item = mapping(value)
        kind = text(item.get("type"))
        if "variable" not in item:
            kind, item = next(((k, v) for k, v in item.items() if isinstance(v, dict)), ("", {}))
        variable = text(item.get("variable"))
        if not variable:
            return None
        length = whole(item.get("max_length"))
        return cls(
            kind=kind or "text-input",
            variable=variable,
            label=text(item.get("label")) or variable,
            required=flag(item.get("required")),
            default=item.get("default"),
            options=_texts(item.get("options")),
            max_length=length if length and length > 0 else None,
            file_types=_texts(item.get("allowed_file_types")),
            file_extensions=_extensions(item.get("allowed_file_extensions")),
            transfer_methods=_texts(item.get("allowed_file_upload_methods")),
        )


@dataclass(frozen=True, slots=True)
class FileUpload:
    """What may go with a question."""

    enabled: bool = False
    number_limit: int = 3
    types: tuple[str, ...] = ()
    """image, document, audio, video, custom."""
    extensions: tuple[str, ...] = ()
    """Lower case, without the dot."""
    transfer_methods: tuple[str, ...] = ("local_file", "remote_url")
    megabytes: Mapping[str, int] = field(default_factory=lambda: dict(MEGABYTES))
    """The largest file of each type."""

    @classmethod
    def from_json(cls, value: Any, system: Any) -> FileUpload:
        """From `file_upload` and `system_parameters`. Older servers know only `file_upload.image`."""
        upload, image = mapping(value), mapping(mapping(value).get("image"))
        limits = {**mapping(upload.get("fileUploadConfig")), **mapping(system)}
        only_images = "enabled" not in upload
        methods = upload.get("allowed_file_upload_methods") or image.get("transfer_methods")
        return cls(
            enabled=flag(image.get("enabled") if only_images else upload.get("enabled")),
            number_limit=_positive(upload.get("number_limits")) or _positive(image.get("number_limits")) or 3,
            types=("image",) if only_images else _texts(upload.get("allowed_file_types")),
            extensions=IMAGES if only_images else _extensions(upload.get("allowed_file_extensions")),
            transfer_methods=_texts(methods) or ("local_file", "remote_url"),
            megabytes={
                kind: _positive(
                    limits.get("file_size_limit" if kind == "document" else f"{kind}_file_size_limit")
                )
                or usual
                for kind, usual in MEGABYTES.items()
            },
        )


@dataclass(frozen=True, slots=True)
class Parameters:
    opening_statement: str = ""
    """Markdown with `{{variable}}` slots."""
    suggested_questions: tuple[str, ...] = ()
    suggested_questions_after_answer: bool = False
    speech_to_text: bool = False
    text_to_speech: bool = False
    speech_autoplay: bool = False
    voice: str = ""
    speech_language: str = ""
    retriever_resource: bool = False
    """Whether answers bring citations."""
    annotation_reply: bool = False
    """Never true for chatflows, even when it is on (95_flow_parameters_after_enable)."""
    annotation_threshold: float | None = None
    embedding_provider: str = ""
    embedding_model: str = ""
    user_input_form: tuple[InputField, ...] = ()
    file_upload: FileUpload = field(default_factory=FileUpload)

    @classmethod
    def from_json(cls, value: Any) -> Parameters:
        given = mapping(value)
        speech, reply = mapping(given.get("text_to_speech")), mapping(given.get("annotation_reply"))
        embedding = mapping(reply.get("embedding_model"))
        fields = map(InputField.from_json, items(given.get("user_input_form")))
        return cls(
            opening_statement=text(given.get("opening_statement")) or text(given.get("introduction")),
            suggested_questions=_texts(given.get("suggested_questions")),
            suggested_questions_after_answer=_on(given, "suggested_questions_after_answer"),
            speech_to_text=_on(given, "speech_to_text"),
            text_to_speech=flag(speech.get("enabled")),
            speech_autoplay=flag(speech.get("enabled")) and flag(speech.get("autoPlay")),
            voice=text(speech.get("voice")),
            speech_language=text(speech.get("language")),
            retriever_resource=_on(given, "retriever_resource"),
            annotation_reply=flag(reply.get("enabled")),
            annotation_threshold=number(reply.get("score_threshold")),
            embedding_provider=text(embedding.get("embedding_provider_name")),
            embedding_model=text(embedding.get("embedding_model_name")),
            user_input_form=tuple(found for found in fields if found),
            file_upload=FileUpload.from_json(given.get("file_upload"), given.get("system_parameters")),
        )


def _on(given: Mapping[str, Any], name: str) -> bool:
    return flag(mapping(given.get(name)).get("enabled"))


def _positive(value: Any) -> int | None:
    found = whole(value)
    return found if found and found > 0 else None


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(t for t in map(text, value) if t) if isinstance(value, list) else ()


def _extensions(value: Any) -> tuple[str, ...]:
    return tuple(t.lower().lstrip(".") for t in _texts(value))
