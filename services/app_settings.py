"""Which Dify apps the site was told of: by its environment and by the `[apps.<slug>]` of secrets.toml.

The slug names an app in our addresses and in the database. The app `app` is the one of DIFY_BASE_URL and
DIFY_API_KEY; every other one has its own variables, DIFY_<SLUG>_BASE_URL and so on. A variable wins over what
the file says. What is wrong with one app leaves that app out and is told; the others are served.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.access import EVERYBODY, Access
from services.base_url import CLOUD, mended
from services.identity import Role
from services.settings_error import SettingsError

FIRST = "app"
VARIABLES = {
    "base_url": "BASE_URL",
    "api_key": "API_KEY",
    "dataset_key": "DATASET_API_KEY",
    "name": "NAME",
    "role": "ROLE",
    "groups": "GROUPS",
    "users": "USERS",
}
"""What can be said of an app: key in secrets.toml -> end of its variable."""
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
TAKEN = {"dataset"}
"""DIFY_DATASET_API_KEY is a variable of the first app."""
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class AppSettings:
    """One Dify app: where its Service API is (ends in /v1) and the key that names it."""

    slug: str
    base_url: str
    api_key: str = field(repr=False)
    dataset_key: str = field(default="", repr=False)
    """Of the Knowledge API; with it the embedding models of the workspace can be listed."""
    name: str = ""
    """What people read instead of the name that the app gives itself."""
    access: Access = EVERYBODY


def read_apps(
    environ: Mapping[str, str], secrets: Mapping[str, Any]
) -> tuple[tuple[AppSettings, ...], tuple[str, ...]]:
    """The apps, the first one first, and remarks: what was mended, and which apps are left out and why.

    Empty where nothing is configured. Raises SettingsError where no app remains, in a sentence for each.
    """
    tables, problems = _tables(environ, secrets)
    apps: list[AppSettings] = []
    remarks: list[str] = []
    for slug, table in tables.items():
        try:
            app, found = _app(slug, table)
        except SettingsError as error:
            problems.append(str(error))
        else:
            apps.append(app)
            remarks += found
    if problems and not apps:
        raise SettingsError(" ".join(problems))
    return tuple(apps), (*(f"{problem} Until then this app is left out." for problem in problems), *remarks)


def _tables(
    environ: Mapping[str, str], secrets: Mapping[str, Any]
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """What is said of each app, by slug; and what is wrong with the whole."""

    def said(variable: str) -> str:
        return environ.get(variable, "").strip()

    in_file = secrets.get("apps", {})
    problems: list[str] = []
    if not isinstance(in_file, Mapping):
        problems.append("apps in secrets.toml must be tables such as [apps.support].")
        in_file = {}
    listed = [slug for name in said("DIFY_APPS").split(",") if (slug := name.strip())]
    slugs = list(dict.fromkeys([*listed, *map(str, in_file)]))
    if FIRST not in slugs and (said("DIFY_API_KEY") or (said("DIFY_BASE_URL") and not slugs)):
        slugs.insert(0, FIRST)
    tables: dict[str, dict[str, Any]] = {}
    for slug in slugs:
        table = in_file.get(slug, {})
        if not SLUG.fullmatch(slug) or slug in TAKEN:
            problems.append(
                f"{slug[:40]!r} cannot be the short name of an app: use a-z, 0-9 and -, at most 40 of them, "
                "and not dataset."
            )
        elif not isinstance(table, Mapping):
            problems.append(f"The app {slug} must be a table in secrets.toml: [apps.{slug}], then its lines.")
        else:
            variables = {key: said(variable(slug, key)) for key in VARIABLES}
            default = {"base_url": url} if (url := said("DIFY_BASE_URL")) else {}
            tables[slug] = {**default, **table, **{key: text for key, text in variables.items() if text}}
    return tables, problems


def variable(slug: str, key: str) -> str:
    """The variable that says this of the app; those of the first one have no name in them."""
    middle = "" if slug == FIRST else slug.upper().replace("-", "_") + "_"
    return f"DIFY_{middle}{VARIABLES[key]}"


def _app(slug: str, table: Mapping[str, Any]) -> tuple[AppSettings, list[str]]:
    """One app, and what was mended. Raises SettingsError in one sentence that names the app."""
    if unknown := sorted(set(table) - set(VARIABLES)):
        raise SettingsError(
            f"[apps.{slug}] in secrets.toml says {unknown[0][:40]!r}, which means nothing there: it can say "
            f"{', '.join(VARIABLES)}."
        )
    texts = {
        key: _text(slug, key, table.get(key, "")) for key in ("base_url", "api_key", "dataset_key", "name")
    }
    if not texts["base_url"]:
        raise SettingsError(_missing(slug, "api_key", "base_url"))
    if not texts["api_key"]:
        raise SettingsError(_missing(slug, "base_url", "api_key"))
    for key in ("api_key", "dataset_key"):
        if not _sendable(texts[key]):
            raise SettingsError(
                f"{_called(slug, key)} holds a space or a sign that no key has. Copy it again from Dify."
            )
    base_url, remarks = mended(texts["base_url"], _called(slug, "base_url"))
    access = Access(
        _role(slug, table.get("role", "")),
        _names(slug, "groups", table.get("groups", "")),
        _names(slug, "users", table.get("users", "")),
    )
    name = " ".join(texts["name"].split())[:LONGEST_NAME]
    return AppSettings(slug, base_url, texts["api_key"], texts["dataset_key"], name, access), remarks


def _called(slug: str, key: str) -> str:
    """How a sentence names what is wrong."""
    return variable(slug, key) if slug == FIRST else f"{key} of the app {slug}"


def _missing(slug: str, there: str, missing: str) -> str:
    where = {
        "base_url": f"{CLOUD} for Dify Cloud, or to the address of your own server, ending in /v1.",
        "api_key": (
            "the key of your app (in Dify: the app, then API Access, then API Key; it begins with app-)."
        ),
    }[missing]
    if slug == FIRST:
        name = variable(slug, missing)
        return f"{variable(slug, there)} is set, but {name} is not. Set {name} to {where}"
    return (
        f"The app {slug} has no {missing}. Set {missing} under [apps.{slug}] in secrets.toml, or "
        f"{variable(slug, missing)}, to {where}"
    )


def _text(slug: str, key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise SettingsError(f"{_called(slug, key)} must be a text in quotes.")
    return value.strip()


def _role(slug: str, value: Any) -> Role:
    name = _text(slug, "role", value).upper()
    if name and name not in Role.__members__:
        known = ", ".join(each.name.lower() for each in Role)
        raise SettingsError(f"{_called(slug, 'role')} is none of the roles: {known}.")
    return Role[name] if name else Role.VIEWER


def _names(slug: str, key: str, value: Any) -> frozenset[str]:
    """A list of texts, or one text with commas."""
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise SettingsError(f"{_called(slug, key)} must be a list of texts, or one text with commas.")
    return frozenset(name.strip() for name in names if name.strip())


def _sendable(key: str) -> bool:
    return key.isascii() and key.isprintable() and " " not in key
