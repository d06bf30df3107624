"""Usage: what an answer cost. Tokens are counted as words and signs, and are free."""

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
    unpriced: bool = False
    """No model was asked at all: prices are written as 0.0 (recordings 51_moderation_input_*, 94_*)."""

    def described(self) -> dict[str, Any]:
        """The `usage` of a message_end. A stopped answer has no times but its latency
        (recording 41_stop_chat_stream)."""
        each, unit, price = ("0.0", "0.0", "0.0") if self.unpriced else ("0", "0.001", FREE)
        usage: dict[str, Any] = {
            "prompt_tokens": self.prompt_tokens,
            "prompt_unit_price": each,
            "prompt_price_unit": unit,
            "prompt_price": price,
            "completion_tokens": self.completion_tokens,
            "completion_unit_price": each,
            "completion_price_unit": unit,
            "completion_price": price,
            "total_tokens": self.prompt_tokens + self.completion_tokens,
            "total_price": price,
            "currency": "USD",
            "latency": self.latency,
        }
        if self.first is not None:
            usage["time_to_first_token"] = self.first
            usage["time_to_generate"] = self.latency - self.first
        return usage
