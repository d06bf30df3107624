"""The sums of the period, one tile each."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from components import words
from components import words_numbers as said
from services.numbers.figures import Report
from services.numbers.sheet import plain

WIDTH = 148
"""Pixels of a tile: five beside each other on a desk, two on a phone."""


def show(report: Report) -> None:
    total = report.total
    rated = said.LIKES_HELP.format(n=f"{total.rated:,}")
    tokens = said.TOKENS_HELP.format(
        prompt=f"{total.prompt_tokens:,}", completion=f"{total.completion_tokens:,}"
    )
    tiles: list[tuple[str, str, str | None]] = [
        (said.CONVERSATIONS, f"{total.conversations:,}", None),
        (said.QUESTIONS, f"{total.questions:,}", None),
        (said.ANSWERS, f"{total.answers:,}", said.ANSWERS_HELP),
        (said.ERRORS, f"{total.failed:,}", said.ERRORS_HELP),
        (said.STOPS, f"{total.stopped:,}", said.STOPS_HELP),
        (said.LIKES, share(total.like_rate), rated),
        (said.ANNOTATED, share(total.annotated_share), said.ANNOTATED_HELP),
        (said.FIRST, seconds(total.first_median), said.FIRST_HELP),
        (said.FIRST_P95, seconds(total.first_p95), said.FIRST_P95_HELP),
        (said.TOKENS, short(total.total_tokens), tokens),
        *((price_in(each), money(total.price(each)), said.PRICE_HELP) for each in report.currencies),
    ]
    with st.container(horizontal=True):
        for label, value, meaning in tiles:
            st.metric(label, value, help=meaning, width=WIDTH)


def price_in(currency: str) -> str:
    return said.PRICE_IN.format(currency=named(currency) or said.NO_CURRENCY)


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
