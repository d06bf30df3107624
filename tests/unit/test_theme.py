"""The theme that every run of a page sends is what Streamlit makes of its settings."""

from __future__ import annotations

import pytest
from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

from routes import theme

PARTS = ("light", "dark", "sidebar", "light.sidebar", "dark.sidebar")
SECTIONS = ("theme", *(f"theme.{part}" for part in PARTS))


def told(section: str) -> CustomThemeConfig:
    message = CustomThemeConfig()
    app_session._populate_theme_msg(message, section)
    return message


def test_it_is_the_same_each_time_and_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    plainly = [told(section) for section in SECTIONS]
    assert plainly[1].primary_color == "#2f5bd3"
    monkeypatch.setattr(app_session, "_populate_theme_msg", app_session._populate_theme_msg)
    theme.keep()
    theme.keep()
    assert [told(section) for section in SECTIONS] == plainly

    def again(_: str) -> None:
        raise AssertionError("worked out again")

    monkeypatch.setattr(config, "get_options_for_section", again)
    assert [told(section) for section in SECTIONS] == plainly


def test_a_streamlit_that_does_it_otherwise_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(app_session, "_populate_theme_msg")
    theme.keep()
    assert not hasattr(app_session, "_populate_theme_msg")
