"""A process that takes up every interrupted import: `python -m tests.unit.importing DATABASE URL KEY`."""

from __future__ import annotations

import sys
import time
from functools import cache
from pathlib import Path

from services.annotations.book import Book
from services.annotations.imports import Imports
from services.apps import App
from services.dify.client import Client
from services.identity import Identity, Role
from services.store import Store


def main(path: str, url: str, key: str) -> None:
    store = Store.at(Path(path))
    app = App("app", Client(url, key))
    imports = Imports(cache(lambda of: Book(of, store.database)), store.database, pause=0.01)
    imports.go_on(app)
    print("going on", flush=True)
    ada = Identity("ada", Role.CURATOR)
    while any(about.state == "running" for about in imports.newest(ada, app)):
        time.sleep(0.01)


if __name__ == "__main__":
    main(*sys.argv[1:])
