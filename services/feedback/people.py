"""Who rated: end users are named by an id of Dify's own, which it explains one at a time."""

from __future__ import annotations

import sqlalchemy as sa

from services.apps import App
from services.database import Database
from services.dify.end_users import EndUser
from services.feedback.tables import feedback_people


class People:
    """What was learnt of them is kept: an end user never becomes another one. Raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, app: App, end_user_id: str) -> EndUser:
        """As far as it is known, else asked of Dify. Raises DifyError: NotFound for another app's end user,
        EndpointMissing where the server cannot tell."""
        return self._known(app.slug, end_user_id) or self._asked(app, end_user_id)

    def _known(self, app: str, end_user_id: str) -> EndUser | None:
        table = feedback_people.c
        query = sa.select(table.user, table.name, table.type, table.anonymous)
        with self._database.begin() as connection:
            which = (table.app == app) & (table.end_user_id == end_user_id)
            row = connection.execute(query.where(which)).first()
        return EndUser(end_user_id, row.user, row.name, row.type, row.anonymous) if row else None

    def _asked(self, app: App, end_user_id: str) -> EndUser:
        found = app.client.end_users.get(end_user_id)
        values = {
            "user": found.user,
            "name": found.name,
            "type": found.type[:64],
            "anonymous": found.is_anonymous,
        }
        statement = self._database.insert(feedback_people).values(
            app=app.slug, end_user_id=end_user_id, **values
        )
        keys = ["app", "end_user_id"]
        with self._database.begin() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=values))
        return found
