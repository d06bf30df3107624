"""Who is signed in, at the foot of the sidebar, and the ways out; what stands on a page where nobody is."""

from __future__ import annotations

from components import lists, words_account
from services import frontend
from services.identity import Identity


def show(identity: Identity) -> None:
    told = {"person": identity.name, "role": words_account.ROLES[identity.role]}
    lists.show("account", {"assets": frontend.path(), **told})


def signed_out() -> None:
    """In a tab that was open while the session ended."""
    lists.show("signed_out", {"assets": frontend.path()})
