"""The numbers of 200,000 questions, and 10,000 without a good answer in groups: until each is drawn."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Browser, Page

from benchmarks.answering import new_page, shown
from benchmarks.processes import PATIENCE, ours
from services import saved
from services.numbers.measure import measured, measures, owned
from services.outcome import Failure, Rating
from services.store import Owned, Store, ratings, turns
from services.turn import Turn

QUESTIONS, MISSED = 200_000, 10_000
YEAR = 365 * 86_400
STATES = ("complete",) * 18 + ("stopped", "failed")
ASKED = (
    "How do I {} my {}?",
    "{} {}",
    "I want to {} the {} please",
    "why can I not {} a {}",
    "{} {} not working",
)


def many_questions(browser: Browser, dify: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as data:
        _filled(Path(data) / "console.sqlite3")
        with ours(dify, data) as site:
            page = new_page(browser)
            page.set_default_timeout(PATIENCE * 1000)
            page.goto(f"{site.url}/about")
            month = _opened(page, f"{site.url}/numbers", "[data-testid=stMetricValue]")
            began = time.monotonic()
            page.get_by_text("A year", exact=True).click()
            shown(page, "[data-testid=stMetricValue]", f"{QUESTIONS:,}")
            year = time.monotonic() - began
            page.goto(f"{site.url}/about")
            gaps = _opened(page, f"{site.url}/gaps", "[class*=st-key-ga-gap-]")
            page.context.close()
    return {"month": month * 1000, "year": year * 1000, "gaps": gaps * 1000}


def _opened(page: Page, address: str, sign: str) -> float:
    began = time.monotonic()
    page.goto(address, wait_until="commit")
    shown(page, sign)
    return time.monotonic() - began


def _filled(path: Path) -> None:
    """Evenly over a year; the last ones failed, each in words of its own."""
    store, chance, now = Store.at(path), random.Random(7), time.time()
    words = [
        "".join(chance.choices("abcdefghijklmnoprstuvw", k=chance.randrange(3, 9))) for _ in range(1_500)
    ]
    store.add(Owned("missed", "app", "somebody", "missed"))
    counted: list[dict[str, Any]] = []
    kept: list[dict[str, Any]] = []
    rated: list[dict[str, Any]] = []
    for number in range(QUESTIONS):
        at = now - 3_600 - (QUESTIONS - number) * (YEAR - 90_000) / QUESTIONS
        missed = number >= QUESTIONS - MISSED
        query = chance.choice(ASKED).format(chance.choice(words[:60]), chance.choice(words)) if missed else ""
        state = "failed" if missed else chance.choice(STATES)
        known = {"id": f"t-{number}", "message_id": f"m-{number}", "asked_at": at, "state": state}
        turn = Turn.asked(query, error=Failure("x") if missed else None, **known)
        user = f"web-{chance.randrange(2_000):032x}"
        figures = {"first_ms": chance.randrange(200, 9_000), "total_tokens": 500, "price": 1_341_500}
        row = owned(measured(turn, at), f"{number // 5:040d}", "app", user)
        counted.append(row | figures | {"currency": "USD"})
        if missed:
            kept.append({"key": "missed", "updated_at": at, **saved.to_row(turn)})
        if chance.random() < 0.1:
            mark = Rating("like")
            rated.append(
                {
                    "message_id": turn.message_id,
                    "user": user,
                    "updated_at": at,
                    "rating": mark.rating,
                    "content": "",
                }
            )
    with store.database.begin() as connection:
        for table, rows in ((measures, counted), (turns, kept), (ratings, rated)):
            connection.execute(sa.insert(table), rows)
    store.close()
