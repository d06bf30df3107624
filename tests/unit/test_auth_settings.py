"""How people sign in, as the environment says."""

from __future__ import annotations

from pathlib import Path

import pytest

from services import assembly
from services.auth_settings import AuthSettings
from services.identity import Role
from services.settings import Settings, refuse_exposure
from services.settings_error import SettingsError


def test_nothing_set_is_open() -> None:
    assert AuthSettings.read({}) == AuthSettings("open", plain_user=False, new_role=Role.VIEWER)


def test_what_is_set() -> None:
    given = {"AUTH": " Accounts ", "AUTH_DIFY_USER": "plain", "AUTH_NEW_ROLE": "curator"}
    assert AuthSettings.read(given) == AuthSettings("accounts", plain_user=True, new_role=Role.CURATOR)
    assert Settings.read(given, Path("/")).auth.mode == "accounts"


@pytest.mark.parametrize("name", ["AUTH", "AUTH_DIFY_USER", "AUTH_NEW_ROLE"])
def test_a_word_that_nobody_knows_is_answered_with_those_that_are(name: str) -> None:
    with pytest.raises(SettingsError, match=rf"{name} is one of \w+, .*not 'everyone'"):
        AuthSettings.read({name: "everyone"})


def test_a_site_where_people_sign_in_may_listen_anywhere() -> None:
    refuse_exposure("0.0.0.0", "accounts")


def test_the_site_has_the_way_that_is_set(tmp_path: Path) -> None:
    site = assembly.built(Settings(tmp_path, auth=AuthSettings("accounts")), tmp_path)
    assert site.identities.mode == "accounts"
    site.store.close()


def test_who_is_in_no_group_can_be_kept_out_and_told_whom_to_ask() -> None:
    read = AuthSettings.read({"AUTH_NEW_ROLE": "none", "ADMIN_CONTACT": "  Grace,\n ext. 4711 "})
    assert (read.new_role, read.contact) == (None, "Grace, ext. 4711")
    assert read.groups.role([]) is None
