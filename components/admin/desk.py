"""What every section of the administration page is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from components import session, words
from components import words_admin as said
from services.accounts.administration import NoSuchAccount, Oneself, Taken
from services.accounts.book import BadName
from services.accounts.register import LastAdmin
from services.administration import Administration
from services.database import StoreError
from services.identity import Denied, Identity
from services.site import Site

T = TypeVar("T")
SAID, PROBLEM = "ad-said", "ad-problem"
REFUSED = (BadName, Taken, NoSuchAccount, Oneself, LastAdmin, Denied, StoreError)


@dataclass(frozen=True, slots=True)
class Desk:
    site: Site
    identity: Identity

    @property
    def work(self) -> Administration:
        return self.site.administration

    def attempt(self, work: Callable[[], T], done: str = "") -> T | None:
        """For callbacks: do it, and have what came of it told as soon as the page is drawn."""
        try:
            came = work()
        except REFUSED as error:
            session.keep(PROBLEM, type(error).__name__)
            return None
        session.keep(SAID, done)
        return came

    def speak(self) -> None:
        if told := session.kept(SAID, ""):
            session.keep(SAID, "")
            st.toast(told, icon=":material/admin_panel_settings:")
        if problem := session.kept(PROBLEM, ""):
            session.keep(PROBLEM, "")
            st.error(said.PROBLEMS[problem], icon=":material/block:")


def done(name: str, of: str, **details: str) -> str:
    """What is told of something that was done to somebody."""
    return said.DONE[name].format(name=words.plain(of, 60), **details)
