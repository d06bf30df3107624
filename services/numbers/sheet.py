"""Numbers to take away: CSV, a line for each day, app, person or question, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from services.identity import Identity
from services.numbers.figures import Figures
from services.numbers.numbers import Apps, Numbers
from services.numbers.period import Period
from services.spreadsheet import guarded

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel reads UTF-8 as something else."""
FIGURES: Final[Mapping[str, Callable[[Figures], object]]] = {
    "conversations": lambda each: each.conversations,
    "questions": lambda each: each.questions,
    "answers": lambda each: each.answers,
    "from_annotations": lambda each: each.annotated,
    "stopped": lambda each: each.stopped,
    "failed": lambda each: each.failed,
    "likes": lambda each: each.likes,
    "dislikes": lambda each: each.dislikes,
    "first_text_median_s": lambda each: _rounded(each.first_median),
    "first_text_p95_s": lambda each: _rounded(each.first_p95),
    "prompt_tokens": lambda each: each.prompt_tokens,
    "completion_tokens": lambda each: each.completion_tokens,
    "total_tokens": lambda each: each.total_tokens,
}
QUESTION: Final = (
    "asked_at",
    "app",
    "user",
    "message_id",
    "state",
    "first_ms",
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "price",
    "currency",
    "annotated",
    "rating",
)
KINDS: Final = ("day", "app", "person", "question")


def written(numbers: Numbers, identity: Identity, kind: str, period: Period, apps: Apps) -> Iterator[str]:
    """The file, piece by piece; `kind` is one of KINDS. Raises Denied, StoreError."""
    if kind == "question":
        return _questions(numbers.questions(identity, period, apps))
    if kind == "person":
        people = numbers.people(identity, period, apps)
        return _figures(kind, people, sorted({name for each in people.values() for name in each.prices}))
    report = numbers.report(identity, period, apps)
    rows: Mapping[Any, Figures] = report.days if kind == "day" else report.apps
    return _figures(kind, rows, report.currencies)


def _figures(kind: str, rows: Mapping[Any, Figures], currencies: Sequence[str]) -> Iterator[str]:
    prices = [f"price_{currency}".rstrip("_") for currency in currencies]
    yield BYTE_ORDER_MARK + _line((kind, *FIGURES, *prices))
    for name, each in rows.items():
        figures = (read(each) for read in FIGURES.values())
        spent = (plain(each.price(currency)) for currency in currencies)
        yield _line((str(name), *figures, *spent))


def _questions(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield BYTE_ORDER_MARK + _line(QUESTION)
    for row in rows:
        price = "" if row["price"] is None else plain(Decimal(row["price"]).scaleb(-9))
        asked = datetime.fromtimestamp(row["at"], UTC).isoformat().replace("+00:00", "Z")
        yield _line([{**row, "asked_at": asked, "price": price}[name] for name in QUESTION])


def plain(price: Decimal) -> str:
    """Without zeros at its end and without an exponent."""
    text = f"{price:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rounded(seconds: float | None) -> object:
    return "" if seconds is None else round(seconds, 3)


def _line(cells: Iterable[object]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(["" if cell is None else guarded(cell) for cell in cells])
    return text.getvalue()
