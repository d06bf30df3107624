"""The way to sign in that the settings name."""

from __future__ import annotations

from services.accounts.book import Accounts
from services.auth_settings import AuthSettings
from services.database import Database
from services.identities.accounts import LocalAccounts
from services.identities.oidc import Oidc, Streamlits
from services.identities.open import Open
from services.identities.proxy import Proxy
from services.identity import Departures, Identities, Secret
from services.settings_error import SettingsError
from services.sign_ins import SignIns


def chosen(
    settings: AuthSettings,
    secret: Secret,
    database: Database,
    departures: Departures,
    streamlits: Streamlits | None = None,
) -> Identities:
    """`streamlits`: what Streamlit has to sign in by; AUTH=oidc needs it. Raises SettingsError."""
    plain, groups = settings.plain_user, settings.groups
    if settings.proxy:
        return Proxy(secret, settings.proxy, groups, plain=plain)
    if settings.oidc:
        if streamlits is None:
            raise SettingsError("AUTH=oidc works where Streamlit serves the site: `streamlit run app.py`.")
        return Oidc(secret, settings.oidc, groups, streamlits, SignIns(database, departures), plain=plain)
    if settings.mode == "accounts":
        return LocalAccounts(Accounts(database, secret, departures, plain_user=plain))
    return Open(secret)
