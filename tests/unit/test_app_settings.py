"""Several apps, from the environment and from secrets.toml: what is read, and what is refused in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.access import Access
from services.identity import Identity, Role
from services.settings import Settings, SettingsError

ROOT = Path("/srv/console")
KEY, OTHER = "app-CANARYfirst", "app-CANARYother"
URL = "https://dify.example.com/v1"
FIRST = {"DIFY_BASE_URL": URL, "DIFY_API_KEY": KEY}
SALES = {"base_url": "http://sales/v1", "api_key": OTHER}


def read(environ: dict[str, str], **tables: Any) -> Settings:
    return Settings.read(environ, ROOT, {"apps": tables, "auth": {"cookie_secret": "x"}} if tables else {})


@pytest.mark.parametrize(
    ("environ", "tables", "found"),
    [
        (FIRST, {}, [("app", URL, KEY)]),
        ({}, {"sales": SALES}, [("sales", "http://sales/v1", OTHER)]),
        (FIRST, {"sales": SALES}, [("app", URL, KEY), ("sales", "http://sales/v1", OTHER)]),
        ({"DIFY_BASE_URL": URL}, {"sales": {"api_key": OTHER}}, [("sales", URL, OTHER)]),
        (
            {"DIFY_APPS": " hr-desk, sales,", "DIFY_BASE_URL": URL, "DIFY_HR_DESK_API_KEY": KEY}
            | {"DIFY_SALES_API_KEY": OTHER, "DIFY_SALES_BASE_URL": "http://sales"},
            {},
            [("hr-desk", URL, KEY), ("sales", "http://sales/v1", OTHER)],
        ),
        ({"DIFY_SALES_API_KEY": KEY}, {"sales": SALES}, [("sales", "http://sales/v1", KEY)]),
        ({"DIFY_APPS": "sales,app", **FIRST, "DIFY_SALES_API_KEY": OTHER}, {}, ["sales", "app"]),
        ({"DIFY_API_KEY": KEY}, {"app": {"base_url": URL}}, [("app", URL, KEY)]),
        ({"DIFY_APPS": " , "}, {}, []),
    ],
)
def test_what_is_configured(environ: dict[str, str], tables: dict[str, Any], found: list[Any]) -> None:
    apps = read(environ, **tables).apps
    named = [
        app.slug if isinstance(each, str) else (app.slug, app.base_url, app.api_key)
        for app, each in zip(apps, found, strict=True)
    ]
    assert named == found


def test_all_that_can_be_said_of_an_app() -> None:
    (app,) = read(
        {"DIFY_SALES_GROUPS": "sales, leads"},
        sales=SALES
        | {"dataset_key": "dataset-x", "name": " Sales  desk ", "role": "Agent", "users": ["ada"]},
    ).apps
    assert (app.dataset_key, app.name) == ("dataset-x", "Sales desk")
    assert app.access == Access(Role.AGENT, frozenset({"sales", "leads"}), frozenset({"ada"}))
    assert not {KEY, OTHER, "dataset-x"} & set(repr(app).replace("'", " ").split())


BAD: list[tuple[dict[str, str], Any, str]] = [
    ({"DIFY_APPS": "sales"}, None, "The app sales has no base_url."),
    ({"DIFY_APPS": "sales", "DIFY_SALES_BASE_URL": URL}, None, "or DIFY_SALES_API_KEY, to the key"),
    ({}, {"sales": {"base_url": URL}}, r"Set api_key under \[apps.sales\]"),
    ({}, {"sales": SALES | {"base_url": "sales/v1"}}, "base_url of the app sales is not a web address"),
    ({}, {"sales": SALES | {"api_key": "two words"}}, "api_key of the app sales holds a space"),
    ({}, {"sales": SALES | {"dataset_key": "ключ"}}, "dataset_key of the app sales holds"),
    ({}, {"sales": SALES | {"apikey": "x"}}, "'apikey', which means nothing"),
    ({}, {"sales": SALES | {"role": "boss"}}, "role of the app sales is none of the roles: viewer, agent"),
    ({}, {"sales": SALES | {"groups": 7}}, "groups of the app sales must be a list"),
    ({}, {"sales": SALES | {"users": ["a", 7]}}, "users of the app sales must be a list"),
    ({}, {"sales": SALES | {"name": 7}}, "name of the app sales must be a text"),
    ({}, {"sales": "app-x"}, "The app sales must be a table"),
    ({}, {"Sales desk": SALES}, "'Sales desk' cannot be the short name"),
    ({"DIFY_APPS": "dataset"}, None, "'dataset' cannot be the short name"),
    ({"DIFY_APPS": "../x"}, None, "cannot be the short name"),
]


@pytest.mark.parametrize(("environ", "tables", "said"), BAD)
def test_what_is_wrong_is_said_in_a_sentence_that_names_the_app(
    environ: dict[str, str], tables: Any, said: str
) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        read(environ, **(tables or {}))
    assert not any(secret in str(caught.value) for secret in (KEY, OTHER, "two words", "ключ"))


@pytest.mark.parametrize(("environ", "tables", "said"), BAD)
def test_one_that_is_wrong_leaves_the_others_alone(environ: dict[str, str], tables: Any, said: str) -> None:
    settings = read(environ, good={"base_url": URL, "api_key": KEY}, **(tables or {}))
    assert [app.slug for app in settings.apps] == ["good"]
    (remark,) = settings.remarks
    assert remark.endswith("Until then this app is left out.")


def test_apps_that_are_no_tables() -> None:
    with pytest.raises(SettingsError, match=r"tables such as \[apps.support\]"):
        Settings.read({}, ROOT, {"apps": "sales"})


def test_two_that_are_wrong_are_both_told() -> None:
    with pytest.raises(SettingsError, match=r"The app one has .* The app two has "):
        read({}, one={}, two={})


@pytest.mark.parametrize(
    ("access", "allowed"),
    [
        (Access(), "viewer agent boss ann"),
        (Access(Role.AGENT), "agent boss ann"),
        (Access(groups=frozenset({"sales", "leads"})), "boss ann"),
        (Access(users=frozenset({"agent"})), "agent boss"),
        (Access(Role.CURATOR, frozenset({"sales"}), frozenset({"viewer"})), "boss"),
    ],
)
def test_who_may_use_an_app(access: Access, allowed: str) -> None:
    people = (
        Identity("viewer", Role.VIEWER),
        Identity("agent", Role.AGENT, name="ann", groups=frozenset({"help"})),
        Identity("boss", Role.ADMIN),
        Identity("ann", Role.AGENT, groups=frozenset({"sales"})),
    )
    assert [each.user for each in people if access.allows(each)] == allowed.split()
