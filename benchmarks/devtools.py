"""What Chromium itself counts of a page, by its DevTools protocol."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import CDPSession, Page


class Costs:
    """What the page's main thread spends between begin() and end(), in s.

    Two sessions of DevTools, because one counts in one time domain only: `busy` is wall time in tasks, with
    the waiting for a core in it; `busy_cpu` is the thread's own CPU time.
    """

    NAMES = ("TaskDuration", "ScriptDuration", "LayoutDuration", "RecalcStyleDuration")

    def __init__(self, page: Page) -> None:
        self._sessions: dict[str, CDPSession] = {}
        for suffix, domain in {"": "timeTicks", "_cpu": "threadTicks"}.items():
            session = page.context.new_cdp_session(page)
            session.send("Performance.enable", {"timeDomain": domain})
            self._sessions[suffix] = session

    def begin(self) -> None:
        self._before = self._now()

    def end(self) -> dict[str, float]:
        spent = {name: after - self._before[name] for name, after in self._now().items()}
        for session in self._sessions.values():
            session.detach()
        return spent

    def _now(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for suffix, session in self._sessions.items():
            metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
            for name in self.NAMES:
                found[name.removesuffix("Duration").lower().replace("task", "busy") + suffix] = metrics[name]
        return found


class Received:
    """KB to the page, as DevTools sees them: what streams (bodies of answers, payloads of websocket frames),
    and apart from it fonts, scripts and the like, which a browser fetches once.

    To listen costs both sides time, so bytes are counted in a run of their own.
    """

    ASSETS = frozenset({"Font", "Image", "Script", "Stylesheet"})

    def __init__(self, page: Page) -> None:
        self.kilobytes = {"streamed_kb": 0.0, "assets_kb": 0.0}
        self._assets: set[str] = set()
        self._session = page.context.new_cdp_session(page)
        self._session.on("Network.requestWillBeSent", self._requested)
        self._session.on("Network.dataReceived", self._body)
        self._session.on("Network.webSocketFrameReceived", self._frame)
        self._session.send("Network.enable")

    def begin(self) -> None:
        """What came until now belongs to the page's start."""
        self.kilobytes = dict.fromkeys(self.kilobytes, 0.0)

    def _requested(self, event: dict[str, Any]) -> None:
        if event["type"] in self.ASSETS:
            self._assets.add(event["requestId"])

    def _body(self, event: dict[str, Any]) -> None:
        kind = "assets_kb" if event["requestId"] in self._assets else "streamed_kb"
        self.kilobytes[kind] += event["dataLength"] / 1000

    def _frame(self, event: dict[str, Any]) -> None:
        data: str = event["response"]["payloadData"]
        binary = event["response"]["opcode"] == 2  # DevTools tells it in base64
        size = len(data) * 3 // 4 - data[-2:].count("=") if binary else len(data.encode())
        self.kilobytes["streamed_kb"] += size / 1000
