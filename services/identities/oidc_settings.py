"""What the environment says of OIDC; its providers stand in Streamlit's secrets.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.settings_error import SettingsError

HOURS, LONGEST = 24.0, 30 * 24.0
"""Streamlit's own cookie is good for the longest."""
GROUPS = "groups"


@dataclass(frozen=True, slots=True)
class OidcSettings:
    hours: float = HOURS
    """Until a person has to sign in again, and a group that was taken away is gone here too."""
    groups_claim: str = GROUPS

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> OidcSettings:
        """From AUTH_OIDC_HOURS and AUTH_OIDC_GROUPS. Raises SettingsError."""
        text = environ.get("AUTH_OIDC_HOURS", "").strip() or str(HOURS)
        try:
            hours = float(text)
        except ValueError:
            hours = 0.0
        if not 0 < hours <= LONGEST:
            raise SettingsError(f"AUTH_OIDC_HOURS is “{text}”, but it is a number up to {LONGEST:.0f}.")
        return cls(hours, environ.get("AUTH_OIDC_GROUPS", "").strip() or GROUPS)
