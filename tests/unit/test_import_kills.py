"""A process is killed while it imports, again and again: each row arrives once."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from services.annotations.book import Book
from services.annotations.imports import Imports
from services.annotations.sheet import read
from services.apps import App
from services.dify.client import Client
from services.identity import Identity, Role
from services.store import Store
from tests.annotated import Annotated
from tests.site import ROOT, until
from tests.upstream import KEY

ADA = Identity("ada", Role.CURATOR)


def begun(path: Path, url: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.unit.importing", str(path), url, KEY]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"going on\n"
    return child


@pytest.mark.soak
def test_twenty_kills_at_random_rows(tmp_path: Path) -> None:
    chance = random.Random(11)
    rows = [(f"question {number} {chance.random()}", f"answer {number}") for number in range(1_000)]
    path = tmp_path / "store.sqlite3"
    with Annotated() as dify, Client(dify.url, KEY) as client:
        app, store = App("app", client), Store.at(path)
        imports = Imports(cache(lambda of: Book(of, store.database)), store.database)
        text = "question,answer\n" + "".join(f'"{q}","{a}"\n' for q, a in rows)
        name = imports.prepare(ADA, app, "x.csv", read("x.csv", text.encode()), (0, 1))
        imports._ledger(app).decide(name, {"new": "add"})
        imports._ledger(app).change(name, state="running")
        at = sorted(chance.sample(range(1, 960), 20))
        for row in at:
            child = begun(path, dify.url)
            until(lambda row=row: len(dify.texts) >= row, f"row {row}")  # type: ignore[misc]
            time.sleep(chance.random() * 0.01)  # anywhere within a row's steps
            child.kill()
            child.communicate()
        child = begun(path, dify.url)
        assert child.wait(120) == 0
        child.communicate()
        assert Counter(dify.texts) == Counter(rows)
        assert imports.standing(ADA, app, name).of("done") == len(rows)
        store.close()
