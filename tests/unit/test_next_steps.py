"""What the terminal says beside the address of the site, as long as it is true."""

from __future__ import annotations

from pathlib import Path

from services import assembly
from services.auth_settings import AuthSettings
from services.identities.accounts import LocalAccounts
from services.identity import Role
from services.next_steps import DEMO, NO_ACCOUNT, next_steps
from services.settings import AppSettings, Settings


def test_the_demo_says_how_to_serve_an_app(tmp_path: Path) -> None:
    site = assembly.built(Settings(tmp_path), tmp_path)
    assert list(next_steps(site)) == [DEMO]
    site.stop()


def test_the_first_account_is_made_by_a_command(tmp_path: Path) -> None:
    app = AppSettings("app", "http://127.0.0.1:9/v1", "app-key")
    site = assembly.built(Settings(tmp_path, (app,), auth=AuthSettings("accounts")), tmp_path)
    assert list(next_steps(site)) == [NO_ACCOUNT]
    assert isinstance(site.identities, LocalAccounts)
    site.identities.book.admit("ada", Role.ADMIN)
    assert list(next_steps(site)) == []
    site.stop()
