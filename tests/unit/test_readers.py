"""Readers of /live that hold nobody up: one that stops reading, and many whose history does not come."""

from __future__ import annotations

import gc
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from routes import live
from services import assembly
from services import site as sites
from services.settings import AppSettings, Settings
from tests.position import Position
from tests.relay import Fault, Relay
from tests.unit.test_routes import KEY, LONG, Live, World, listening
from tests.upstream import Answer, Upstream, row, stops_delivered

SLOW_READERS = 8
NARROW = [(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)]


@pytest.fixture
def line() -> Iterator[Relay]:
    with Upstream() as dify, Relay(dify.port) as line:
        line.dify = dify  # type: ignore[attr-defined]
        yield line


@pytest.fixture
def world(line: Relay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(live, "stopping", live.Stopping())
    dify: Upstream = line.dify  # type: ignore[attr-defined]
    app = Starlette(routes=[Route("/live/{key}", live.events), Route("/turns/{key}", live.older)])
    with listening(app) as url:
        site = assembly.built(Settings(tmp_path, (AppSettings("app", f"{line.url}/v1", dify.key),)), tmp_path)
        sites.use(site)
        yield World(dify, site, url, site.identities.new_cookie())
        line.forget()
        line.cut("/v1/messages")
        live.stopping.now = True
        site.stop()
        for run in site.runs._by_send_id.values():
            run.stop()
            assert run.done.wait(LONG)
        stops_delivered()
        sites.refuse("over")


class Counting(Live):
    """Knows the longest piece of text that it was given at once."""

    longest = 0

    def _read(self) -> Iterator[str]:
        """In time linear in a long frame's length."""
        parts = [""]
        for text in self.response.iter_text():
            end = parts[-1][-1:] + text
            parts.append(text)
            if "\n\n" in end:
                *blocks, rest = "".join(parts).split("\n\n")
                parts = [rest]
                yield from blocks

    def event(self, *names: str) -> tuple[str, object]:
        name, data = super().event(*names)
        if name == "text":
            self.longest = max(self.longest, len(data if isinstance(data, str) else data[1]))
        return name, data


@contextmanager
def narrow(world: World) -> Iterator[Counting]:
    """A reader whose end of the line holds next to nothing; it reads only when it is asked to."""
    with (
        httpx.Client(transport=httpx.HTTPTransport(socket_options=NARROW), timeout=120) as client,
        client.stream("GET", f"{world.url}/live/{KEY}", headers=world.headers) as response,
    ):
        yield Counting(response, [], Position())


@pytest.mark.parametrize(
    ("pieces", "pause"), [(200, 0.01), pytest.param(600, 0.05, marks=pytest.mark.soak, id="30 s")]
)
def test_readers_that_stop_reading(world: World, pieces: int, pause: float) -> None:
    size = 12_000_000 // pieces
    parts = [f"{number:06} ".ljust(size, "x") for number in range(pieces)]
    whole = "".join(parts)
    script = [item for part in parts for item in (part, pause)]
    place = world.place()
    with ExitStack() as stack:
        slow = [stack.enter_context(narrow(world)) for _ in range(SLOW_READERS)]
        for reader in slow:
            reader.event("snapshot")
        others = [stack.enter_context(world.live()) for _ in range(2)]
        exact: list[bool] = []

        def read(reader: Live) -> None:
            reader.answer(whole)
            exact.append(reader.turns[-1]["answer"] == whole)
            reader.turns.clear()

        threads = [threading.Thread(target=read, args=(reader,)) for reader in others]
        for thread in threads:
            thread.start()
        gc.collect()
        tracemalloc.start()
        world.dify.next(Answer(*script))
        run = world.ask(place)
        for thread in threads:
            thread.join(120)
        assert exact == [True, True]
        assert run.done.wait(LONG)
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        # The answer is there once in the Run and once in the scripted Dify. What those who do not read have
        # not been given is nowhere.
        assert held < 4 * len(whole)
        for reader in slow[:1]:
            reader.answer(whole)
            assert reader.turns[-1]["answer"] == whole
            assert reader.longest > 1_000_000, "it was never behind"
            reader.turns.clear()


def test_a_history_that_hangs_holds_up_nobody_else(world: World, line: Relay) -> None:
    """Sixty looks at one conversation, as by an impatient reader, and as many at its older turns."""
    dialogue = world.dify.keep(row("q", "a"), user=world.ada.user)
    place = world.site.directory.open(world.ada, world.site.apps[0], dialogue.id)
    world.place("another-key-of-ours")
    line.always("/v1/messages", Fault(stall_after=0))
    limits = httpx.Limits(max_connections=200)
    with (
        httpx.Client(headers=world.headers, timeout=LONG, limits=limits) as client,
        ExitStack() as stack,
    ):
        for _ in range(60):
            stack.enter_context(client.stream("GET", f"{world.url}/live/{place.key}"))
            older = threading.Thread(target=_older, args=(client, f"{world.url}/turns/{place.key}?before=x"))
            older.start()
        with world.live("another-key-of-ours") as stream:
            stream.event("snapshot")
        assert line.count("GET", "/v1/messages") < 70
        line.always("/v1/messages", None)
        line.cut("/v1/messages")


def _older(client: httpx.Client, address: str) -> None:
    with suppress(httpx.HTTPError, RuntimeError):  # nobody waits for it
        client.get(address)
