"""The sums of the period, one tile each."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from components import words
from components import words_numbers as said
from services.numbers.figures import Figures, Report
from services.numbers.sheet import plain


def show(report: Report) -> None:
    total = report.total
    first_row, second_row = st.columns(5), st.columns(5)
    first_row[0].metric(said.CONVERSATIONS, f"{total.conversations:,}")
    first_row[1].metric(said.QUESTIONS, f"{total.questions:,}")
    first_row[2].metric(said.ANSWERS, f"{total.answers:,}", help=said.ANSWERS_HELP)
    first_row[3].metric(said.ERRORS, f"{total.failed:,}", help=said.ERRORS_HELP)
    first_row[4].metric(said.STOPS, f"{total.stopped:,}", help=said.STOPS_HELP)
    second_row[0].metric(
        said.LIKES, share(total.like_rate), help=said.LIKES_HELP.format(n=f"{total.rated:,}")
    )
    second_row[1].metric(said.ANNOTATED, share(total.annotated_share), help=said.ANNOTATED_HELP)
    second_row[2].metric(
        said.FIRST, seconds(total.first_median), help=said.FIRST_HELP.format(p95=seconds(total.first_p95))
    )
    tokens = said.TOKENS_HELP.format(
        prompt=f"{total.prompt_tokens:,}", completion=f"{total.completion_tokens:,}"
    )
    second_row[3].metric(said.TOKENS, short(total.total_tokens), help=tokens)
    second_row[4].metric(said.PRICE, *_price(total, report.currencies))


def _price(total: Figures, currencies: list[str]) -> tuple[str]:
    """The first two currencies; the table has them all."""
    spent = [f"{money(total.price(each))} {named(each)}".strip() for each in currencies[:2]]
    return (" + ".join(spent) + (" …" if len(currencies) > 2 else "") or said.NOTHING,)


def named(currency: str) -> str:
    """Foreign text, as a server has put it into a price."""
    return words.label(currency, 8) if currency else ""


def money(price: Decimal) -> str:
    """To the cent; what is less than one with two digits that say something."""
    if price == 0 or price >= 1:
        return f"{price:,.2f}"
    digits = max(2, 1 - price.adjusted())
    return plain(round(price, digits))


def share(part: float | None) -> str:
    return said.NOTHING if part is None else f"{part:.0%}"


def seconds(time: float | None) -> str:
    return said.NOTHING if time is None else f"{time:.1f} s"


def short(number: int) -> str:
    for size, sign in ((1_000_000_000, "G"), (1_000_000, "M"), (10_000, "k")):
        if number >= size:
            return f"{number / (1000 if sign == 'k' else size):.1f} {sign}"
    return f"{number:,}"
