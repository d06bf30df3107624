"""What the logs are told, at every level: ids and reasons; no texts, no keys, no passwords, no end users."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from services import assembly, marks
from services.accounts.book import Accounts, Wrong
from services.accounts.passwords import Passwords
from services.apps import App
from services.dify.client import Client
from services.dify.errors import DifyError
from services.dify.patience import Patience
from services.draft import Draft
from services.identities.open import Open
from services.identity import Departures, Identity, Role, Secret
from services.limits import Limits, Meter
from services.settings import Settings, SettingsError
from services.store import Store, StoreError
from services.uploads import Chosen, Rules, upload
from tests.upstream import HTML_404, KEY, Answer, Refusal, Upstream

ADA = Identity("web-the-end-user-ada", Role.ADMIN)
WORDS = "what-only-ada-has-written"
TOLD = "what-only-the-model-has-said"
PASSWORD = "correct horse battery-staple"
FORBIDDEN = (WORDS, TOLD, PASSWORD, KEY, ADA.user)


class Heard(logging.Handler):
    """Every record of every logger, as it would be written, with its traceback."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        trace = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
        self.lines.append(f"{record.name} {record.levelname} {record.getMessage()} {trace}")


@pytest.fixture
def heard() -> Iterator[Heard]:
    root, handler = logging.getLogger(), Heard()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


def silent(heard: Heard) -> None:
    for secret in FORBIDDEN:
        assert [line for line in heard.lines if secret in line] == []


@pytest.fixture
def dify() -> Iterator[Upstream]:
    with Upstream() as running:
        yield running


def test_a_day_at_the_site(heard: Heard, dify: Upstream, tmp_path: Path) -> None:
    client = Client(dify.url, dify.key, patience=Patience(connect=2, read=5, repeats=1))
    site = assembly.over(App("app", client), Open(Secret(b"s" * 32)), Store.at(tmp_path / "console.sqlite3"))
    dify.next(
        Answer(TOLD),
        Answer(TOLD, lambda f: f.error("internal_error", 500, f"no: {TOLD}, Bearer {KEY}"), end=False),
        Refusal(400, f"<html>{WORDS} {KEY}</html>"),  # no gateway's: nothing is looked for afterwards
        Answer(TOLD, b"data: {not json " + WORDS.encode() + b"}\n\n"),
    )
    for number in range(4):
        place = site.directory.open(ADA, site.apps[0], f"~a-key-of-adas-{number}")
        run = site.runs.start(ADA, client, place, Draft(WORDS), f"send-{number}")
        assert run
        assert run.done.wait(20)
    rules = Rules(frozenset({"document"}), frozenset(), {}, 1)
    upload(client, ADA, Chosen(f"{WORDS}.txt", WORDS.encode()), rules, Meter(Limits()))
    dify.fail("messages", Refusal(404, HTML_404))
    dify.fail("conversations", Refusal.of(500, "broken", f"{ADA.user} {KEY}"))
    for ask in (
        lambda: client.messages.list("c", ADA.user),
        lambda: client.conversations.list(ADA.user),
        lambda: client.files.preview(WORDS, user=ADA.user).__enter__(),
    ):
        with pytest.raises(DifyError):
            ask()
    site.archive.history.gone("app", ADA.user, "c")
    site.stop()
    client.close()
    silent(heard)


def test_a_database_that_fails_quotes_nothing(heard: Heard, tmp_path: Path) -> None:
    kept = Store.at(tmp_path / "console.sqlite3")
    log = logging.getLogger("services.anything")
    row = {"app": "app", "user": ADA.user, "conversation_id": WORDS}
    for statement, values in (
        (sa.insert(marks.marks), row | {"pinned_at": object()}),
        (sa.insert(marks.marks), row | {"name": "\ud800"}),
        (sa.text("insert into nowhere values (:app, :user, :conversation_id)"), row),
    ):
        try:
            with kept.database.begin() as connection:
                connection.execute(statement, values)
        except (StoreError, sa.exc.SQLAlchemyError) as error:
            log.exception("it failed: %s", error)
        else:
            pytest.fail("it did not fail")
    kept.close()
    assert len([line for line in heard.lines if "services.anything" in line]) == 3
    silent(heard)


def test_signing_in_and_settings(heard: Heard, tmp_path: Path) -> None:
    book = Accounts(
        Store.in_memory().database,
        Secret(b"s" * 32),
        Departures(),
        Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)),
    )
    given = book.admit("ada", Role.AGENT)
    token = book.sign_in("ada", given, "127.0.0.1", secure=False)
    with pytest.raises(Wrong):
        book.sign_in("ada", PASSWORD, "127.0.0.1", secure=False)
    for environ in (
        {"DIFY_API_KEY": f"{KEY} x", "DIFY_BASE_URL": "https://dify.example/v1"},
        {"DIFY_API_KEY": KEY, "DIFY_BASE_URL": "nonsense"},
        {"DATABASE_URL": f"mysql://ada:{PASSWORD}@host/db"},
    ):
        with pytest.raises(SettingsError) as refused:
            Settings.read(environ, tmp_path)
        logging.getLogger("console").error(str(refused.value))
    silent(heard)
    assert not [line for line in heard.lines if given in line or token in line]
