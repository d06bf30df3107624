"""The theme and the icon that every run of a page sends are what Streamlit makes of them."""

from __future__ import annotations

import pytest
from streamlit import config
from streamlit.commands import page_config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

from components import brand
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


def test_the_icon_is_what_streamlit_would_pass_on(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = page_config._get_favicon_string(brand.ICON)
    monkeypatch.setattr(page_config, "_get_favicon_string", page_config._get_favicon_string)
    theme.take_icon()
    assert page_config._get_favicon_string(brand.ICON) == looked_at == brand.ICON
    monkeypatch.delattr(page_config, "_get_favicon_string")
    theme.take_icon()
    assert not hasattr(page_config, "_get_favicon_string")
