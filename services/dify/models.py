"""The embedding models of a workspace: "Get Available Embedding Models" of the Knowledge API.

It wants a dataset key; the key of an app is refused. Without one there is no list, and nothing else is lost.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.dify.connection import Connection
from services.dify.loose import items, mapping, text


@dataclass(frozen=True, slots=True)
class EmbeddingModel:
    provider: str
    model: str


class Models:
    def __init__(self, base_url: str, dataset_key: str) -> None:
        """Raises ValueError for a key that cannot work."""
        self._connection = Connection(base_url, dataset_key)

    def embedding(self) -> tuple[EmbeddingModel, ...]:
        """Those that can be used now: `{"data": [{"provider", "models": [{"model", "status"}]}]}`."""
        answer = mapping(self._connection.ask("GET", "/workspaces/current/models/model-types/text-embedding"))
        return tuple(
            EmbeddingModel(text(provider.get("provider")), text(model.get("model")))
            for provider in items(answer.get("data"))
            for model in items(provider.get("models"))
            if text(model.get("model")) and (text(model.get("status")) or "active") == "active"
        )

    def close(self) -> None:
        self._connection.close()
