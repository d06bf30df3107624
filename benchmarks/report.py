"""Raw rows as JSON lines, and the table made of them."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

RESULTS = Path(__file__).parent / "results"
Row = dict[str, Any]


class Rows:
    """All that was measured, in order; kept in a file as it comes, if there is one."""

    def __init__(self, chromium: str, *, keep: bool) -> None:
        self.rows: list[Row] = []
        now = datetime.now(UTC)
        self.path = RESULTS / f"{now:%Y-%m-%dT%H%M}.jsonl" if keep else None
        RESULTS.mkdir(exist_ok=True)
        self._write({"date": now.isoformat(timespec="seconds"), **_machine(), "chromium": chromium})

    def add(self, scenario: str, column: str, figures: Row) -> None:
        load = os.getloadavg()[0]
        rounded = {k: round(v, 3) if isinstance(v, float) else v for k, v in figures.items()}
        row = {"scenario": scenario, "column": column, "load_average": round(load, 2), **rounded}
        self.rows.append(row)
        self._write(row)

    def figure(self, scenario: str, column: str, name: str) -> float | None:
        """The median of all rounds; a round in which it never came counts as endless. None: not measured."""
        found = [
            r[name] for r in self.rows if (r["scenario"], r["column"]) == (scenario, column) and name in r
        ]
        return median(float("inf") if value is None else value for value in found) if found else None

    def _write(self, row: Row) -> None:
        if self.path:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")


def _machine() -> Row:
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        "",
    )
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=RESULTS, capture_output=True, text=True, check=False
    )
    packages = ("streamlit", "starlette", "uvicorn", "httpx", "sseclient-py", "playwright")
    return {
        "machine": f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}",
        "commit": commit.stdout.strip(),
        "python": platform.python_version(),
        **{package: version(package) for package in packages},
    }


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []


STREAM = (
    ("first_text", ".0f"),
    ("last_text", ".0f"),
    ("frames_per_s", ".0f"),
    ("gap_p95", ".0f"),
    ("server_cpu", ".2f"),
)
TABLE: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("first text after the upstream's first byte, ms", "answer", (("first_text", ".0f"),)),
    ("last text after the upstream's last byte, ms", "answer", (("last_text", ".0f"),)),
    ("frames with new text per s / gap p95, ms", "answer", (("frames_per_s", ".0f"), ("gap_p95", ".0f"))),
    ("long tasks, total, ms", "answer", (("long_tasks", ",.0f"),)),
    ("browser main thread busy, s (its CPU, s)", "answer", (("busy", ".1f"), ("busy_cpu", ".1f"))),
    ("server CPU, s", "answer", (("server_cpu", ".2f"),)),
    (
        "bytes to the browser, KB (fonts and the like)",
        "bytes",
        (("streamed_kb", ",.0f"), ("assets_kb", ",.0f")),
    ),
    ("8,000 chunks at 1,000/s: done after the upstream, ms", "long", (("last_text", ",.0f"),)),
    (
        "8 readers, 500 at 50/s each: first / last text, ms",
        "eight",
        (("first_text", ",.0f"), ("last_text", ",.0f")),
    ),
    ("the same: server CPU for each, s", "eight", (("server_cpu", ".2f"),)),
    (
        "speech: first sound after its first piece, ms / gaps / silence in them, ms",
        "speech",
        (("first_sound", ".0f"), ("gaps", ".0f"), ("gap_ms", ".0f")),
    ),
    ("the same: first / last text, ms", "speech", (("first_text", ".0f"), ("last_text", ".0f"))),
    (
        "plain text beside the next: first / last text, ms; frames per s / gap p95, ms; server CPU, s",
        "text",
        STREAM,
    ),
    ("the same with thoughts, steps, files and speech (at most 1.2 ×)", "parts", STREAM),
    ("conversation of 1,000 messages: last one visible, ms", "thousand", (("last_visible", ",.0f"),)),
    ("the same: its first one reached by scrolling, s", "thousand", (("beginning_reached_s", ".1f"),)),
    (
        "a question asked in it: first text, ms; KB besides the text",
        "thousand",
        (("first_text", ",.0f"), ("extra_kb", ",.0f")),
    ),
    ("click on a widget beside it, settled, ms", "thousand", (("click_settled", ",.0f"),)),
    ("list of 10,000 conversations: first rows, ms", "list", (("first_rows", ",.0f"),)),
    (
        "the same, a search: the server's answer / on the screen / for a word in all, ms",
        "list",
        (("search_answered", ",.0f"), ("search_shown", ",.0f"), ("search_common", ",.0f")),
    ),
    (
        "10,000 people: first rows / a filter: the server's answer / on the screen, ms",
        "people",
        (("first_rows", ",.0f"), ("filter_answered", ",.0f"), ("filter_shown", ",.0f")),
    ),
    (
        "5,000 annotations: first rows / another filter, ms",
        "annotations",
        (("first_rows", ",.0f"), ("filtered", ",.0f")),
    ),
    (
        "100,000 ratings: first rows before any is read / with all kept, ms",
        "feedback",
        (("first_rows_fresh", ",.0f"), ("first_rows", ",.0f")),
    ),
    (
        "the same, a filter / a search: the server's answer, on the screen, ms",
        "feedback",
        (
            ("filter_answered", ",.0f"),
            ("filter_shown", ",.0f"),
            ("search_answered", ",.0f"),
            ("search_shown", ",.0f"),
        ),
    ),
    ("the same: all read from Dify, s", "feedback", (("read_s", ",.0f"),)),
    (
        "numbers of 200,000 questions: a month / a year, ms",
        "numbers",
        (("month", ",.0f"), ("year", ",.0f")),
    ),
    ("10,000 questions without a good answer, grouped, ms", "numbers", (("gaps", ",.0f"),)),
    ("cold start to a usable composer, s", "start", (("start_s", ".1f"),)),
    (
        "server memory: first page / each further session, MB",
        "start",
        (("memory_mb", ".0f"), ("session_mb", ".1f")),
    ),
)
"""What is measured, in which scenario, and the names of its figures with their format."""


def table(rows: Rows, columns: list[str], titles: Callable[[str], str]) -> str:
    lines = ["| | " + " | ".join(map(titles, columns)) + " |", "|---|" + "---|" * len(columns)]
    for title, scenario, names in TABLE:
        cells = [_cell(rows, scenario, column, names) for column in columns]
        if any(cells):
            lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(rows: Rows, scenario: str, column: str, names: tuple[tuple[str, str], ...]) -> str:
    found = [(rows.figure(scenario, column, name), form) for name, form in names]
    shown = (
        "never" if value == float("inf") else format(value, form)
        for value, form in found
        if value is not None
    )
    return " / ".join(shown)
