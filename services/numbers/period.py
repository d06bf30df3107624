"""The days of a period, as a reader's clock has them: with the hour that daylight saving takes and gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

import sqlalchemy as sa

DAY = 86_400
LONGEST = 3_660
"""Days of a period."""
EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, both included."""

    first: date
    last: date
    zone: tzinfo

    @classmethod
    def of_days(cls, days: int, zone: tzinfo, now: float) -> Period:
        """The last `days` days, that of `now` (Unix seconds) included."""
        today = datetime.fromtimestamp(now, zone).date()
        return cls(today - timedelta(days=days - 1), today, zone)

    @property
    def since(self) -> int:
        """Unix seconds."""
        return self._midnight(self.first)

    @property
    def until(self) -> int:
        """Unix seconds, not included."""
        return self._midnight(self.last + timedelta(days=1))

    @property
    def days(self) -> Iterator[date]:
        return map(date.fromordinal, range(self.first.toordinal(), self.last.toordinal() + 1))

    def day_of(self, at: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
        """The number, for `date_of`, of the day at `at` (Unix seconds); databases know no zones."""
        *before, (_, offset) = self._offsets()
        last = (at + offset) // DAY
        return (
            sa.case(*((at < end, (at + east) // DAY) for end, east in before), else_=last) if before else last
        )

    @staticmethod
    def date_of(number: int) -> date:
        return date.fromordinal(EPOCH + number)

    def _midnight(self, day: date) -> int:
        return int(datetime.combine(day, time.min, self.zone).timestamp())

    def _offset(self, at: int) -> int:
        """Seconds east of UTC."""
        east = datetime.fromtimestamp(at, self.zone).utcoffset()
        return int(east.total_seconds()) if east else 0

    def _offsets(self) -> list[tuple[int, int]]:
        """The ends of the stretches of one offset each, and these offsets."""
        found: list[tuple[int, int]] = []
        at, until = self.since, self.until
        while at < until:
            following = min(at + DAY, until)
            if self._offset(at) != self._offset(following):
                early, late = at, following
                while late - early > 1:
                    middle = (early + late) // 2
                    same = self._offset(middle) == self._offset(at)
                    early, late = (middle, late) if same else (early, middle)
                found.append((late, self._offset(at)))
            at = following
        return [*found, (until, self._offset(until))]
