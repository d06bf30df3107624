"""Questions of a person that stand in the work of others: taken out, the work stays."""

from __future__ import annotations

import sqlalchemy as sa

from services.annotations.comparing import meaning
from services.gaps import likeness
from services.gaps.mark import gap_marks
from services.gaps.meanings import forget
from services.privacy.subject import Subject
from services.search import seen
from services.tables import conversations, turns


def unquote(connection: sa.Connection, subject: Subject) -> None:
    """Marks of gaps name what was missed by the words of those who asked. Before their questions go."""
    questions, ids = _asked(connection, subject)
    forget(connection, {likeness.key(question) for question in questions})
    asked = set(map(meaning, questions))
    columns = gap_marks.c.id, gap_marks.c.question, gap_marks.c.phrasings, gap_marks.c.misses
    for mark in connection.execute(sa.select(*columns)).all():
        phrasings = [each for each in mark.phrasings if meaning(each) not in asked]
        misses = [each for each in mark.misses if each not in ids]
        theirs = meaning(mark.question) in asked
        if theirs or len(phrasings) < len(mark.phrasings) or len(misses) < len(mark.misses):
            question = next(iter(phrasings), "") if theirs else mark.question
            change = sa.update(gap_marks).where(gap_marks.c.id == mark.id)
            connection.execute(change.values(question=question, phrasings=phrasings, misses=misses))


def _asked(connection: sa.Connection, subject: Subject) -> tuple[set[str], set[str]]:
    """Their questions, and the ids of the answers and of our turns."""
    mine = conversations.c.user.in_(subject.users)
    here = sa.select(turns.c.query, turns.c.message_id, turns.c.id).join(conversations).where(mine)
    read = sa.select(seen.c.query, seen.c.message_id).where(seen.c.user.in_(subject.users))
    rows = [tuple(row) for query in (here, read) for row in connection.execute(query)]
    return {row[0] for row in rows}, {each for row in rows for each in row[1:] if each}
