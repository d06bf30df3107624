"""The embedded backend against the whole API document: schemathesis makes up requests, valid and invalid
ones, and follows conversations through."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.probed import linked, probed
from tests.contract.processes import ROOT, Embedded

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
MADE_UP = ("--phases", "examples,coverage,fuzzing")
FOLLOWED = ("--phases", "stateful", "--mode", "positive")
PERSONAS = ("", "-off", "-agent", "-flow", "-moderated", "-form", "-reader")


def probe(server: Embedded, key: str, folder: Path, content: dict[str, Any], *options: str) -> str:
    """Run schemathesis and return its report; fails with what it found, requests to repeat it included."""
    document = folder / "document.json"
    document.write_text(json.dumps(content))
    command = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"]
    command += ["--config-file", str(CONFIGURATION), "run", str(document), "--url", server.base_url]
    command += ["--header", f"Authorization: Bearer {key}"]
    command += ["--workers", "1", "--no-color", "--warnings", "off", "--continue-on-failure"]
    command += ["--request-timeout", "60", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.contract.failing"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]
    return done.stdout


def test_made_up_requests(embedded: Embedded, tmp_path: Path) -> None:
    """Bounded, and the same ones each time."""
    options = ("--max-examples", "1", "--max-time", "45", "--generation-deterministic")
    report = probe(embedded, embedded.api_key, tmp_path, probed(), *MADE_UP, *options)
    assert "Tested: 26" in report


def test_conversations_that_are_followed(embedded: Embedded, tmp_path: Path) -> None:
    options = ("--max-examples", "2", "--max-time", "18", "--generation-deterministic")
    report = probe(embedded, embedded.api_key, tmp_path, linked(), *FOLLOWED, *options)
    covered = re.search(r"API Links: +(\d+) covered", report)
    assert covered and int(covered[1]) >= 2, report[-3_000:]


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("persona", PERSONAS)
def test_made_up_requests_to_every_app(
    persona: str, start: Callable[..., AbstractContextManager[Embedded]], tmp_path: Path
) -> None:
    with start() as server:
        key = server.api_key + persona
        probe(server, key, tmp_path, probed(), *MADE_UP, "--max-examples", "100", "--max-time", "600")
        probe(server, key, tmp_path, linked(), *FOLLOWED, "--max-examples", "100", "--max-time", "300")


@pytest.mark.parametrize("path", ["app/feedbacks", "apps/annotations"])
def test_a_page_far_behind_the_last_is_empty(path: str, client: httpx.Client) -> None:
    answer = client.get(path, params={"page": 10**30, "limit": 100})
    assert answer.status_code == 200
    assert answer.json()["data"] == []
