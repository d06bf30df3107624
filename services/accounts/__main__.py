"""`python -m services.accounts admin ada`: an account with a one-time password, which it prints."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from services.accounts.book import Accounts, BadName
from services.accounts.register import LastAdmin
from services.identity import Departures, Role, Secret
from services.settings import Settings, SettingsError
from services.store import Store, StoreError

ROOT = Path(__file__).parents[2]
ROLES = {role.name.lower(): role for role in Role}


def main(arguments: list[str] | None = None) -> str:
    """What is to be said. Raises SystemExit with a sentence where nothing could be done."""
    parser = argparse.ArgumentParser(
        prog="python -m services.accounts",
        description="Makes an account, or gives one that is there another role and a new one-time password; "
        "everybody signed in to it is signed out. Uses DATA_DIR as the site does.",
    )
    parser.add_argument("what", choices=[*ROLES, "disable"], help="the role, or disable")
    parser.add_argument("name", help="letters, digits and . _ @ + -")
    asked = parser.parse_args(arguments)
    try:
        settings = Settings.read(os.environ, ROOT)
        store = Store.behind(settings.database)
        secret, plain = Secret.kept_in(settings.data_dir), settings.auth.plain_user
        book = Accounts(store.database, secret, Departures(), plain_user=plain)
        if asked.what in ROLES:
            return _admitted(book, asked.name, ROLES[asked.what])
        if not book.disable(asked.name):
            raise SystemExit(f"There is no account {asked.name!r}.")
        return f"{asked.name} is disabled and signed out everywhere."
    except BadName:
        raise SystemExit(
            "A name has up to 64 letters, digits and . _ @ + -; it does not begin with web- or end in -test."
        ) from None
    except LastAdmin:
        raise SystemExit(f"{asked.name} is the last administrator. Make another one first.") from None
    except (SettingsError, StoreError, OSError) as error:
        raise SystemExit(f"Nothing was changed: {error}") from None


def _admitted(book: Accounts, name: str, role: Role) -> str:
    password = book.admit(name, role)
    return (
        f"One-time password for {name} ({role.name.lower()}): {password}\n"
        "It works for three days and has to be changed at the first sign-in."
    )


if __name__ == "__main__":
    sys.stdout.write(main() + "\n")
