"""What the gaps page is about: a time, and apps."""

from __future__ import annotations

from dataclasses import dataclass

from services.apps import App
from services.gaps.miss import Gap
from services.identity import Identity
from services.numbers.period import Period
from services.site import Site


@dataclass(frozen=True, slots=True)
class Asked:
    site: Site
    identity: Identity
    period: Period
    apps: tuple[App, ...]

    @property
    def slugs(self) -> tuple[str, ...]:
        return tuple(app.slug for app in self.apps)

    @property
    def middle(self) -> float:
        """Unix seconds: what came later is lately."""
        return (self.period.since + self.period.until) / 2

    def of(self, gap: Gap) -> list[App]:
        """The apps that a gap is of, the one with most misses first."""
        known = {app.slug: app for app in self.apps}
        return [known[slug] for slug, _ in gap.apps.most_common() if slug in known]
