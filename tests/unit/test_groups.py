"""Roles from groups."""

from __future__ import annotations

import pytest

from services.auth_settings import AuthSettings
from services.identities.groups import Groups
from services.identity import Role
from services.settings_error import SettingsError


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        ([], Role.VIEWER),
        (["strangers"], Role.VIEWER),
        (["support"], Role.AGENT),
        (["it", "support", "leads"], Role.ADMIN),
        (["support", "leads"], Role.CURATOR),
        (["IT", "Support", " it", "it "], Role.VIEWER),
        (["cn=x"], Role.AGENT),
    ],
)
def test_the_highest_of_a_persons_groups_counts(groups: list[str], role: Role) -> None:
    known = Groups.read("support=agent, leads = Curator,it=admin,,cn=x=agent", Role.VIEWER)
    assert known.role(groups) is role


def test_a_low_group_is_lower_than_the_role_of_new_people() -> None:
    assert Groups.read("guests=viewer", Role.AGENT).role(["guests"]) is Role.VIEWER
    assert Groups.read("guests=viewer", Role.AGENT).role([]) is Role.AGENT


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "support=agnet",
            "AUTH_ROLES names the role “agnet”, but the roles are viewer, agent, curator, admin",
        ),
        ("support", "AUTH_ROLES holds “support”, which is no group=role"),
        ("=admin", "which is no group=role"),
        ("support=", "names the role “”"),
        ("it=admin, it=agent", "gives the group “it” two roles"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        AuthSettings.read({"AUTH_ROLES": text})


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"AUTH": "odic"}, "AUTH is one of open, .*oidc, proxy, not 'odic'"),
        ({"AUTH_DIFY_USER": "email"}, "AUTH_DIFY_USER is one of hash, plain"),
        ({"AUTH_NEW_ROLE": "root"}, "AUTH_NEW_ROLE is one of viewer"),
        (
            {"AUTH": "oidc", "AUTH_OIDC_HOURS": "1000"},
            "AUTH_OIDC_HOURS is “1000”, but it is a number up to 720",
        ),
        ({"AUTH": "oidc", "AUTH_OIDC_HOURS": "nan"}, "AUTH_OIDC_HOURS"),
        ({"AUTH": "oidc", "AUTH_OIDC_HOURS": "-1"}, "AUTH_OIDC_HOURS"),
    ],
)
def test_a_wrong_setting_is_said(environ: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        AuthSettings.read(environ)


def test_settings_that_belong_to_another_way_are_not_looked_at() -> None:
    assert AuthSettings.read({"AUTH_PROXY_SECRET": "short", "AUTH_OIDC_HOURS": "x"}) == AuthSettings()
