"""The Dify apps this site serves: each a client and what is known of how the app presents itself."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from services import standing
from services.access import EVERYBODY, Access
from services.dify.application import Info, Meta, Site
from services.dify.client import Client
from services.dify.errors import DifyError
from services.dify.models import Models
from services.dify.parameters import Parameters
from services.standing import Standing

SERVED = frozenset({"chat", "agent-chat", "agent", "advanced-chat"})
FRESH_FOR = 60.0
"""Seconds for which a profile is not asked for again."""
SLOT = re.compile(r"\s*\{\{\s*([^{}\s]+)\s*\}\}")


class NotServed(Exception):
    """The app is of a kind that this console does not serve; the argument is Dify's name of the kind."""


class NoSuchApp(LookupError):
    """There is no app of this slug, or this person may not use it: never said which."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What an app says of itself; every part may be empty on older servers."""

    info: Info
    parameters: Parameters
    site: Site
    meta: Meta

    @property
    def name(self) -> str:
        return self.site.title or self.info.name or "Chat"

    @property
    def color(self) -> str | None:
        """The theme colour, if it is a plain hex colour: it is put into a style."""
        color = self.site.chat_color_theme
        return color if re.fullmatch(r"#[0-9a-fA-F]{3,8}", color) else None

    @property
    def icon(self) -> str | None:
        """An emoji or a letter to draw; None where the icon is an image."""
        return self.site.icon if self.site.icon_type == "emoji" and len(self.site.icon) <= 16 else None

    @property
    def icon_address(self) -> str:
        """Where the app's icon is, if it is an image (icon type image, or link)."""
        return self.site.icon_url or (self.site.icon if self.site.icon_type == "link" else "")

    def opening(self, inputs: Mapping[str, Any]) -> str:
        """The opening statement with its {{variables}} filled: from inputs, else from the form's defaults.

        A slot without a value goes, with the space before it: "Hello {{name}}!" becomes "Hello!".
        """
        values = {f.variable: f.default for f in self.parameters.user_input_form} | dict(inputs)

        def fill(slot: re.Match[str]) -> str:
            value = values.get(slot[1])
            if value is None or value == "":
                return ""
            space = slot[0][: len(slot[0]) - len(slot[0].lstrip())]
            return f"{space}{value}"

        return SLOT.sub(fill, self.parameters.opening_statement)


class App:
    """One Dify app. `slug` names it in our URLs; `name` stands for the one that it gives itself."""

    def __init__(
        self,
        slug: str,
        client: Client,
        name: str = "",
        access: Access = EVERYBODY,
        models: Models | None = None,
    ) -> None:
        self.slug, self.client, self._name, self.access = slug, client, name, access
        self.models = models
        """None without a dataset key: then no list of embedding models can be had."""
        self.standing = Standing()
        self._lock = threading.Lock()
        self._profile: Profile | None = None
        self._failure: DifyError | None = None
        self._read_at = 0.0

    @property
    def known(self) -> Profile | None:
        """What was last read, however old."""
        return self._profile

    @property
    def name(self) -> str:
        """As far as it is known without asking."""
        if self._name:
            return self._name
        return self._profile.name if self._profile else self.slug.replace("-", " ").capitalize()

    def profile(self) -> Profile:
        """As it was read last; where that is longer ago than FRESH_FOR it is read again, for the next time.

        Raises DifyError where it could never be read, NotServed for apps of another kind.
        """
        asked_at = time.monotonic()
        with self._lock:
            if self._profile is None:
                if self._failure and self._read_at > asked_at:
                    raise self._failure  # who waited for an attempt that failed need not make another
                try:
                    self._profile = self._read()
                except DifyError as error:
                    self._failure = error
                    raise
                finally:
                    self._read_at = time.monotonic()
            elif time.monotonic() - self._read_at > FRESH_FOR:
                self._read_at = time.monotonic()
                # Not by the person who happens to come now, while everybody else would wait behind them.
                threading.Thread(target=self._refresh, name="profile", daemon=True).start()
            return self._profile

    def _refresh(self) -> None:
        try:
            self._profile = self._read()
        except NotServed:
            self._profile = None  # the next one to ask is told
        except DifyError:
            pass  # what is known is better than nothing

    def _read(self) -> Profile:
        try:
            profile = self._asked()
        except NotServed as kind:
            self.standing = self.standing.then("kind", str(kind))
            raise
        except DifyError as error:
            self.standing = self.standing.then(*standing.after(error))
            raise
        self.standing = self.standing.then(*standing.of(profile, self.client.application.server_version))
        return profile

    def _asked(self) -> Profile:
        application = self.client.application
        info = application.info()
        if info.mode and info.mode not in SERVED:
            raise NotServed(info.mode)
        profile = Profile(info, application.parameters(), application.site(), application.meta())
        return replace(profile, site=replace(profile.site, title=self._name)) if self._name else profile


def named(apps: Iterable[App], slug: str) -> App:
    """Raises NoSuchApp."""
    found = next((app for app in apps if app.slug == slug), None)
    if found is None:
        raise NoSuchApp(slug)
    return found
