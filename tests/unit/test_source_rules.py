"""What the source may not hold, whoever writes it: the ways in which foreign text or a stranger gets power.

An exception is added to the table of its rule, where a reader of this file finds it.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site import ROOT

SHIPPED = ("app.py", "pages", "components", "routes", "services", "embedded")
FRONTEND = ROOT / "components" / "transcript" / "frontend"
HTML = {
    "components/look.py": "style sheets, without a word from outside",
    "components/annotations/difference.py": "escaped text, <del> and <ins>",
}
"""Who calls st.html, with what."""
NETWORK = {
    "services/backend.py": "asks its own child, on loopback",
    "services/base_url.py": "reads an address, opens none",
    "services/dify/addresses.py": "reads an address, opens none",
    "services/dify/body.py": "reads answers",
    "services/dify/client.py": "names a transport",
    "services/dify/connection.py": "the one way to the configured server",
    "services/dify/download.py": "reads answers",
    "services/dify/failures.py": "names errors",
    "services/dify/files.py": "takes addresses apart",
    "services/dify/patience.py": "names time-outs",
    "services/dify/stream.py": "reads answers",
    "routes/nagle.py": "sets an option of the listening socket",
}
"""Who imports what can open a connection, and why."""
PEOPLE = {
    "services/accounts/book.py": "after a password",
    "services/deleting.py": "for the audit trail: who wanted it",
    "services/privacy/deletion.py": "for the audit trail: who wanted it, after a restart",
    "services/identities/oidc.py": "after a provider's word",
    "services/identities/open.py": "after a signed cookie",
    "services/identities/proxy.py": "after the proxy's secret",
    "services/annotations/imports.py": "goes on with what a curator began, after a restart",
}
"""Who says who somebody is; nobody else makes an Identity."""
SESSION = "components/session/"
"""The one that holds what Streamlit remembers of a tab."""
SINKS = (
    r"\.(inner|outer)HTML\s*\+?=",
    r"insertAdjacentHTML|document\.write|createContextualFragment|setHTMLUnsafe|srcdoc",
    r"DOMParser|\beval\(|new Function\(|\bimport\(\s*[^\"'`\s]",
    r"set(Timeout|Interval)\(\s*[\"'`]",
)
"""Ways in which text becomes markup or code."""


def python() -> Iterator[tuple[str, str]]:
    for place in SHIPPED:
        path = ROOT / place
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            yield file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def imported(tree: ast.AST) -> set[str]:
    """First part of every module that is imported, with the second one for those that hold several things."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_no_page_takes_html() -> None:
    found = {}
    for name, text in python():
        assert "unsafe_allow_html" not in text, name
        assert "streamlit.components.v1" not in text, name
        for call in calls(ast.parse(text)):
            if isinstance(call.func, ast.Attribute) and call.func.attr in {"html", "iframe"}:
                value = call.func.value
                if isinstance(value, ast.Name) and value.id == "st":
                    found[name] = True
    assert found.keys() == HTML.keys()


def test_nothing_is_cached_for_whoever_comes_next() -> None:
    """An underscore before a cached function's argument once showed one person what another had seen."""
    for name, text in python():
        assert not re.search(r"\bcache_(data|resource)\b", text), name


def test_connections_are_opened_in_few_places() -> None:
    openers = {"httpx", "requests", "aiohttp", "socket", "urllib.request", "http.client", "ftplib", "smtplib"}
    found = {
        n for n, text in python() if not n.startswith("embedded/") and openers & imported(ast.parse(text))
    }
    assert found == NETWORK.keys()


def test_nobody_else_says_who_somebody_is() -> None:
    found = set()
    for name, text in python():
        made = (call.func for call in calls(ast.parse(text)))
        if any(isinstance(func, ast.Name) and func.id == "Identity" for func in made):
            found.add(name)
    assert found == PEOPLE.keys()


def test_the_state_of_a_tab_has_one_owner() -> None:
    for name, text in python():
        if name.startswith(SESSION):
            continue
        used = imported(tree := ast.parse(text)) | {
            f"streamlit.{node.attr}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in {"st", "streamlit"}
        }
        assert not {"streamlit.session_state", "streamlit.query_params"} & used, name
        assert not [module for module in used if module.startswith("components.session.")], name


