"""Feeds: what readers of a chatflow's run get, whenever they come."""

from __future__ import annotations

import asyncio

import pytest

from embedded.feeds import MOST_EXPECTED, Feed, Feeds
from embedded.responses import ConnectionCut


async def read(feed: Feed, start: int = 0, ping_after: float = 10.0) -> list[bytes]:
    return [each async for each in feed.read(start, ping_after)]


def test_late_readers_get_what_came_before_and_after() -> None:
    async def run() -> tuple[list[bytes], list[bytes]]:
        feed = Feed()
        feed.put(b"a")
        feed.put(b"b")
        whole, rest = asyncio.create_task(read(feed)), asyncio.create_task(read(feed, feed.length))
        await asyncio.sleep(0)
        feed.put(b"c")
        await asyncio.sleep(0)
        feed.end()
        return await whole, await rest

    whole, rest = asyncio.run(run())
    assert (b"".join(whole), b"".join(rest)) == (b"abc", b"c")


def test_silence_is_filled_with_pings() -> None:
    async def run() -> list[bytes]:
        feed = Feed()
        asyncio.get_running_loop().call_later(0.25, feed.end)
        return await read(feed, ping_after=0.1)

    assert set(asyncio.run(run())) == {b"event: ping\n\n"}


def test_a_cut_reaches_every_reader() -> None:
    async def run() -> list[object]:
        feeds = Feeds()
        readers = [asyncio.create_task(read(feeds.expect("run"))) for _ in range(3)]
        await asyncio.sleep(0)
        feeds.close()
        return list(await asyncio.gather(*readers, return_exceptions=True))

    assert [type(each) for each in asyncio.run(run())] == [ConnectionCut] * 3


def test_who_waits_for_a_paused_run_is_served_when_it_goes_on() -> None:
    feeds = Feeds()
    waited_for = feeds.expect("run")
    assert feeds.begin("run", resumed=True) is waited_for
    waited_for.put(b"x")
    assert feeds.begin("run") is not waited_for


@pytest.mark.parametrize("more", [0, 5])
def test_only_so_many_are_waited_for(more: int) -> None:
    feeds = Feeds()
    for number in range(MOST_EXPECTED + more):
        feeds.expect(str(number))
    assert (feeds.get("0") is None) == bool(more)
    assert feeds.get(str(MOST_EXPECTED + more - 1)) is not None
