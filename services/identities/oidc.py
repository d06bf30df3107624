"""Signing in by OpenID Connect, which Streamlit's st.login carries out.

Streamlit keeps what the provider said in a signed cookie. Here it is read on every request, and counts as
long as this site has seen the sign-in and no sign-out: the signature alone would let a copied cookie live for
a month, and since a long one travels in several pieces, each signed by itself, pieces of two sign-ins could
be put together to one that never was.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.audit import ADDRESS
from services.identities.groups import Groups
from services.identities.oidc_settings import OidcSettings
from services.identities.registration import Registration
from services.identity import LONGEST_USER, Identity, Mode, Refusal, Role, Secret
from services.sign_ins import SignIns

log = logging.getLogger(__name__)
COUNT = ("provider", "origin", "is_logged_in", "iss", "aud", "sub")
NAMES = ("name", "preferred_username", "email")
"""Claims; the first that is there is shown. None of them says who somebody is: people change them."""


@dataclass(frozen=True, slots=True)
class Streamlits:
    """What Streamlit has to sign in by."""

    registration: Registration
    written: Callable[[Mapping[str, str]], bytes | None]
    """What it has written into its cookie and signed, from all cookies of a request."""


class Oidc:
    mode: Mode = "oidc"

    def __init__(
        self,
        secret: Secret,
        settings: OidcSettings,
        groups: Groups,
        streamlits: Streamlits,
        sign_ins: SignIns,
        *,
        plain: bool,
    ) -> None:
        self.registration = streamlits.registration
        self._secret = secret
        self._settings = settings
        self._groups = groups
        self._written = streamlits.written
        self.sign_ins, self.audit = sign_ins, sign_ins.audit
        self._plain = plain

    def role(self, user: str) -> Role | None:  # noqa: ARG002 - it is told by each sign-in anew
        return None

    def introduction(self, *, secure: bool) -> str | None:  # noqa: ARG002 - people introduce themselves
        return None

    def of(
        self, cookies: Mapping[str, str], _headers: Mapping[str, str], _peer: str | None
    ) -> Identity | None:
        written = self._written(cookies)
        if written is None or not self.sign_ins.holds(_digest(written)):
            return None
        claims = _claims(written)
        return None if self._fault(claims) else self._identity(claims)

    def refusal(self, cookies: Mapping[str, str], _headers: Mapping[str, str]) -> Refusal | None:
        written = self._written(cookies)
        if written is None:
            return None
        claims = _claims(written)
        if self._fault(claims):
            return Refusal("unaccepted")
        return Refusal("no_group", _name(claims)) if self._identity(claims) is None else None

    def session_of(self, cookies: Mapping[str, str]) -> str | None:
        """Which of the sign-ins a browser shows."""
        written = self._written(cookies)
        return _digest(written) if written is not None else None

    def shortened(self, cookies: Mapping[str, str]) -> dict[str, Any] | None:
        """Of the claims in a cookie those that count here; None where there are none.

        Somebody may be in hundreds of groups, and a server takes some 8 kB of cookies.
        """
        written = self._written(cookies)
        claims = _claims(written) if written else {}
        short = {name: claims[name] for name in COUNT if name in claims}
        short |= {name: claims[name][:LONGEST_USER] for name in NAMES if isinstance(claims.get(name), str)}
        groups = [group for group in self._groups_in(claims) if group in self._groups.roles]
        return short | {self._settings.groups_claim: groups} if short else None

    def signed_in(self, cookies: Mapping[str, str], address: str | None = None) -> None:
        """These cookies were set just now, after the provider said who it is; `address` is the client's."""
        written = self._written(cookies)
        if written is None:
            return
        claims = _claims(written)
        told = {ADDRESS: address} if address else {}
        fault = self._fault(claims)
        who = None if fault else self._identity(claims)
        if who is None:
            fault = fault or "none of the groups gives a role"
            log.warning("somebody who has signed in is not let in: %s", fault)
            self.audit.note(None, "sign_in.refused", reason=fault, **told)
        else:
            self.sign_ins.begin(_digest(written), self._settings.hours * 3600, who)
            self.audit.note(who, "sign_in.succeeded", about=who.name, **told)

    def signed_out(self, cookies: Mapping[str, str]) -> None:
        """From now on nobody is known by these cookies, wherever a copy of them is."""
        who, written = self.of(cookies, {}, None), self._written(cookies)
        if written is not None:
            self.sign_ins.end(_digest(written))
        if who:
            self.audit.note(who, "sign_out", about=who.name)

    def _fault(self, claims: Mapping[str, Any]) -> str | None:
        """Why nobody is known by these; none where somebody is."""
        provider = self.registration.providers.get(str(claims.get("provider")))
        audience, subject = claims.get("aud"), claims.get("sub")
        if claims.get("origin") != self.registration.origin or claims.get("is_logged_in") is not True:
            return "the cookie is of another site"
        if provider is None:
            return "secrets.toml no longer names the provider"
        if provider.client_id not in (audience if isinstance(audience, list) else [audience]):
            return "the token is for another client_id"
        if not provider.issued(claims.get("iss")):
            return "the issuer is another one; where that is right, set issuer beside server_metadata_url"
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_USER or not subject.isprintable():
            return "the provider names no usable subject"
        return None

    def _identity(self, claims: Mapping[str, Any]) -> Identity | None:
        """None where their groups let nobody in."""
        role = self._groups.role(self._groups_in(claims))
        if role is None:
            return None
        # An issuer holds no #, so no two people come to the same.
        subject = f"{claims['iss']}#{claims['sub']}"
        return Identity(self._secret.user(self.mode, subject, plain=self._plain), role, _name(claims))

    def _groups_in(self, claims: Mapping[str, Any]) -> list[str]:
        groups = claims.get(self._settings.groups_claim)
        return [
            group for group in (groups if isinstance(groups, list) else [groups]) if isinstance(group, str)
        ]


def _claims(written: bytes) -> dict[str, Any]:
    try:
        claims = json.loads(written)
    except (ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _name(claims: Mapping[str, Any]) -> str:
    names = (claims.get(claim) for claim in NAMES)
    found = next((name for name in names if isinstance(name, str) and name.strip()), "")[:LONGEST_USER]
    return found.encode("utf-8", "replace").decode()  # half a letter cannot be kept


def _digest(written: bytes) -> str:
    return hashlib.sha256(written).hexdigest()
