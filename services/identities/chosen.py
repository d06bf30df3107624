"""The way to sign in that the settings name."""

from __future__ import annotations

from services.accounts.book import Accounts
from services.auth_settings import AuthSettings
from services.base_url import SettingsError
from services.database import Database, Memory
from services.identities.accounts import LocalAccounts
from services.identities.open import Open
from services.identity import Departures, Identities, Secret


def chosen(
    settings: AuthSettings, secret: Secret, database: Database | Memory, departures: Departures
) -> Identities:
    """Raises SettingsError for a way that this site does not have."""
    match settings.mode:
        case "open":
            return Open(secret)
        case "accounts":
            book = Accounts(database, secret, departures)
            return LocalAccounts(book, secret, plain_user=settings.plain_user)
        case other:
            raise SettingsError(f"AUTH={other} is not part of this site yet. Set AUTH to open or accounts.")
