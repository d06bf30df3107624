"""The environment, read once: what works, what is mended, and what is refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.dify.client import Client
from services.settings import Settings, SettingsError, refuse_exposure

ROOT = Path("/srv/console")
KEY = "app-CANARYsecret"


def read(**environ: str) -> Settings:
    return Settings.read(environ, ROOT)


def url(given_url: str) -> str:
    app = read(DIFY_BASE_URL=given_url, DIFY_API_KEY=KEY).app
    assert app is not None
    return app.base_url


def test_nothing_is_the_embedded_backend() -> None:
    for environ in ({}, {"DIFY_BASE_URL": " ", "DIFY_API_KEY": ""}):
        settings = Settings.read(environ, ROOT)
        assert (settings.app, settings.remarks) == (None, ())


def test_both_are_a_dify() -> None:
    settings = read(DIFY_BASE_URL="https://dify.example.com/v1", DIFY_API_KEY=f" {KEY}\n")
    assert settings.app is not None
    assert (settings.app.slug, settings.app.base_url, settings.app.api_key) == (
        "app",
        "https://dify.example.com/v1",
        KEY,
    )
    assert settings.remarks == ()


@pytest.mark.parametrize(
    ("given_url", "used", "remarks"),
    [
        ("http://h/v1", "http://h/v1", ()),
        ("http://h/v1/", "http://h/v1", ("slash",)),
        ("http://h/v1///", "http://h/v1", ("slash",)),
        ("http://h", "http://h/v1", ("/v1",)),
        ("http://h/", "http://h/v1", ("slash", "/v1")),
        ("http://h:5001/dify", "http://h:5001/dify/v1", ("/v1",)),
        ("http://h/dify/v1/", "http://h/dify/v1", ("slash",)),
        ("HTTP://H/v1", "http://H/v1", ()),
        ("http://[::1]:5001/v1", "http://[::1]:5001/v1", ()),
        ("http://127.0.0.1:5001/v1", "http://127.0.0.1:5001/v1", ()),
        ("https://bücher.example/v1", "https://bücher.example/v1", ()),
    ],
)
def test_an_address_is_mended_and_that_is_said(given_url: str, used: str, remarks: tuple[str, ...]) -> None:
    settings = read(DIFY_BASE_URL=given_url, DIFY_API_KEY=KEY)
    assert settings.app is not None
    assert settings.app.base_url == used
    assert len(settings.remarks) == len(remarks)
    for remark, word in zip(settings.remarks, remarks, strict=True):
        assert word in remark
    Client(settings.app.base_url, settings.app.api_key).close()


def test_a_key_without_an_address_names_the_clouds() -> None:
    with pytest.raises(SettingsError, match="DIFY_BASE_URL") as caught:
        read(DIFY_API_KEY=KEY)
    assert "https://api.dify.ai/v1" in str(caught.value)


def test_an_address_without_a_key() -> None:
    with pytest.raises(SettingsError, match="Set DIFY_API_KEY"):
        read(DIFY_BASE_URL="http://h/v1")


BAD_URLS = [
    "h/v1",
    "//h/v1",
    "ftp://h/v1",
    "http://",
    "http:///v1",
    "http://h:99999/v1",
    "http://h:port/v1",
    "http://[/v1",
    "http://[::1/v1",
    "http://user:pw@h/v1",
    "http://user@h/v1",
    "http://h/v1?x=1",
    "http://h/v1#x",
    "javascript:alert(1)",
    "app-something",
    "http://h\\@evil/v1",
]


@pytest.mark.parametrize("bad", BAD_URLS)
def test_what_cannot_be_an_address_is_refused_in_words(bad: str) -> None:
    with pytest.raises(SettingsError, match="DIFY_BASE_URL") as caught:
        url(bad)
    assert KEY not in str(caught.value)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize("bad", ["app key", "app-ключ", "app-\x07", "Bearer app-x", "app-x\ny"])
def test_what_cannot_be_a_key_is_refused_without_quoting_it(bad: str) -> None:
    with pytest.raises(SettingsError, match="DIFY_API_KEY") as caught:
        read(DIFY_BASE_URL="http://h/v1", DIFY_API_KEY=bad)
    assert bad not in str(caught.value)


@given(st.text(max_size=40) | st.text("htp:/[]@.v1 #?%\\", max_size=20).map("http://".__add__))
@example("HTTP://:@0")
def test_any_address_works_or_is_refused(anything: str) -> None:
    try:
        settings = read(DIFY_BASE_URL=anything, DIFY_API_KEY=KEY)
    except SettingsError:
        return
    assert settings.app is not None
    Client(settings.app.base_url, KEY).close()


def test_the_key_is_not_in_the_repr() -> None:
    assert KEY not in repr(read(DIFY_BASE_URL="http://h/v1", DIFY_API_KEY=KEY))


def test_where_data_is_kept() -> None:
    assert read().data_dir == ROOT / "data"
    assert read(DATA_DIR="elsewhere").data_dir == ROOT / "elsewhere"
    assert read(DATA_DIR="/var/lib/console").database == Path("/var/lib/console/console.sqlite3")


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_this_machine_may_be_listened_on(address: str) -> None:
    refuse_exposure(address, "open")


@pytest.mark.parametrize(
    "address", [None, "", "0.0.0.0", "::", "192.168.1.5", "example.com", "localhost.evil.example"]
)
def test_nothing_else_may(address: str | None) -> None:
    with pytest.raises(SettingsError, match=r"server\.address"):
        refuse_exposure(address, "open")


def test_a_dataset_key_is_optional_and_checked_alike() -> None:
    known = {"DIFY_BASE_URL": "http://h/v1", "DIFY_API_KEY": KEY}
    for given_key, kept in ((None, ""), (" dataset-x\n", "dataset-x")):
        app = read(**known, **({"DIFY_DATASET_API_KEY": given_key} if given_key else {})).app
        assert app is not None
        assert app.dataset_key == kept
    with pytest.raises(SettingsError, match="DIFY_DATASET_API_KEY") as caught:
        read(**known, DIFY_DATASET_API_KEY="two words")
    assert "two words" not in str(caught.value)
    assert "dataset-x" not in repr(read(**known, DIFY_DATASET_API_KEY="dataset-x"))
