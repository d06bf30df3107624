"""What is counted of one question: a short row beside the turn, in columns, so that many are summed quickly.

It holds no word of what was asked or answered, and stays when the conversation is deleted: what was spent
was spent.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa

from services.database import metadata
from services.dify.parts import Usage
from services.turn import Turn

measures = sa.Table(
    "measures",
    metadata,
    sa.Column("turn_id", sa.String(64), primary_key=True),
    sa.Column("place", sa.String(64), nullable=False),
    sa.Column("app", sa.String(64), nullable=False),
    sa.Column("user", sa.String(255), nullable=False),
    sa.Column("message_id", sa.String(255), nullable=False, index=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("first_ms", sa.Integer),
    sa.Column("prompt_tokens", sa.Integer),
    sa.Column("completion_tokens", sa.Integer),
    sa.Column("total_tokens", sa.Integer),
    sa.Column("price", sa.BigInteger),
    sa.Column("currency", sa.String(8), nullable=False),
    sa.Column("annotated", sa.Integer, nullable=False),
)
"""`place` is our key of the conversation, `at` Unix seconds of the question, `price` in billionths."""
SUMMED = (
    "at",
    "app",
    "user",
    "place",
    "state",
    "first_ms",
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "price",
    "currency",
    "annotated",
)
sa.Index("measures_summed", *(measures.c[name] for name in SUMMED))
BILLION = 1_000_000_000
MOST_PRICE = 100_000
"""Of one answer, in any currency; with more the sum of many could be too large for the database."""
MOST_TOKENS = 1_000_000_000
MOST_MS = 86_400_000


def measured(turn: Turn, updated_at: float) -> dict[str, Any]:
    """The row of a final turn, without place, app and user. What makes no sense is left out of it."""
    usage = turn.usage or Usage()
    prompt, completion = _count(usage.prompt_tokens), _count(usage.completion_tokens)
    total = _count(usage.total_tokens)
    if total is None and (prompt is not None or completion is not None):
        total = (prompt or 0) + (completion or 0)
    price = _price(usage.total_price)
    asked = turn.asked_at or 0.0
    return {
        "turn_id": turn.id,
        "message_id": turn.message_id,
        "at": int(asked if math.isfinite(asked) and asked > 0 else updated_at),
        "state": turn.state,
        # An answer in one piece is there when it is whole: that says nothing of its first word.
        "first_ms": None if turn.whole else _milliseconds(turn.timings.first_text),
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": total,
        "price": price,
        "currency": usage.currency.strip().upper()[:8] if price is not None else "",
        "annotated": int(turn.annotation is not None),
    }


def _count(number: object) -> int | None:
    known = isinstance(number, int | float) and math.isfinite(number) and 0 <= number <= MOST_TOKENS
    return int(number) if known else None  # type: ignore[call-overload]


def _price(said: object) -> int | None:
    """In billionths; Dify tells prices as strings, "0.0013415"."""
    try:
        price = Decimal(str(said).strip())
    except InvalidOperation:
        return None
    return int(price * BILLION) if price.is_finite() and 0 <= price <= MOST_PRICE else None


def _milliseconds(seconds: float | None) -> int | None:
    known = seconds is not None and math.isfinite(seconds) and 0 <= seconds * 1000 <= MOST_MS
    return round(seconds * 1000) if known and seconds is not None else None


def owned(row: Mapping[str, Any], place: str, app: str, user: str) -> dict[str, Any]:
    """The whole row."""
    return {**row, "place": place, "app": app, "user": user}
