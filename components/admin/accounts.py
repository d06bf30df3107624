"""Accounts: made, changed, disabled; or, where there are none, where roles come from."""

from __future__ import annotations

import streamlit as st

from components import session, words, words_account
from components import words_admin as said
from components.admin import roles
from components.admin.desk import Desk, done
from components.annotations.telling import when
from services.accounts.administration import Account, AccountsDesk
from services.accounts.book import usable
from services.identity import Role

NAME, ROLE, GIVEN, FIND, NEW = "ad-name", "ad-role", "ad-given", "ad-find", "ad-making"
SHOWN = 50
FINDABLE = 8
"""Accounts beyond which there is a field to find one by."""


def show(desk: Desk) -> None:
    book = desk.work.accounts
    if book is None:
        roles.show(desk)
        return
    _given()
    accounts, making = book.all(desk.identity), session.kept(NEW, False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(accounts) > FINDABLE:
            st.text_input(said.FIND, key=FIND, icon=":material/search:", width=320)
        if not making:
            st.button(
                said.NEW, key="ad-new", icon=":material/person_add:", on_click=session.keep, args=(NEW, True)
            )
    if making:
        _new(desk, book)
    sought = str(session.value(FIND) or "").strip().casefold()
    found = [account for account in accounts if sought in account.name]
    if not found:
        st.caption(said.NONE_FOUND)
    for account in found[:SHOWN]:
        _row(desk, book, account)
    if len(found) > SHOWN:
        st.caption(said.MORE_FOUND.format(n=len(found) - SHOWN))


def put_away() -> None:
    """One-time passwords are shown until this section is left."""
    session.keep(GIVEN, {})


def _given() -> None:
    """Each until it is passed on: whoever makes several accounts in a row passes on several passwords."""
    for name, password in session.kept(GIVEN, {}).items():
        with st.container(border=True, key=f"ad-given-{name}"):
            st.markdown(said.GIVEN.format(name=words.plain(name)))
            st.code(password, language=None)
            st.caption(said.GIVEN_MEANS.format(name=words.plain(name)))
            st.button(
                said.SEEN_IT,
                key=f"ad-seen-{name}",
                icon=":material/check:",
                on_click=_give,
                args=(name, None),
            )


def _give(name: str, password: str | None) -> None:
    """Have a new one-time password shown, or no longer."""
    others = {each: given for each, given in session.kept(GIVEN, {}).items() if each != name}
    session.keep(GIVEN, {**others, name: password} if password else others)


def _new(desk: Desk, book: AccountsDesk) -> None:
    def make() -> None:
        name, role = str(session.value(NAME) or ""), Role(session.value(ROLE, Role.AGENT))
        if given := desk.attempt(lambda: book.make(desk.identity, name, role)):
            _give(usable(name), given)
            session.keep(NEW, False)

    with st.container(border=True, key="ad-new-account"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            session.begin_with(ROLE, Role.AGENT)
            st.text_input(said.NAME, key=NAME, help=said.NAME_HELP, autocomplete="off", width=220)
            st.selectbox(
                said.ROLE, list(Role), key=ROLE, format_func=words_account.ROLES.__getitem__, width=320
            )
        with st.container(horizontal=True):
            st.button(said.MAKE, key="ad-make", type="primary", on_click=make)
            st.button(said.CANCEL, key="ad-cancel", on_click=session.keep, args=(NEW, False))


def _row(desk: Desk, book: AccountsDesk, account: Account) -> None:
    mine = account.person.user == desk.identity.user
    with (
        st.container(border=True, key=f"ad-account-{account.name}"),
        st.container(horizontal=True, vertical_alignment="center"),
    ):
        with st.container(width="stretch", gap=None):
            st.markdown(
                f"**{words.plain(account.name)}**{f' ({said.YOU})' if mine else ''} {_badges(account)}"
            )
            st.caption(said.SEEN.format(time=when(account.seen_at)) if account.seen_at else said.NEVER)
        if mine:
            st.caption(words_account.NAMES[account.role], help=said.ONES_OWN, width="content")
            return
        # Together, so that a narrow page has both in the next line.
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            _role(desk, book, account)
            _more(desk, book, account)


def _badges(account: Account) -> str:
    text, colour = said.STATUSES[account.status]
    shown = f":{colour}-badge[{text}]"
    if account.locked_until:
        shown += f" :red-badge[{said.LOCKED.format(time=when(account.locked_until))}]"
    return shown


def _role(desk: Desk, book: AccountsDesk, account: Account) -> None:
    key, name = f"ad-role-{account.name}", account.name

    def change() -> None:
        role = Role(session.value(key, account.role))
        told = done("role", name, role=words_account.NAMES[role])
        desk.attempt(lambda: book.change_role(desk.identity, name, role), told)

    session.put(key, account.role)  # another admin may have changed it
    st.selectbox(
        said.ROLE_OF.format(name=words.label(name)),
        list(Role),
        key=key,
        format_func=words_account.NAMES.__getitem__,
        on_change=change,
        label_visibility="collapsed",
        width=150,
    )


def _more(desk: Desk, book: AccountsDesk, account: Account) -> None:
    name, who = account.name, desk.identity

    def give() -> None:
        if given := desk.attempt(lambda: book.new_password(who, name)):
            _give(name, given)

    def disable() -> None:
        desk.attempt(lambda: book.disable(who, name), done("disable", name))

    def enable() -> None:
        desk.attempt(lambda: book.enable(who, name), done("enable", name))

    def unlock() -> None:
        desk.attempt(lambda: book.unlock(who, name), done("unlock", name))

    offered = [(said.GIVE_ANEW, ":material/key:", give)]
    if account.locked_until:
        offered.append((said.UNLOCK, ":material/lock_open:", unlock))
    if account.status == "disabled":
        offered.append((said.ENABLE, ":material/check_circle:", enable))
    else:
        offered.append((said.DISABLE, ":material/block:", disable))
    with st.popover(said.MORE, type="tertiary", key=f"ad-more-{name}"):
        for label, icon, work in offered:
            key = f"ad-{work.__name__}-{name}"
            st.button(label, icon=icon, key=key, type="tertiary", on_click=work)
