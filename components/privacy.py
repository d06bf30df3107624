"""How long data is kept, and the erasing of one person's: for administrators, on whichever page it stands."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from components import session, words
from components import words_privacy as said
from components.presses import pressed
from components.variable_values import moment
from services.accounts.book import folded
from services.identities.accounts import LocalAccounts
from services.identity import Identity, Role
from services.privacy.at_dify import AtDify
from services.privacy.erasure import Erased, OwnAccount
from services.privacy.subject import Subject
from services.site import Site
from services.store import StoreError

WAY, WHO, WANTED, OUTCOME, TOO = (f"privacy-{name}" for name in ("way", "who", "wanted", "outcome", "dify"))


def show(site: Site, identity: Identity) -> None:
    """Both parts. Raises Denied, StoreError."""
    identity.require(Role.ADMIN)
    _retention(site)
    _unfinished(site, identity)
    st.subheader(said.ERASE, anchor=False)
    st.markdown(said.ERASE_MEANS)
    subject = _asked(site)
    if pressed(said.SHOW, key="privacy-show", icon=":material/search:"):
        session.keep(WANTED, subject)
    wanted: Subject | None = session.kept(WANTED, None)
    if subject and wanted == subject:
        _erasing(site, identity, subject)


def offer(site: Site, identity: Identity, user: str) -> None:
    """The erasing of one person, folded. Raises Denied, StoreError."""
    with st.expander(said.ERASE, icon=":material/person_remove:"):
        st.markdown(said.ERASE_MEANS)
        _erasing(site, identity, Subject(user))


def told(site: Site) -> None:
    """What came of the latest erasing, until it is closed."""
    outcome: Erased | None = session.kept(OUTCOME, None)
    if outcome is None:
        return
    with st.container(border=True):
        rows = f"{sum(outcome.counts.values()):,}"
        st.success(said.DONE.format(rows=rows, tag=outcome.tag), icon=":material/check:")
        if outcome.at_dify:
            work = outcome.at_dify
            waiting = not work.over or work.again
            every = (5.0 if work.over else 1.0) if waiting else None
            st.fragment(_at_dify, run_every=every)(site, work, waiting)
        if pressed(said.CLOSE, key="privacy-close"):
            session.keep(OUTCOME, None)
            st.rerun()


def _retention(site: Site) -> None:
    st.subheader(said.RETENTION, anchor=False)
    retention = site.retention
    if not retention.days:
        st.markdown(said.FOR_EVER)
        return
    st.markdown(said.FOR_DAYS.format(days=retention.days))
    if retention.last is None:
        st.caption(said.NOT_YET)
        return
    rows, time = sum(retention.last.counts.values()), moment(retention.last.at)
    st.caption((said.SWEPT if rows else said.SWEPT_NONE).format(time=time, rows=f"{rows:,}"))


def _unfinished(site: Site, identity: Identity) -> None:
    """What is left of earlier erasures."""
    rows = site.erasure.unfinished(identity)
    if not rows:
        return
    st.subheader(said.UNFINISHED, anchor=False)
    apps = {app.slug: app.name for app in site.apps}
    lines = (
        (said.UNFINISHED_TRIED if row.tries else said.UNFINISHED_ONE).format(
            tag=row.tag,
            app=words.plain(apps.get(row.app, row.app)),
            deleted=row.deleted,
            tries=row.tries,
            code=row.code,
        )
        for row in rows
    )
    st.markdown("\n".join(f"- {line}" for line in lines))
    st.caption(said.AGAIN)


def _asked(site: Site) -> Subject | None:
    """Whom the fields name."""
    identities = site.identities
    way = "user"
    if isinstance(identities, LocalAccounts):
        way = st.segmented_control(
            said.BY,
            list(said.WAYS),
            default=session.kept(WAY, "user"),
            format_func=said.WAYS.__getitem__,
            key=WAY,
            required=True,
        )
        session.keep(WAY, way)
    session.begin_with(WHO, session.kept(WHO, None))
    label = said.WHO_ACCOUNT if way == "account" else said.WHO_USER
    who = st.text_input(label, key=WHO, max_chars=255).strip()
    session.keep(WHO, who)
    if not who:
        return None
    if way == "account" and isinstance(identities, LocalAccounts):
        return Subject(identities.user_of(who), account=folded(who))
    return Subject(who)


def _erasing(site: Site, identity: Identity, subject: Subject) -> None:
    name = words.plain(subject.account or subject.user)
    counts = site.erasure.found(identity, subject)
    st.markdown(said.FOUND.format(name=name) if counts else said.NOTHING.format(name=name))
    _counts(counts)
    at_dify = st.checkbox(said.AT_DIFY, key=f"{TOO}-{subject.user}")
    st.caption(said.CANNOT)
    if not pressed(said.GO, key="privacy-go", type="primary", icon=":material/delete_forever:"):
        return
    try:
        outcome = site.erasure.erase(identity, subject, at_dify=at_dify)
    except OwnAccount:
        st.warning(said.OWN_ACCOUNT, icon=":material/lock:")
    except StoreError:
        st.error(said.STORE, icon=":material/database_off:")
    else:
        for note in (WHO, WANTED):
            session.keep(note, None)
        session.keep(OUTCOME, outcome)
        st.rerun()


def _counts(counts: Mapping[str, int]) -> None:
    ordered = [kind for kind in said.KINDS if kind in counts]
    st.markdown("\n".join(f"- {counts[kind]:,} {said.KINDS[kind]}" for kind in ordered))


def _at_dify(site: Site, work: AtDify, waiting: bool) -> None:
    """How far it is; drawn again and again while it is `waiting` for the end."""
    if waiting and work.over and not work.again:
        st.rerun()
    if work.total is None:
        st.caption(said.COUNTING)
    elif not work.over:
        st.progress((work.deleted + len(work.left)) / max(work.total, 1))
        st.caption(said.DELETING.format(done=work.deleted, total=work.total))
    else:
        st.markdown(said.DELETED.format(done=work.deleted))
    if work.left:
        st.warning(said.LEFT.format(n=len(work.left)), icon=":material/warning:")
        apps = {app.slug: app.name for app in site.apps}
        lines = (
            (said.LEFT_ONE if left.conversation_id else said.LEFT_LIST).format(
                app=words.plain(apps.get(left.app, left.app)), id=left.conversation_id, code=left.code
            )
            for left in work.left
        )
        with st.container(height=200):
            st.markdown("\n".join(f"- {line}" for line in lines))
    if work.again:
        st.caption(said.AGAIN)
