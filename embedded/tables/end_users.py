"""End users: one for each `user` an app has heard of, with an id of our own. Source: recordings 83_*."""

from __future__ import annotations

import time
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from embedded.database import Database

ANONYMOUS = "DEFAULT-USER"  # whom a request without `user` speaks for, where `user` may be left out
TENANT = str(uuid5(NAMESPACE_URL, "embedded workspace"))


class EndUsers:
    """The table `end_users`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def id_of(self, app_id: str, user: str) -> str:
        """The end user's id, given on the first call."""
        self._database.write(
            "INSERT INTO end_users (id, app_id, user, created_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (app_id, user) DO NOTHING",
            str(uuid4()),
            app_id,
            user,
            time.time(),
        )
        row = self._database.one("SELECT id FROM end_users WHERE app_id = ? AND user = ?", app_id, user)
        assert row is not None
        found: str = row["id"]
        return found

    def described(self, app_id: str, end_user_id: str) -> dict[str, Any] | None:
        """The answer of GET /end-users/{id}, None if this app has no such end user."""
        row = self._database.one("SELECT * FROM end_users WHERE app_id = ? AND id = ?", app_id, end_user_id)
        if row is None:
            return None
        seen = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(row["created_at"]))
        return {
            "id": row["id"],
            "tenant_id": TENANT,
            "app_id": app_id,
            "type": "service-api",
            "external_user_id": row["user"],
            "name": None,
            "is_anonymous": row["user"] == ANONYMOUS,
            "session_id": row["user"],
            "created_at": seen,
            "updated_at": seen,
        }
