"""Usage: what an answer cost. No model is asked, so tokens are counted as words and signs, and are free."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

FREE = "0E-7"  # how Dify writes a price of nothing


def tokens(text: str) -> int:
    """Words and signs of a text."""
    return sum(1 for _ in re.finditer(r"\w+|[^\w\s]", text))


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens and seconds. `first` and `total` count from the question to the first and the last chunk."""

    prompt_tokens: int
    completion_tokens: int
    latency: float
    first: float | None = None

    def described(self) -> dict[str, Any]:
        """The `usage` of a message_end. A stopped answer has no times but its latency
        (recording 41_stop_chat_stream)."""
        usage: dict[str, Any] = {
            "prompt_tokens": self.prompt_tokens,
            "prompt_unit_price": "0",
            "prompt_price_unit": "0.001",
            "prompt_price": FREE,
            "completion_tokens": self.completion_tokens,
            "completion_unit_price": "0",
            "completion_price_unit": "0.001",
            "completion_price": FREE,
            "total_tokens": self.prompt_tokens + self.completion_tokens,
            "total_price": FREE,
            "currency": "USD",
            "latency": self.latency,
        }
        if self.first is not None:
            usage["time_to_first_token"] = self.first
            usage["time_to_generate"] = self.latency - self.first
        return usage
