"""The command line: `python -m embedded --host 127.0.0.1 --port 5001 --api-key KEY --data DIR`."""

from __future__ import annotations

import argparse
import os
import secrets
import socket
import sqlite3
import sys
import threading
from pathlib import Path

KEY_VARIABLE = "EMBEDDED_API_KEY"


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line as a namespace: host, port, api_key (or None), data, dialect, faults, files_url, …"""
    parser = argparse.ArgumentParser(prog="python -m embedded", description="A Dify-compatible chat server.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=5001, help="0 takes a free one (default: %(default)s)")
    parser.add_argument(
        "--api-key",
        default=os.environ.get(KEY_VARIABLE),
        help=f"the key that clients must send; better given as {KEY_VARIABLE}, which `ps` does not show. "
        "Without either, a new key is made and printed",
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=Path("data/embedded"),
        help="folder of the database (default: %(default)s)",
    )
    parser.add_argument(
        "--dialect",
        default="real",
        choices=("real", "000", "001", "002", "003", "004"),
        help="speak as a real server does, or as one of the API documents says (default: %(default)s)",
    )
    parser.add_argument(
        "--faults", action="store_true", help="let requests ask for faults by the header X-Embedded-Fault"
    )
    parser.add_argument(
        "--files-url",
        help="what file addresses begin with (default: the address that the client used; empty: relative)",
    )
    parser.add_argument("--end-with-stdin", action="store_true", help="end when standard input is closed")
    return parser.parse_args(arguments)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, opened before anything slow so that a taken port is reported at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=128)
    except (OSError, OverflowError) as error:
        sys.exit(f"Cannot listen on {host} port {port}: {error}")
    # Connections inherit it. asyncio leaves it unset on sockets it did not open, and then Nagle's algorithm
    # holds the first words of an answer back for 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def main(arguments: list[str] | None = None) -> None:
    """Serve until SIGTERM, SIGINT or, where asked for, the end of standard input."""
    chosen = options(arguments)
    listener = listen(chosen.host, chosen.port)
    # Imported only now: clients can already connect, and wait, while FastAPI loads.
    from embedded.api import build
    from embedded.backend import Backend
    from embedded.server import Server

    key = chosen.api_key or f"app-{secrets.token_urlsafe(18)}"
    try:
        backend = Backend(chosen.data, key, chosen.files_url)
    except (OSError, sqlite3.Error) as error:
        sys.exit(f"Cannot keep conversations in {chosen.data}: {error}")
    server = Server(build(backend, chosen.dialect, chosen.faults), backend.tasks)
    if chosen.end_with_stdin:
        threading.Thread(target=server.end_with_stdin, daemon=True).start()
    host = f"[{chosen.host}]" if ":" in chosen.host else chosen.host
    print(f"Serving http://{host}:{listener.getsockname()[1]}/v1", flush=True)
    if not chosen.api_key:
        print(f"API key: {key}", flush=True)
    server.serve_on(listener)


if __name__ == "__main__":
    main()
