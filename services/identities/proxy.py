"""Signing in at a proxy that stands before the site: it tells by headers who is asking.

Anybody can send headers. So they count only where the connection itself comes from a listed network and the
request carries a secret that the proxy alone knows; otherwise they are as if they had not been sent.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from services.identities.groups import Groups
from services.identity import LONGEST_USER, Identity, Mode, Refusal, Role, Secret
from services.settings_error import SettingsError

Network = IPv4Network | IPv6Network
NAME = re.compile(r"[A-Za-z0-9-]+\Z")
SHORTEST_SECRET = 32
THIS_MACHINE = tuple(map(ip_address, ("127.0.0.1", "::1")))
"""Streamlit tells pages of neither, so they are one."""


@dataclass(frozen=True, slots=True)
class ProxySettings:
    """Names of headers are in small letters."""

    networks: tuple[Network, ...]
    secret: str = field(repr=False)
    secret_header: str
    user_header: str
    name_header: str
    groups_header: str

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> ProxySettings:
        """From AUTH_PROXY_NETWORKS, AUTH_PROXY_SECRET and the names of the headers. Raises SettingsError."""
        secret = environ.get("AUTH_PROXY_SECRET", "").strip()
        if len(secret) < SHORTEST_SECRET or not (secret.isascii() and secret.isprintable()):
            raise SettingsError(
                f"AUTH=proxy needs AUTH_PROXY_SECRET: at least {SHORTEST_SECRET} letters and digits that the "
                "proxy sends with each request. `openssl rand -hex 32` makes some."
            )
        names = {
            setting: environ.get(setting, "").strip() or usual
            for setting, usual in (
                ("AUTH_PROXY_SECRET_HEADER", "X-Proxy-Secret"),
                ("AUTH_PROXY_USER_HEADER", "X-Forwarded-User"),
                ("AUTH_PROXY_NAME_HEADER", "X-Forwarded-Preferred-Username"),
                ("AUTH_PROXY_GROUPS_HEADER", "X-Forwarded-Groups"),
            )
        }
        for setting, name in names.items():
            if not NAME.match(name):
                raise SettingsError(f"{setting} is no name of a header: letters, digits and hyphens.")
        small = [name.lower() for name in names.values()]
        if len(set(small)) < len(small):
            raise SettingsError("Two of the AUTH_PROXY_…_HEADER settings name the same header.")
        return cls(_networks(environ.get("AUTH_PROXY_NETWORKS", "")), secret, *small)

    def lists(self, peer: str | None) -> bool:
        try:
            address = ip_address(peer or "")
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        same = THIS_MACHINE if address in THIS_MACHINE else (address,)
        return any(one in network for network in self.networks for one in same)


def _networks(text: str) -> tuple[Network, ...]:
    try:
        networks = tuple(ip_network(part) for part in map(str.strip, text.split(",")) if part)
    except ValueError as error:
        raise SettingsError(f"AUTH_PROXY_NETWORKS cannot be read: {error}.") from None
    if not networks or any(network.prefixlen == 0 for network in networks):
        raise SettingsError(
            "AUTH=proxy needs AUTH_PROXY_NETWORKS: the addresses that the proxy connects from, such as "
            "127.0.0.1 or 10.0.0.0/28. Every network at once is no list."
        )
    return networks


class Proxy:
    mode: Mode = "proxy"

    def __init__(self, secret: Secret, settings: ProxySettings, groups: Groups, *, plain: bool) -> None:
        self._secret = secret
        self._settings = settings
        self._groups = groups
        self._plain = plain

    def role(self, user: str) -> Role | None:  # noqa: ARG002 - it is told by each sign-in anew
        return None

    def introduction(self, *, secure: bool) -> str | None:  # noqa: ARG002 - the proxy knows its people
        return None

    def of(
        self, _cookies: Mapping[str, str], headers: Mapping[str, str], peer: str | None
    ) -> Identity | None:
        """`headers` by small names, without those that came twice; `peer` is the socket's own."""
        if not self._is_the_proxys(headers, peer):
            return None
        subject, role = self._subject(headers), self._role(headers)
        if not subject or role is None:
            return None
        user = self._secret.user(self.mode, subject, plain=self._plain)
        return Identity(user, role, self._name(headers) or subject)

    def refusal(self, _cookies: Mapping[str, str], headers: Mapping[str, str]) -> Refusal | None:
        """None too where the secret is not the proxy's: what else was sent then says nothing."""
        if not self._knows_the_secret(headers):
            return None
        if not self._subject(headers):
            return Refusal("unaccepted")
        return Refusal("no_group", self._name(headers)) if self._role(headers) is None else None

    def _is_the_proxys(self, headers: Mapping[str, str], peer: str | None) -> bool:
        return self._settings.lists(peer) and self._knows_the_secret(headers)

    def _knows_the_secret(self, headers: Mapping[str, str]) -> bool:
        known = headers.get(self._settings.secret_header, "").encode("utf-8", "replace")
        return hmac.compare_digest(known, self._settings.secret.encode())

    def _subject(self, headers: Mapping[str, str]) -> str:
        """Empty where none that can be used is told."""
        subject = _told(headers.get(self._settings.user_header, ""))
        return subject if len(subject) <= LONGEST_USER else ""

    def _name(self, headers: Mapping[str, str]) -> str:
        return _told(headers.get(self._settings.name_header, ""))[:LONGEST_USER]

    def _role(self, headers: Mapping[str, str]) -> Role | None:
        return self._groups.role(
            map(str.strip, _told(headers.get(self._settings.groups_header, "")).split(","))
        )


def _told(value: str) -> str:
    """A header's text, which travels as bytes of UTF-8; empty where a sign of it has no business there."""
    try:
        text = value.encode("latin-1").decode()
    except UnicodeError:
        return ""
    return text if text.isprintable() and text == text.strip() else ""
