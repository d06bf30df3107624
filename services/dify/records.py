"""Pages, conversations and messages as values. Records of one heading alone stand in that heading's module.

Every `from_json` takes whatever the server sent: a key may be missing, null or of another type, and none of
that raises. Ids are opaque strings, "" where there is none. Times are Unix seconds or None.
Sources: the headings named beside each class; recordings 61_*, 63_*, a0_hitl_messages_*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, Literal, TypeVar

from services.dify.form import HumanInput
from services.dify.loose import flag, items, mapping, number, text, whole
from services.dify.parts import Citation, File, Thought, Usage

T = TypeVar("T")
MILLISECONDS_FROM = 1e11
LATEST = 253_370_764_800.0
"""The year 9999: an answer's duration is added to it, and no calendar goes beyond."""
LONGEST_ANSWER = 30 * 86_400.0


def moment(value: Any) -> float | None:
    """Unix seconds from seconds, milliseconds (above 10^11), or ISO 8601 (UTC where it names no zone)."""
    seconds = number(value)
    if seconds is None:
        try:
            date = datetime.fromisoformat(value)
            seconds = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
        except (TypeError, ValueError, OverflowError):
            return None
    elif seconds >= MILLISECONDS_FROM:
        seconds /= 1000
    return seconds if 0 <= seconds < LATEST else None


def _seconds(value: Any) -> float | None:
    """Of a duration that an answer can have had."""
    found = number(value)
    return found if found is not None and 0 <= found < LONGEST_ANSWER else None


def inputs(value: Any) -> Mapping[str, Any]:
    """An object, or the array of objects of older documents, merged."""
    if isinstance(value, dict):
        return value
    merged: dict[str, Any] = {}
    for item in items(value):
        merged.update(item)
    return merged


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; `has_more` says whether another follows (not to be trusted for annotations)."""

    data: tuple[T, ...]
    has_more: bool = False
    limit: int = 0
    total: int | None = None
    """Of the whole list, where the server counts (annotations)."""

    @classmethod
    def from_json(cls, answer: Any, read: Callable[[Mapping[str, Any]], T]) -> Page[T]:
        page = mapping(answer)
        data = tuple(map(read, items(page.get("data"))))
        return cls(data, flag(page.get("has_more")), whole(page.get("limit")) or 0, whole(page.get("total")))


@dataclass(frozen=True, slots=True)
class Conversation:
    """ "Get Conversations"."""

    id: str
    name: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    status: str = ""
    introduction: str = ""
    """The opening statement, its inputs filled."""
    created_at: float | None = None
    updated_at: float | None = None

    @classmethod
    def from_json(cls, value: Any) -> Conversation:
        row = mapping(value)
        return cls(
            id=text(row.get("id")),
            name=text(row.get("name")),
            inputs=inputs(row.get("inputs")),
            status=text(row.get("status")),
            introduction=text(row.get("introduction")),
            created_at=moment(row.get("created_at")),
            updated_at=moment(row.get("updated_at")),
        )


@dataclass(frozen=True, slots=True)
class Message:
    """ "Get Conversation History Messages": a question and its answer."""

    id: str
    conversation_id: str = ""
    parent_message_id: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    query: str = ""
    answer: str = ""
    """Stripped by the server; "" for failed, stopped (chatflow, agent) and abandoned answers."""
    status: str = "normal"
    """normal, error or paused."""
    error: str = ""
    created_at: float | None = None
    thoughts: tuple[Thought, ...] = ()
    """By position."""
    files: tuple[File, ...] = ()
    citations: tuple[Citation, ...] = ()
    rating: Literal["like", "dislike"] | None = None
    """This end user's: like, dislike or None."""
    forms: tuple[HumanInput, ...] = ()
    """Human-input forms of a paused run."""
    message_tokens: int | None = None
    answer_tokens: int | None = None
    total_tokens: int | None = None
    total_price: str = ""
    currency: str = ""
    latency: float | None = None
    """Seconds."""

    @property
    def usage(self) -> Usage | None:
        """None where the server counted nothing."""
        if not (self.total_tokens or self.total_price):
            return None
        return Usage(
            prompt_tokens=self.message_tokens,
            completion_tokens=self.answer_tokens,
            total_tokens=self.total_tokens,
            total_price=self.total_price,
            currency=self.currency,
            latency=self.latency,
        )

    @classmethod
    def from_json(cls, value: Any) -> Message:
        row = mapping(value)
        rating = text(mapping(row.get("feedback")).get("rating"))
        thoughts = map(Thought.from_json, items(row.get("agent_thoughts")))
        extras = (e for e in items(row.get("extra_contents")) if e.get("type") == "human_input")
        return cls(
            id=text(row.get("id")),
            conversation_id=text(row.get("conversation_id")),
            parent_message_id=text(row.get("parent_message_id")),
            inputs=inputs(row.get("inputs")),
            query=text(row.get("query")),
            answer=text(row.get("answer")),
            status=text(row.get("status")) or "normal",
            error=text(row.get("error")),
            created_at=moment(row.get("created_at")),
            thoughts=tuple(sorted(thoughts, key=lambda thought: thought.position)),
            files=tuple(map(File.from_json, items(row.get("message_files")))),
            citations=tuple(map(Citation.from_json, items(row.get("retriever_resources")))),
            rating="like" if rating == "like" else "dislike" if rating == "dislike" else None,
            forms=tuple(_form(extra) for extra in extras),
            message_tokens=whole(row.get("message_tokens")),
            answer_tokens=whole(row.get("answer_tokens")),
            total_tokens=whole(row.get("total_tokens")),
            total_price=text(row.get("total_price")),
            currency=text(row.get("currency")),
            latency=_seconds(row.get("provider_response_latency")),
        )


def _form(extra: Mapping[str, Any]) -> HumanInput:
    outer = {name: extra.get(name) for name in ("submitted", "workflow_run_id")}
    filled_in = mapping(extra.get("form_submission_data"))
    return HumanInput.from_json({**filled_in, **mapping(extra.get("form_definition")), **outer})
