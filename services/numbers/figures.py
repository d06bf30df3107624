"""The figures of a period, of one day, app or person in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(slots=True)
class Figures:
    conversations: int = 0
    """Those in which something was asked."""
    questions: int = 0
    answers: int = 0
    """Questions that were answered to the end."""
    stopped: int = 0
    failed: int = 0
    """Also those that broke off."""
    annotated: int = 0
    """Answers that an annotation gave."""
    likes: int = 0
    dislikes: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0
    prices: Counter[str] = field(default_factory=Counter)
    """Billionths by currency, "" where the server named none."""
    first_median: float | None = None
    first_p95: float | None = None
    """Seconds until the first text; None where nobody measured."""

    @property
    def rated(self) -> int:
        return self.likes + self.dislikes

    @property
    def like_rate(self) -> float | None:
        return self.likes / self.rated if self.rated else None

    @property
    def annotated_share(self) -> float | None:
        return self.annotated / self.answers if self.answers else None

    def price(self, currency: str) -> Decimal:
        return Decimal(self.prices[currency]).scaleb(-9)


@dataclass(frozen=True, slots=True)
class Report:
    total: Figures
    days: dict[date, Figures]
    """Every day of the period, also those on which nothing was asked."""
    apps: dict[str, Figures]
    """By slug, those of which something was asked, most questions first."""

    @property
    def currencies(self) -> list[str]:
        return sorted(self.total.prices)
