"""What a workflow run does, step by step."""

from __future__ import annotations

from dataclasses import dataclass

from services.dify.loose import Json, mapping, number, text, whole

LOG_STATES = {"start": "running", "success": "succeeded", "error": "failed"}


@dataclass(frozen=True, slots=True)
class Step:
    """A node, an iteration or a loop of a workflow run; or a line of an agent node's log, which may have
    others inside of it."""

    id: str
    kind: str
    """node, iteration, loop or log."""
    state: str
    """running, retry, succeeded, failed, stopped, or the server's own word."""
    node_id: str = ""
    node_type: str = ""
    title: str = ""
    elapsed: float | None = None
    """Seconds."""
    tokens: int | None = None
    error: str = ""
    parent: str = ""
    """Node id of the iteration or loop around it; of a log, the id of the log or the node it belongs to."""
    round: int | None = None
    """From 0: the current round of an iteration or a loop; the one in which a node inside of it runs."""
    retries: int = 0
    details: bool = False
    """What went in or came out is known (services/step_details.py)."""

    @classmethod
    def from_json(cls, data: Json, kind: str, state: str) -> Step:
        metadata = mapping(data.get("execution_metadata"))
        tokens, inner = metadata.get("total_tokens"), metadata.get("iteration_index")
        inside = metadata.get("loop_index") if inner is None else inner
        return cls(
            id=text(data.get("id")) or text(data.get("node_id")),
            kind=kind,
            state=text(data.get("status")) or state,
            node_id=text(data.get("node_id")),
            node_type=text(data.get("node_type")),
            title=text(data.get("title")),
            elapsed=number(data.get("elapsed_time")),
            tokens=whole(data.get("total_tokens") if tokens is None else tokens),
            error=text(data.get("error")),
            parent=text(data.get("iteration_id")) or text(data.get("loop_id")),
            round=whole(inside if kind == "node" else data.get("index")),
            retries=whole(data.get("retry_index")) or 0,
            details=any(data.get(name) for name in ("inputs", "process_data", "outputs")),
        )

    @classmethod
    def from_log(cls, data: Json) -> Step:
        """Of `agent_log`. Not recorded; its names are those of the API's source."""
        metadata, said = mapping(data.get("metadata")), text(data.get("status"))
        return cls(
            id=text(data.get("id")) or text(data.get("message_id")),
            kind="log",
            state=LOG_STATES.get(said, said or "running"),
            node_id=text(data.get("node_id")),
            title=text(data.get("label")),
            elapsed=number(metadata.get("elapsed_time")),
            tokens=whole(metadata.get("total_tokens")),
            error=text(data.get("error")),
            parent=text(data.get("parent_id"))
            or text(data.get("node_execution_id"))
            or text(data.get("node_id")),
            details=bool(data.get("data")),
        )
