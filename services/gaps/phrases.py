"""By which words an answer says that it does not know: a list for each app, at first the one below."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from services.database import Database, metadata
from services.identity import Identity, Role
from services.passages import folded

LONGEST = 10_000
"""Characters of a list."""
HEARD = 400
"""Characters of an answer that are listened to: who does not know says so at once."""
FIRST: Final = {
    "en": ("I don't know", "I do not know", "I'm not sure", "I could not find", "I couldn't find",
           "I don't have information", "I do not have information", "no information about",
           "I found nothing about",
           "not mentioned in the context", "I'm unable to answer", "I cannot answer"),
    "de": ("Ich weiß es nicht", "Das weiß ich nicht", "Dazu habe ich keine Informationen",
           "keine Informationen gefunden", "Dazu kann ich nichts sagen", "kann ich nicht beantworten"),
    "fr": ("Je ne sais pas", "Je n'ai pas d'informations", "Je n'ai pas trouvé", "Je ne peux pas répondre"),
    "es": ("No lo sé", "No tengo información", "No he encontrado", "No puedo responder"),
    "it": ("Non lo so", "Non ho informazioni", "Non ho trovato"),
    "pt": ("Não sei", "Não tenho informações", "Não encontrei"),
    "nl": ("Ik weet het niet", "Daar heb ik geen informatie over"),
    "zh": ("我不知道", "我不清楚", "没有找到相关", "没有相关信息", "无法回答"),
    "ja": ("わかりません", "分かりません", "情報がありません", "見つかりませんでした"),
}  # fmt: skip
gap_phrases = sa.Table(
    "gap_phrases",
    metadata,
    sa.Column("app", sa.String(64), primary_key=True),
    sa.Column("phrases", sa.Text, nullable=False),
    sa.Column("user", sa.String(255), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)


class Phrases:
    """Of all apps. Every method raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def text(self, app: str) -> str:
        """One phrase a line."""
        query = sa.select(gap_phrases.c.phrases).where(gap_phrases.c.app == app)
        with self._database.begin() as connection:
            known: str | None = connection.execute(query).scalar()
        return "\n".join(phrase for each in FIRST.values() for phrase in each) if known is None else known

    def write(self, identity: Identity, app: str, text: str) -> None:
        """Another list; an empty one finds nothing. Raises Denied, and ValueError for one too long."""
        identity.require(Role.CURATOR)
        if len(text) > LONGEST:
            raise ValueError(f"{len(text):,} characters")
        row = {"app": app, "phrases": text, "user": identity.user, "at": time.time()}
        statement = self._database.insert(gap_phrases).values(row)
        with self._database.begin() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["app"], set_=row))

    def listener(self, app: str) -> Listener:
        return Listener(self.text(app).splitlines())


class Listener:
    """Tells whether an answer says one of these phrases, in whatever case, accents and kind of apostrophe."""

    def __init__(self, phrases: Sequence[str]) -> None:
        known = sorted(filter(None, map(_plain, phrases)), key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, known))) if known else None

    def hears(self, answer: str) -> bool:
        return self._pattern is not None and self._pattern.search(_plain(answer[:HEARD])) is not None


def _plain(text: str) -> str:
    return " ".join(folded(text.replace("\u2019", "'")).split())
