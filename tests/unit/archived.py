"""A site over a scripted Dify, for tests of what is done with earlier conversations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from services.apps import App
from services.archive import Archive
from services.dify.client import Client
from services.dify.patience import Patience
from services.draft import Draft
from services.identities.open import Open
from services.identity import Identity, Role, Secret
from services.site import Site
from services.store import Store
from services.turn import Turn
from tests.upstream import Upstream

ADA = Identity("ada", Role.ADMIN)
BOB = Identity("bob", Role.ADMIN)
LONG = 20.0


@dataclass
class World:
    dify: Upstream
    site: Site

    @property
    def app(self) -> App:
        return self.site.apps[0]

    @property
    def archive(self) -> Archive:
        return self.site.archive

    def asked(self, query: str, *, into: str = "", auto_name: bool = True, of: Identity = ADA) -> Turn:
        """An answer that is there, as Dify and this site know it."""
        directory = self.site.directory
        place = directory.open(of, self.app, into or f"~{directory.new_key()}")
        run = self.site.runs.start(
            of, self.app.client, place, Draft(query, auto_name=auto_name), f"send-{query}"[:60]
        )
        assert run
        assert run.done.wait(LONG)
        return run.turn


@contextmanager
def world_over(dify: Upstream, store: Store | None = None) -> Iterator[World]:
    """Not started: nothing is deleted or indexed unless the test says so. In memory, or in this store."""
    app = App("app", Client(dify.url, dify.key, patience=Patience(connect=2, read=5, repeats=0)))
    site = Site.over(app, Open(Secret(b"s" * 32)), store or Store.in_memory())
    yield World(dify, site)
    site.stop()
    app.client.close()
