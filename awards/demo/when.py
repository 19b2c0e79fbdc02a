"""Dates of the demo, told in days from the present, at an hour of the call's own zone."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")


@dataclass(frozen=True, slots=True)
class When:
    """An hour of a day, so many days from the present: at least that many days ahead, or behind if negative."""

    days: int
    hour: str = "18:00"

    def instant(self, now: datetime) -> datetime:
        """Return the instant that this means now; the hour holds across a change of clocks."""
        there = now.astimezone(ROME)
        hour = time.fromisoformat(self.hour)
        moment = datetime.combine(there.date() + timedelta(days=self.days), hour, ROME)
        if self.days >= 0 and moment - now < timedelta(days=self.days):
            moment = datetime.combine(moment.date() + timedelta(days=1), hour, ROME)
        if self.days < 0 and moment - now > timedelta(days=self.days):
            moment = datetime.combine(moment.date() - timedelta(days=1), hour, ROME)
        return moment
