"""What an answer is made of, besides its text: the same values come from the stream and from history.

Ids are opaque strings, "" where the server sent none. Prices stay strings: they are decimals ("0E-7").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.dify.loose import Json, mapping, number, text, whole


@dataclass(frozen=True, slots=True)
class Thought:
    """One step of an agent, sent two or three times under the same id while it fills up."""

    id: str
    position: int = 0
    thought: str = ""
    tool: str = ""
    """Tool names, joined by ";" where the agent called several."""
    tool_input: str = ""
    """JSON text, keyed by tool name."""
    observation: str = ""
    """JSON text, keyed by tool name."""
    tool_labels: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: Json) -> Thought:
        files = data.get("message_files") or data.get("files")
        return cls(
            id=text(data.get("id")),
            position=whole(data.get("position")) or 0,
            thought=text(data.get("thought")),
            tool=text(data.get("tool")),
            tool_input=text(data.get("tool_input")),
            observation=text(data.get("observation")),
            tool_labels=mapping(data.get("tool_labels")),
            files=tuple(f for f in files if isinstance(f, str)) if isinstance(files, list) else (),
        )


@dataclass(frozen=True, slots=True)
class Citation:
    """A retriever resource: the passage an answer rests on."""

    position: int = 0
    document_name: str = ""
    dataset_name: str = ""
    data_source_type: str = ""
    content: str = ""
    score: float | None = None
    hit_count: int | None = None
    word_count: int | None = None
    segment_position: int | None = None
    summary: str = ""
    document_id: str = ""
    dataset_id: str = ""
    segment_id: str = ""

    @classmethod
    def from_json(cls, data: Json) -> Citation:
        return cls(
            position=whole(data.get("position")) or 0,
            document_name=text(data.get("document_name")),
            dataset_name=text(data.get("dataset_name")),
            data_source_type=text(data.get("data_source_type")),
            content=text(data.get("content")),
            score=number(data.get("score")),
            hit_count=whole(data.get("hit_count")),
            word_count=whole(data.get("word_count")),
            segment_position=whole(data.get("segment_position")),
            summary=text(data.get("summary")),
            document_id=text(data.get("document_id")),
            dataset_id=text(data.get("dataset_id")),
            segment_id=text(data.get("segment_id")),
        )


@dataclass(frozen=True, slots=True)
class File:
    """A file of a question (belongs_to "user") or of an answer ("assistant")."""

    id: str
    type: str = ""
    """image, document, audio, video or custom."""
    url: str = ""
    """Signed, valid for 300 s; may be relative to the server's root."""
    belongs_to: str = ""
    name: str = ""
    mime_type: str = ""
    size: int | None = None
    upload_file_id: str = ""
    ignored: bool = False
    """It went with a question, and the app's history of that question lacks it."""
    remote_url: str = ""
    """Where a file stands that was never brought to Dify (transfer method remote_url)."""

    @property
    def elsewhere(self) -> str:
        """The address of a file that Dify does not keep; "" for its own."""
        web = self.url.startswith(("http://", "https://"))
        foreign = web and "/files/" not in self.url and not self.upload_file_id
        return self.remote_url or (self.url if foreign else "")

    @classmethod
    def from_json(cls, data: Json) -> File:
        url = text(data.get("url"))
        remote = text(data.get("transfer_method")) == "remote_url"
        return cls(
            id=text(data.get("id")) or text(data.get("related_id")),
            type=text(data.get("type")),
            url=url,
            belongs_to=text(data.get("belongs_to")),
            name=text(data.get("filename")),
            mime_type=text(data.get("mime_type")),
            size=whole(data.get("size")),
            upload_file_id=text(data.get("upload_file_id")),
            remote_url=(text(data.get("remote_url")) or url) if remote else "",
        )


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, price and latency (seconds); any may be missing."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_unit_price: str = ""
    prompt_price_unit: str = ""
    prompt_price: str = ""
    completion_unit_price: str = ""
    completion_price_unit: str = ""
    completion_price: str = ""
    total_price: str = ""
    currency: str = ""
    latency: float | None = None
    time_to_first_token: float | None = None
    """Seconds, as the server measured them."""

    @classmethod
    def from_json(cls, data: Json) -> Usage | None:
        if not data:
            return None
        prices = {
            name: text(data.get(name))
            for name in (
                "prompt_unit_price",
                "prompt_price_unit",
                "prompt_price",
                "completion_unit_price",
                "completion_price_unit",
                "completion_price",
                "total_price",
                "currency",
            )
        }
        return cls(
            prompt_tokens=whole(data.get("prompt_tokens")),
            completion_tokens=whole(data.get("completion_tokens")),
            total_tokens=whole(data.get("total_tokens")),
            latency=number(data.get("latency")),
            time_to_first_token=number(data.get("time_to_first_token")),
            **prices,
        )


@dataclass(frozen=True, slots=True)
class AnnotationReply:
    """The answer came from this annotation, not from the model."""

    id: str
    author: str = ""

    @classmethod
    def from_json(cls, data: Json) -> AnnotationReply | None:
        identifier = text(data.get("id")) or text(data.get("annotation_id"))
        return cls(identifier, text(mapping(data.get("account")).get("name"))) if identifier else None
