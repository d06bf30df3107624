"""What admins of this site work with, put together once."""

from __future__ import annotations

from dataclasses import dataclass

from services.accounts.administration import AccountsDesk
from services.audit import Audit
from services.audit_reading import Trail
from services.database import Database
from services.identities.accounts import LocalAccounts
from services.identities.oidc import Oidc
from services.identity import Identities
from services.open_sessions import OpenSessions


@dataclass(frozen=True, slots=True)
class Administration:
    accounts: AccountsDesk | None
    """None where people do not sign in by accounts of this site."""
    sessions: OpenSessions
    trail: Trail

    @classmethod
    def over(cls, identities: Identities, database: Database, audit: Audit) -> Administration:
        trail = Trail(database, audit)
        match identities:
            case LocalAccounts(book=book):
                sessions = OpenSessions(audit, book.sessions, identities.session_of)
                return cls(AccountsDesk(book), sessions, trail)
            case Oidc(sign_ins=sign_ins):
                return cls(None, OpenSessions(audit, sign_ins, identities.session_of), trail)
            case _:
                return cls(None, OpenSessions(audit), trail)