def test_code_is_never_made_of_text() -> None:
    banned = {"eval", "exec", "compile", "__import__"}
    for name, text in python():
        tree = ast.parse(text)
        for call in calls(tree):
            assert not (isinstance(call.func, ast.Name) and call.func.id in banned), name
        assert not {"pickle", "marshal", "shelve", "dill"} & imported(tree), name
        assert "shell=True" not in text, name


def test_no_rule_of_security_is_switched_off() -> None:
    for name, text in python():
        assert not re.search(r"#\s*noqa(?!:)|#\s*noqa:[^#\n]*\bS\d|#\s*nosec|type: ignore(?!\[)", text), name
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    assert "S" in rules["select"]
    assert {rule for rule in rules["ignore"] if re.match(r"S\d", rule)} == {"S101", "S603"}
    shipped = {place for place in rules["per-file-ignores"] if place.startswith(SHIPPED)}
    assert not [
        place for place in shipped if any(r.startswith("S") for r in rules["per-file-ignores"][place])
    ]


def test_the_browser_makes_markup_of_no_text() -> None:
    modules = [path for path in FRONTEND.rglob("*.js") if "vendor" not in path.parts]
    assert len(modules) > 40
    for path in modules:
        text = path.read_text(encoding="utf-8")
        for sink in SINKS:
            assert not re.search(sink, text), (path.name, sink)


def test_the_sanitiser_stands_behind_a_grammar_without_html() -> None:
    grammar = (FRONTEND / "markdown" / "grammar.js").read_text(encoding="utf-8")
    assert re.search(r"new MarkdownIt\(\{ html: false", grammar)
    diagrams = (FRONTEND / "markdown" / "diagrams.js").read_text(encoding="utf-8")
    assert 'securityLevel: "strict"' in diagrams
    assert "trust: false" in (FRONTEND / "markdown" / "maths.js").read_text(encoding="utf-8")
    makers = {
        path.name
        for path in (FRONTEND / "markdown").glob("*.js")
        if re.search(r"\bmd\.(render|parse)\b|renderer\.render", path.read_text(encoding="utf-8"))
    }
    assert makers <= {"grammar.js", "blocks.js"}


PINNED = {
    ("server", "address"): "127.0.0.1",
    ("server", "allowedHosts"): ["localhost", "127.0.0.1", "[::1]"],
    ("server", "enableCORS"): True,
    ("server", "enableXsrfProtection"): True,
    ("server", "enableStaticServing"): False,
    ("server", "fileWatcherType"): "none",
    ("client", "showErrorDetails"): "none",
    ("client", "showErrorLinks"): False,
    ("client", "toolbarMode"): "minimal",
    ("browser", "gatherUsageStats"): False,
    ("logger", "level"): "warning",
}


@pytest.mark.parametrize(("section", "name"), PINNED)
def test_streamlit_is_set_as_it_must_be(section: str, name: str) -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config[section][name] == PINNED[section, name]


def test_streamlit_takes_no_more_than_it_must() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["server"]
    assert config["maxUploadSize"] <= 100
    assert config["maxMessageSize"] <= 50
    assert config["disconnectedSessionTTL"] <= 600
    assert not config.get("enableAgentApi")
    assert not config.get("trustedUserHeaders")
    assert "cookieSecret" not in config, "it belongs into secrets.toml or the environment"


def test_a_rule_sees_what_it_forbids() -> None:
    """Each pattern above, against a line that it is there for."""
    lines = (
        "a.innerHTML = x",
        "a.outerHTML += x",
        "a.insertAdjacentHTML('beforeend', x)",
        "frame.srcdoc = x",
        "new DOMParser()",
        "await import(name)",
        "setTimeout('x()', 1)",
    )
    for line in lines:
        assert any(re.search(sink, line) for sink in SINKS), line
    for harmless in ("return code.outerHTML;", 'import("./x.js")', "setTimeout(act, 1)"):
        assert not any(re.search(sink, harmless) for sink in SINKS), harmless


def test_every_exception_still_is_one() -> None:
    for name in (*HTML, *NETWORK, *PEOPLE):
        assert Path(ROOT / name).exists(), name
