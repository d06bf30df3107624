"""`make bench`: measure both columns in turn, print the table, keep the raw rows.

    python -m benchmarks [--quick] [--rounds N] [--only SCENARIO …]

Close other programs first: on two cores, everything else that runs is measured along.
"""

from __future__ import annotations

import argparse
import sys
import time

from playwright.sync_api import Browser

from benchmarks import processes
from benchmarks.annotations import many_annotations
from benchmarks.answering import Load, asked, asked_at_once, page_of
from benchmarks.counting import many_questions
from benchmarks.feedback import much_feedback
from benchmarks.history import long_conversation
from benchmarks.listing import long_list
from benchmarks.people import many_people
from benchmarks.report import Rows, table
from tests.browser import chromium

TITLES = {"plain": "plain write_stream", "ours": "ours"}
SCENARIOS = (
    "answer",
    "bytes",
    "long",
    "eight",
    "speech",
    "parts",
    "thousand",
    "list",
    "people",
    "annotations",
    "feedback",
    "numbers",
    "start",
)
SESSIONS = 5
"""Further sessions whose memory is measured."""


def measure(
    browser: Browser, dify: str, rows: Rows, scenarios: list[str], *, rounds: int, quick: bool
) -> None:
    answer = Load(400, 200) if quick else Load(2000, 200)
    long = Load(1000, 1000) if quick else Load(8000, 1000)
    eight = Load(100, 50) if quick else Load(500, 50)
    with processes.plain(dify) as plain, processes.ours(dify) as ours:
        sites = {"plain": plain, "ours": ours}
        for scenario, load in [("answer", answer)] * rounds + [("bytes", answer), ("long", long)]:
            if scenario not in scenarios:
                continue
            for column, site in sites.items():
                _say(f"{scenario}, {column}: {load}")
                figures = asked(browser, column, site, dify, load, count_bytes=scenario == "bytes")
                rows.add(scenario, column, figures)
        if "eight" in scenarios:
            for column, site in sites.items():
                _say(f"8 readers, {column}: {eight}")
                for figures in asked_at_once(browser, column, site, dify, eight, 8):
                    rows.add("eight", column, figures)
        if "speech" in scenarios:
            for _ in range(rounds):
                spoken = Load(200 if quick else 1000, 100, spoken=True)
                _say(f"speech, ours: {spoken}")
                rows.add("speech", "ours", asked(browser, "ours", ours, dify, spoken))
        if "parts" in scenarios:
            for _ in range(rounds):
                for scenario, parts in (("text", False), ("parts", True)):
                    load = Load(400 if quick else 2000, 200, spoken=parts, parts=parts)
                    _say(f"{scenario}, ours: {load}")
                    rows.add(scenario, "ours", asked(browser, "ours", ours, dify, load))
        if "thousand" in scenarios:
            for _ in range(rounds):
                for column, site in sites.items():
                    _say(f"1,000 messages, {column}")
                    rows.add("thousand", column, long_conversation(browser, column, site, dify))
        if "annotations" in scenarios:
            for _ in range(rounds):
                _say("5,000 annotations, ours")
                rows.add("annotations", "ours", many_annotations(browser, ours))
    if "list" in scenarios:
        for _ in range(rounds):
            _say("a list of 10,000 conversations")
            rows.add("list", "ours", long_list(browser, dify))
    if "feedback" in scenarios:
        _say("100,000 ratings")
        rows.add("feedback", "ours", much_feedback(browser, dify))
    if "numbers" in scenarios:
        for _ in range(rounds):
            _say("numbers of 200,000 questions, 10,000 without an answer in groups")
            rows.add("numbers", "ours", many_questions(browser, dify))
    if "people" in scenarios:
        for _ in range(rounds):
            _say("a directory of 10,000 people")
            rows.add("people", "ours", many_people(browser, dify))
    if "start" in scenarios:
        for _ in range(rounds):
            for column in TITLES:
                _say(f"cold start, {column}")
                rows.add("start", column, _start(browser, column, dify))


def _start(browser: Browser, column: str, dify: str) -> dict[str, float]:
    """From the command to a composer one can type into, in a browser that has seen nothing; then memory."""
    began = time.monotonic()
    with processes.SITES[column](dify) as site:
        pages = [page_of(browser, site.url)]
        took = time.monotonic() - began
        time.sleep(2)
        first = site.memory
        pages += [page_of(browser, site.url) for _ in range(SESSIONS)]
        time.sleep(2)
        each = (site.memory - first) / SESSIONS
        for page in pages:
            page.context.close()
    return {"start_s": took, "memory_mb": first, "session_mb": each}


def _say(what: str) -> None:
    print(f"… {what}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short answers, one round, nothing kept")
    parser.add_argument("--rounds", type=int, default=3, help="answers and cold starts of each column (3)")
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, default=list(SCENARIOS), metavar="SCENARIO")
    options = parser.parse_args()
    rounds = 1 if options.quick else options.rounds
    with chromium.browser() as browser, processes.upstream() as dify:
        rows = Rows(browser.version, keep=not options.quick)
        measure(browser, dify, rows, options.only, rounds=rounds, quick=options.quick)
    print(table(rows, list(TITLES), TITLES.__getitem__))
    if rows.path:
        print(f"\nMedians; every round is in {rows.path.relative_to(processes.ROOT)}.")


if __name__ == "__main__":
    main()
