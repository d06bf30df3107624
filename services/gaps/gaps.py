"""The gaps of the apps that a curator may use, and what becomes of them: an annotation, a draft, nothing."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from services.annotations.cases import Cases
from services.annotations.comparing import meaning
from services.annotations.curation import Curations
from services.annotations.draft import Draft
from services.annotations.drafts import NoSuchDraft
from services.annotations.row import Invalid, Row
from services.apps import App
from services.database import Database
from services.gaps.engine import Engine, installed
from services.gaps.mark import Mark, MarkBook, State
from services.gaps.meanings import Meanings
from services.gaps.miss import Gap, Miss, grouped, marked
from services.gaps.phrases import Phrases
from services.gaps.sources import Apps, disliked, rated, unanswered
from services.identity import Identity, Role
from services.numbers.period import Period

Source = Callable[[Database, float, float, Apps], Iterable[Miss]]
SOURCES: tuple[Source, ...] = (disliked, rated, unanswered)
"""Each gives the misses of a time, from since to until (Unix seconds), of these apps."""
FRESH_FOR = 20.0
"""Seconds for which the same misses are not looked for and grouped again."""
MOST = 10_000
"""Misses that are grouped, the newest ones."""
MOST_CASES = 10
"""Other phrasings that become test cases of one annotation."""
KEPT = 8
"""Periods whose groups are remembered."""


class Gaps:
    """Every method needs the role curator, and raises Denied and StoreError. Safe to use from any thread."""

    def __init__(
        self,
        database: Database,
        curations: Curations,
        cases: Cases,
        sources: Sequence[Source] = SOURCES,
        *,
        by_meaning: bool = False,
    ) -> None:
        """`by_meaning`: questions are also compared by what they mean, where the embeddings are installed."""
        self._sources = sources
        self.meanings = Meanings(database, Engine if by_meaning and installed() else None)
        self._database, self._curations, self._cases = database, curations, cases
        self._marks = MarkBook(database)
        self.phrases = Phrases(database)
        self._lock = threading.Lock()
        self._known: dict[object, tuple[float, tuple[Gap, ...]]] = {}

    def found(self, identity: Identity, period: Period, apps: Apps) -> tuple[Gap, ...]:
        """Largest first, as they stand now; a miss may take FRESH_FOR to be among them."""
        identity.require(Role.CURATOR)
        known = None if apps is None else tuple(sorted(apps))
        marks = self._marks.all(known)
        return marked(self._grouped(period, known), marks)

    def forget(self, identity: Identity) -> None:
        """The next look groups anew."""
        identity.require(Role.CURATOR)
        with self._lock:
            self._known.clear()

    def let_go(self) -> None:
        """Nobody's question stays in memory."""
        with self._lock:
            self._known.clear()
        self.meanings.let_go()

    def covered(self, identity: Identity, app: App, gap: Gap, row: Row) -> Mark:
        """This annotation answers the misses of this app; the other phrasings become test cases."""
        mark = self._add(identity, app.slug, gap, "covered", row.id)
        self._keep_cases(identity, app, mark, row)
        return mark

    def drafted(self, identity: Identity, app: App, gap: Gap, draft: Draft) -> Mark:
        """This draft will answer them; see `settle`."""
        return self._add(identity, app.slug, gap, "drafted", draft_id=draft.id)

    def dismiss(self, identity: Identity, gap: Gap) -> tuple[Mark, ...]:
        """No annotation is wanted; until it is missed again. One mark for each app."""
        identity.require(Role.CURATOR)
        slugs = sorted({miss.app for miss in gap.misses})
        return tuple(self._add(identity, slug, gap, "dismissed") for slug in slugs)

    def undo(self, identity: Identity, marks: Sequence[Mark]) -> None:
        """They are open again."""
        identity.require(Role.CURATOR)
        for mark in marks:
            self._marks.remove(mark.id)

    def settle(self, identity: Identity, app: App) -> None:
        """What became of drafts: one that is live covers its gap, one that was dropped leaves it open."""
        identity.require(Role.CURATOR)
        for mark in self._marks.all((app.slug,)):
            if mark.state != "drafted":
                continue
            try:
                draft = self._curations.of(app).drafts.one(identity, mark.draft_id)
            except NoSuchDraft:
                self._marks.remove(mark.id)
                continue
            if draft.state == "dropped":
                self._marks.remove(mark.id)
            elif draft.state == "live" and self._marks.live(mark, draft.annotation_id):
                self._keep_cases(identity, app, mark, Row(draft.annotation_id, draft.question, draft.answer))

    def _add(
        self,
        identity: Identity,
        app: str,
        gap: Gap,
        state: State,
        annotation_id: str = "",
        draft_id: str = "",
    ) -> Mark:
        """On all misses of one app, also those that were settled before."""
        identity.require(Role.CURATOR)
        misses = [miss.message_id for miss in gap.misses if miss.app == app]
        phrasings = list(gap.phrasings)
        return self._marks.add(
            identity.user,
            app,
            state,
            gap.question,
            phrasings[:MOST_CASES],
            misses,
            annotation_id=annotation_id,
            draft_id=draft_id,
        )

    def _keep_cases(self, identity: Identity, app: App, mark: Mark, row: Row) -> None:
        """What else was asked for the same, as questions that this annotation should answer."""
        known = {meaning(case.question) for case in self._cases.all(identity, app)}
        for phrasing in mark.phrasings:
            if meaning(phrasing) not in known:
                known.add(meaning(phrasing))
                with suppress(Invalid):  # longer than a question may be
                    self._cases.save(identity, app, phrasing, row)

    def _grouped(self, period: Period, apps: tuple[str, ...] | None) -> tuple[Gap, ...]:
        asked = period, apps
        with self._lock:
            at, gaps = self._known.get(asked, (-FRESH_FOR, ()))
        if time.monotonic() - at < FRESH_FOR:
            return gaps
        found = [
            miss
            for source in self._sources
            for miss in source(self._database, period.since, period.until, apps)
        ]
        newest = heapq.nlargest(MOST, found, key=lambda miss: (miss.at, miss.message_id))
        gaps = grouped(newest, self.meanings.of)
        with self._lock:
            self._known.pop(asked, None)
            self._known[asked] = time.monotonic(), gaps
            while len(self._known) > KEPT:
                del self._known[next(iter(self._known))]
        return gaps
