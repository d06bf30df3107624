"""Conversation and message as they are kept, and as the API shows them. Source: recordings 61_*, 63_*."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from sqlite3 import Row
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from embedded.tables.attachments import Attachment

NO_PARENT = "00000000-0000-0000-0000-000000000000"
NAME_LENGTH = 20  # characters of the question that name a conversation until its title comes

Resource: TypeAlias = dict[str, Any]
Thought: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was just written down. `previous` is the question before it; times in unix seconds."""

    message_id: str
    conversation_id: str
    inputs: Mapping[str, Any]
    created_at: float
    previous: str | None
    is_new: bool
    number: int = 1
    """Of the question in its conversation."""
    files: tuple[Attachment, ...] = ()
    """What the question brought."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an answer ended: what history shows of it. `latency` in seconds."""

    answer: str
    status: Literal["normal", "error", "paused"] = "normal"
    error: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    latency: float = 0.0
    resources: tuple[Resource, ...] = ()
    thoughts: tuple[Thought, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation of one end user."""

    id: str
    name: str
    inputs: Mapping[str, Any]
    introduction: str
    created_at: float
    updated_at: float

    @classmethod
    def of(cls, row: Row) -> Conversation:
        """A row of the table `conversations`."""
        return cls(
            row["id"],
            row["name"],
            json.loads(row["inputs"]),
            row["introduction"],
            row["created_at"],
            row["updated_at"],
        )

    def described(self) -> dict[str, Any]:
        """The item of GET /conversations."""
        return {
            "id": self.id,
            "name": self.name,
            "inputs": dict(self.inputs),
            "status": "normal",
            "introduction": self.introduction,
            "created_at": int(self.created_at),
            "updated_at": int(self.updated_at),
        }


@dataclass(frozen=True, slots=True)
class Message:
    """A question and its answer."""

    id: str
    conversation_id: str
    inputs: Mapping[str, Any]
    query: str
    created_at: float
    outcome: Outcome
    rating: str | None

    @classmethod
    def of(cls, row: Row) -> Message:
        """A row of the table `messages`, joined with its rating."""
        outcome = Outcome(
            row["answer"],
            row["status"],
            row["error"],
            row["prompt_tokens"],
            row["completion_tokens"],
            row["latency"],
            tuple(json.loads(row["resources"])),
            tuple(json.loads(row["thoughts"])),
        )
        return cls(
            row["id"],
            row["conversation_id"],
            json.loads(row["inputs"]),
            row["query"],
            row["created_at"],
            outcome,
            row["rating"],
        )

    def asked(self, number: int) -> Asked:
        """The question once more; `number` is its place in the conversation."""
        inputs, time = self.inputs, self.created_at
        return Asked(self.id, self.conversation_id, inputs, time, None, False, number)

    def described(
        self, files: Sequence[Mapping[str, Any]] = (), extra: Sequence[Mapping[str, Any]] = ()
    ) -> dict[str, Any]:
        """The item of GET /messages with its files and its human inputs."""
        outcome = self.outcome
        return {
            "id": self.id,
            "conversation_id": self.conversation_id,
            "parent_message_id": NO_PARENT,
            "inputs": dict(self.inputs),
            "query": self.query,
            "answer": outcome.answer.strip(),
            "feedback": {"rating": self.rating} if self.rating else None,
            "retriever_resources": [self._cited(each) for each in outcome.resources],
            "created_at": int(self.created_at),
            "agent_thoughts": [self._thought(each) for each in outcome.thoughts],
            "message_files": list(files),
            "message_tokens": outcome.prompt_tokens,
            "answer_tokens": outcome.completion_tokens,
            "provider_response_latency": outcome.latency,
            "total_price": "0E-7",
            "currency": "USD",
            "status": outcome.status,
            "error": outcome.error,
            "extra_contents": list(extra),
            "total_tokens": outcome.prompt_tokens + outcome.completion_tokens,
        }

    def _thought(self, thought: Thought) -> Thought:
        # History names the parts of a thought in another order, and its files `files` (recording
        # b2_agent_disconnect_messages).
        return {
            "id": thought["id"],
            "chain_id": None,
            "message_id": self.id,
            "position": thought["position"],
            "thought": thought["thought"],
            "answer": thought["thought"],
            "tool": thought["tool"],
            "tool_labels": thought["tool_labels"],
            "tool_input": thought["tool_input"],
            "created_at": int(self.created_at),
            "observation": thought["observation"],
            "files": thought["message_files"],
        }

    def _cited(self, resource: Resource) -> Resource:
        # History knows more of a citation than the stream does. How often it was hit nobody counts here.
        return {
            "id": f"{self.id[:-4]}{resource['position']:04x}",
            "message_id": self.id,
            **resource,
            "word_count": len(resource["content"].split()),
            "summary": None,
            "created_at": int(self.created_at),
        }
