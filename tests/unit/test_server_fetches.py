"""What the server itself fetches: from the configured Dify alone, whatever address anybody names."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest

from services import assembly
from services.apps import App
from services.dify.client import Client
from services.dify.errors import DifyError
from services.dify.patience import Patience
from services.exports.pictures import Pictures
from services.files import NoSuchFile
from services.identities.open import Open
from services.identity import Identity, Role, Secret
from services.site import Site
from services.store import Store
from tests.upstream import Upstream, row
from tests.wire import Line, Request, Wire

ADA = Identity("ada", Role.ADMIN)
QUICK = Patience(connect=2, read=5, repeats=0)
ADDRESSES = (
    "http://127.0.0.1:{canary}{path}",
    "http://[::ffff:127.0.0.1]:{canary}{path}",
    "http://[::ffff:7f00:1]:{canary}{path}",
    "http://[::1]:{canary}{path}",
    "http://[::]:{canary}{path}",
    "http://0.0.0.0:{canary}{path}",
    "http://0:{canary}{path}",
    "http://2130706433:{canary}{path}",
    "http://0x7f000001:{canary}{path}",
    "http://0x7f.1:{canary}{path}",
    "http://017700000001:{canary}{path}",
    "http://127.1:{canary}{path}",
    "http://127。0。0。1:{canary}{path}",
    "http://localhost:{canary}{path}",
    "http://localhost.:{canary}{path}",
    "http://rebind.example:{canary}{path}",
    "http://127.0.0.1:{dify}@127.0.0.1:{canary}{path}",
    "http://127.0.0.1:{canary}#@127.0.0.1:{dify}{path}",
    "http://127.0.0.1:{canary}?@127.0.0.1:{dify}{path}",
    "http://127.0.0.1:{canary}\\@127.0.0.1:{dify}{path}",
    "https://127.0.0.1:{canary}{path}",
    "ftp://127.0.0.1:{canary}{path}",
    "gopher://127.0.0.1:{canary}/_GET{path}",
    "file:///etc/passwd",
    "//127.0.0.1:{canary}{path}",
    "\\\\127.0.0.1@{canary}{path}",
    "http:/\\127.0.0.1:{canary}{path}",
    "http://169.254.169.254/latest/meta-data{path}",
    "http://[::ffff:a9fe:a9fe]/latest/meta-data{path}",
    "@127.0.0.1:{canary}{path}",
    ":{canary}{path}",
    ".evil.example{path}",
)
PATHS = ("/files/tools/x.png?sign=1", "/latest/x")
ASIDE = (
    "/files/../v1/conversations",
    "/files/%2e%2e/v1/conversations",
    "/files/..%2fv1/conversations",
    "/files/x/..;/v1/info",
    "/v1/conversations?/files/x",
    "/v1/conversations#/files/x",
    "/files/./../v1/info",
)
"""Of Dify's own, and not files."""


class Canary:
    """Listens where nobody may connect to, on both kinds of loopback."""

    def __init__(self, sockets: ExitStack) -> None:
        self.callers = 0
        self._listener = sockets.enter_context(socket.create_server(("127.0.0.1", 0)))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                self._listener.accept()[0].close()
            except OSError:
                return  # the test is over
            self.callers += 1


@pytest.fixture
def canary() -> Iterator[Canary]:
    with ExitStack() as sockets:
        yield Canary(sockets)


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> set[Any]:
    """Every address that this process connects to, and every name that it looks up."""
    found: set[Any] = set()
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def connecting(self: socket.socket, address: Any) -> None:
        found.add(address[:2])
        connect(self, address)

    def looking_up(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        found.add((host, port))
        return look_up("127.0.0.1" if host == "rebind.example" else host, port, *rest, **more)

    monkeypatch.setattr(socket.socket, "connect", connecting)
    monkeypatch.setattr(socket, "getaddrinfo", looking_up)
    return found


@pytest.fixture
def world(canary: Canary) -> Iterator[tuple[Upstream, Site]]:
    with Upstream() as dify, Client(dify.url, dify.key, patience=QUICK) as client:
        site = assembly.over(App("app", client), Open(Secret(b"s" * 32)), Store.in_memory())
        yield dify, site
        site.stop()


def named(canary: Canary, dify: Upstream) -> list[str]:
    known = {"canary": canary.port, "dify": dify.port}
    addresses = [a.format(path=path, **known) for a in ADDRESSES for path in PATHS]
    return [*addresses, *ASIDE]


def test_no_address_leads_away_from_the_configured_server(
    world: tuple[Upstream, Site], canary: Canary, reached: set[Any]
) -> None:
    """Wherever Dify may name an address that the server then looks at."""
    dify, site = world
    app, addresses = site.apps[0], named(canary, dify)
    files: list[dict[str, Any]] = []
    for number, address in enumerate(addresses):
        usual = {"url": address, "type": "image", "belongs_to": "user"}
        files += [
            {**usual, "id": f"own-{number}"},
            {**usual, "id": f"far-{number}", "transfer_method": "remote_url"},
            {**usual, "id": f"up-{number}", "upload_file_id": address},
        ]
    dify.site = {"title": "x", "icon_type": "image", "icon_url": addresses[0]}
    dify.meta = {"tool_icons": {str(number): address for number, address in enumerate(addresses)}}
    dialogue = dify.keep(row("q", "a", message_files=files), user=ADA.user)
    place = site.directory.open(ADA, app, dialogue.id)
    site.directory.load(place, app)
    (turn,) = place.turns()
    assert len(turn.attachments) == 3 * len(addresses)
    pictures = Pictures(app, ADA.user)
    for file in turn.attachments:
        with suppress(DifyError, NoSuchFile):
            site.files.open(app, place, turn, file.id)
        pictures.address(file)
    app.profile()
    for tool in (None, *map(str, range(len(addresses)))):
        site.icons.of(app, tool)
    assert reached == {("127.0.0.1", dify.port)}
    assert canary.callers == 0
    paths = [path for _, path, _ in dify.requests]
    assert any(path.startswith("/files/tools/x.png") for path in paths), "something was asked for at all"
    services = {path for path in paths if path.startswith(("/conversations", "/info", "/../", "/.."))}
    assert services == {"/info"}, "the app's own, asked for once"
    assert paths.count("/info") == 1


CALLS: dict[str, Callable[[Client], Any]] = {
    "info": lambda client: client.application.info(),
    "history": lambda client: client.messages.list("c", "u"),
    "list": lambda client: client.conversations.list("u"),
    "question": lambda client: client.chat.send(query="q", user="u").__enter__(),
    "upload": lambda client: client.files.upload("a.png", b"x", "image/png", "u"),
    "preview": lambda client: client.files.preview("f", user="u").__enter__(),
    "file": lambda client: client.files.signed("/files/x").__enter__(),
    "rename": lambda client: client.conversations.rename("c", "u", name="n"),
}


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"])
def test_a_server_that_points_elsewhere_is_not_followed(
    status: str, canary: Canary, reached: set[Any]
) -> None:
    """The key would go along."""

    def script(line: Line, _: Request) -> None:
        line.answer(status, b"", extra=f"Location: http://127.0.0.1:{canary.port}/files/x\r\n")

    with Wire(script) as wire, Client(wire.url, "app-a-key-of-ours", patience=QUICK) as client:
        for name, call in CALLS.items():
            with pytest.raises(DifyError):
                call(client)
            assert wire.requests, name
        assert reached == {("127.0.0.1", wire.port)}
    assert canary.callers == 0
