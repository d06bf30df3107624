"""Ready prompts: texts with gaps, kept for an app, for oneself or for everybody who asks it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import sqlalchemy as sa

from services.database import metadata
from services.identity import Denied, Identity, Role
from services.store import Store
from services.work import filling
from services.work.case import Meanwhile
from services.work.reach import Reach

LONGEST_TITLE = 80
LONGEST = 20_000
"""Characters of a text."""
MOST = 200
"""Prompts of one person in one app."""

prompts = sa.Table(
    "prompts",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("app", sa.String(64), nullable=False, index=True),
    sa.Column("owner", sa.String(255), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("shared", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("changed_at", sa.Float, nullable=False),
    sa.Column("deleted", sa.Boolean, nullable=False),
)


class NoSuchPrompt(LookupError):
    """There is none, or it is somebody else's."""


@dataclass(frozen=True, slots=True)
class Prompt:
    id: str
    app: str
    owner: str
    title: str
    text: str
    shared: bool
    """For everybody who may ask the app; otherwise its owner's alone."""
    version: int = 1
    """How often it was written."""

    @property
    def variables(self) -> tuple[str, ...]:
        return filling.variables(self.text)


class Prompts:
    """Every method raises Denied, and StoreError where the database cannot be read or written."""

    def __init__(self, store: Store, reach: Reach) -> None:
        self._store, self._reach = store, reach

    def of(self, identity: Identity, app: str) -> list[Prompt]:
        """One's own and those of everybody, by title."""
        identity.require(Role.AGENT)
        c = prompts.c
        query = sa.select(prompts).where(
            (c.app == app) & ~c.deleted & (c.shared | (c.owner == identity.user))
        )
        with self._store.database.begin() as connection:
            found = [_prompt(row) for row in connection.execute(query).mappings()]
        return sorted(found, key=lambda prompt: (prompt.title.casefold(), prompt.id))

    def filled(self, identity: Identity, app: str, prompt_id: str, values: Mapping[str, str]) -> str:
        """The text with these values in its gaps. Raises NoSuchPrompt."""
        return filling.filled(self._one(identity, app, prompt_id).text, values)

    def make(self, identity: Identity, app: str, title: str, text: str, *, shared: bool) -> Prompt:
        """Only curators share. Raises ValueError for what is empty or too long, and for one too many."""
        identity.require(Role.CURATOR if shared else Role.AGENT)
        if sum(prompt.owner == identity.user for prompt in self.of(identity, app)) >= MOST:
            raise ValueError(f"at most {MOST} prompts")
        made = Prompt(uuid.uuid4().hex, app, identity.user, *_checked(title, text), shared)
        with self._store.database.begin() as connection:
            values = asdict(made) | {"changed_at": time.time(), "deleted": False}
            connection.execute(sa.insert(prompts).values(values))
        self._tell(identity, "prompt.make", made)
        return made

    def change(
        self,
        identity: Identity,
        app: str,
        prompt_id: str,
        version: int,
        title: str,
        text: str,
        *,
        shared: bool,
    ) -> Prompt:
        """Raises Meanwhile where it is not the `version` that was read, NoSuchPrompt, ValueError."""
        title, text = _checked(title, text)
        before = self._changeable(identity, app, prompt_id)
        if shared or before.shared:
            identity.require(Role.CURATOR)
        after = replace(before, title=title, text=text, shared=shared, version=version + 1)
        c = prompts.c
        with self._store.database.begin() as connection:
            it = (c.id == prompt_id) & (c.version == version)
            values = {"title": title, "text": text, "shared": shared, "version": version + 1}
            statement = sa.update(prompts).where(it).values(changed_at=time.time(), **values)
            done = connection.execute(statement).rowcount
        if not done:
            now = self._changeable(identity, app, prompt_id)
            if (now.title, now.text, now.shared) == (title, text, shared):
                return now
            raise Meanwhile(now)
        self._tell(identity, "prompt.change", after)
        return after

    def delete(self, identity: Identity, app: str, prompt_id: str) -> None:
        """One's own; curators also shared ones. Raises NoSuchPrompt."""
        self._mark(identity, app, prompt_id, deleted=True)

    def restore(self, identity: Identity, app: str, prompt_id: str) -> None:
        """Have a deleted one back. Raises NoSuchPrompt."""
        self._mark(identity, app, prompt_id, deleted=False)

    def _mark(self, identity: Identity, app: str, prompt_id: str, *, deleted: bool) -> None:
        prompt = self._changeable(identity, app, prompt_id, deleted=not deleted)
        with self._store.database.begin() as connection:
            connection.execute(sa.update(prompts).where(prompts.c.id == prompt_id).values(deleted=deleted))
        self._tell(identity, "prompt.delete" if deleted else "prompt.restore", prompt)

    def _one(self, identity: Identity, app: str, prompt_id: str, *, deleted: bool = False) -> Prompt:
        identity.require(Role.AGENT)
        c = prompts.c
        it = (c.id == prompt_id) & (c.app == app) & (c.deleted == deleted)
        with self._store.database.begin() as connection:
            theirs = it & (c.shared | (c.owner == identity.user))
            row = connection.execute(sa.select(prompts).where(theirs)).mappings().first()
        if row is None:
            raise NoSuchPrompt
        return _prompt(row)

    def _changeable(self, identity: Identity, app: str, prompt_id: str, *, deleted: bool = False) -> Prompt:
        """One's own, or as a curator a shared one."""
        prompt = self._one(identity, app, prompt_id, deleted=deleted)
        if prompt.owner != identity.user and identity.role < Role.CURATOR:
            raise Denied("only its owner and curators change a prompt")
        return prompt

    def _tell(self, identity: Identity, action: str, prompt: Prompt) -> None:
        self._reach.audit.note(identity, action, app=prompt.app, about=prompt.id, shared=prompt.shared)


def _checked(title: str, text: str) -> tuple[str, str]:
    title = " ".join(title.replace("\x00", "").split())
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not 0 < len(title) <= LONGEST_TITLE:
        raise ValueError(f"a title has 1 to {LONGEST_TITLE} characters")
    if not 0 < len(text) <= LONGEST:
        raise ValueError(f"a text has 1 to {LONGEST} characters")
    return title, text


def _prompt(row: sa.RowMapping) -> Prompt:
    names = ("id", "app", "owner", "title", "text", "shared", "version")
    return Prompt(*(row[name] for name in names))
