"""A site over a scripted Dify, for tests of what is done with earlier conversations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from services import assembly
from services import site as sites
from services.apps import App
from services.archive import Archive
from services.dify.client import Client
from services.dify.patience import Patience
from services.draft import Draft
from services.identities.open import COOKIE, Open
from services.identity import Identity, Role, Secret
from services.site import Site
from services.store import Store
from services.turn import Turn
from tests.upstream import Upstream, row

ADA = Identity("ada", Role.ADMIN)
BOB = Identity("bob", Role.ADMIN)
LONG = 20.0
FOREIGN = {"origin": "http://evil.example", "sec-fetch-site": "cross-site"}
"""Headers of a request that another site makes."""


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
    site = assembly.over(app, Open(Secret(b"s" * 32)), store or Store.in_memory())
    yield World(dify, site)
    site.stop()
    app.client.close()


@dataclass
class Served(World):
    """The same behind routes at `url`, asked by the browser that has this cookie."""

    url: str
    cookie: str

    @property
    def ada(self) -> Identity:
        found = self.site.identities.of({COOKIE: self.cookie}, {}, None)
        assert found is not None
        return found

    def get(self, path: str, *, cookie: str = "", **query: str) -> httpx.Response:
        given = {"cookie": cookie or f"{COOKIE}={self.cookie}"}
        return httpx.get(self.url + path, params=query or None, headers=given, timeout=LONG)

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        given = {"cookie": f"{COOKIE}={self.cookie}", **headers}
        return httpx.post(self.url + path, json=body, headers=given, timeout=LONG)

    def keep(self, name: str, user: str = "") -> str:
        kept = self.dify.keep(row(f"{name}?", f"{name}!"), user=user or self.ada.user)
        kept.name = name
        return kept.id


@contextmanager
def served_over(dify: Upstream, url: str) -> Iterator[Served]:
    """Its site is the one that the routes at `url` reach."""
    with world_over(dify) as made:
        sites.use(made.site)
        yield Served(dify, made.site, url, made.site.identities.new_cookie())
        sites.refuse("over")
