"""docs/settings.md names every variable that the code reads and no other; README none that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from embedded.__main__ import KEY_VARIABLE
from embedded.model import Model
from services.settings import Settings
from tests.site import ROOT
from tests.unit.test_source_rules import python

NAME = re.compile(r"`([A-Z][A-Z_]{3,})`")
READERS = {
    "app.py": "Settings.read",
    "embedded/__main__.py": "the key",
    "embedded/backend.py": "Model.from_environment",
    "embedded/model.py": "Model.from_environment",
    "embedded/worker.py": "hands a few on to the engines",
    "services/accounts/__main__.py": "Settings.read",
    "services/gaps/engine.py": "hands a few on to the embeddings",
    "services/backend.py": "hands them on to the embedded backend",
}
"""Who looks at the environment, and what for; the variables of these are asked for below."""


class Asked(dict[str, str]):
    """An environment that remembers which variables somebody wanted."""

    def __init__(self, **environ: str) -> None:
        super().__init__(environ)
        self.names: set[str] = set()

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        self.names.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return super().__getitem__(name)


def read() -> set[str]:
    app = {"DIFY_BASE_URL": "https://dify.example.com/v1", "DIFY_API_KEY": "app-key"}
    proxy = {"AUTH_PROXY_SECRET": "s" * 64, "AUTH_PROXY_NETWORKS": "127.0.0.1"}
    names = {KEY_VARIABLE}
    for auth in ({"AUTH": "accounts"}, {"AUTH": "oidc"}, {"AUTH": "proxy", **proxy}):
        asked = Asked(**app, **auth)
        Settings.read(asked, ROOT)
        names |= asked.names
    asked = Asked()
    Model.from_environment(asked)
    return names | asked.names


def in_tables() -> Iterator[str]:
    """The variables that a row of the page is about."""
    for line in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            yield from NAME.findall(line.split(" | ")[0])


def test_every_variable_is_told_of_once() -> None:
    told = list(in_tables())
    assert sorted(told) == sorted(read())


def test_the_environment_is_read_in_few_places() -> None:
    found = {name for name, text in python() if re.search(r"\bos\.(environ|getenv)\b", text)}
    assert found == READERS.keys()


def test_readme_names_no_variable_that_nobody_reads() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = {*NAME.findall(text), *re.findall(r"^export ([A-Z_]+)=", text, re.M)}
    known = read()
    of_an_app = {f"DIFY_{app}_{end}" for app in ("SUPPORT", "HR_DESK") for end in ("API_KEY", "GROUPS")}
    assert len(named & known) > 15
    assert named <= known | of_an_app
