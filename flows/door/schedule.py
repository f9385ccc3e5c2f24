"""A recipe's schedule: when its corpus is refreshed, and the window that such a refresh is for.

A window is the scheduled start in UTC. In it no hour is missing or doubled, whatever the clocks of
a time zone do, so a run that is late, repeated or doubled is the run of the same window.
"""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, field_validator

from schemas.record import Record

FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of month", 1, 31, ()),
    (
        "month",
        1,
        12,
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    ),
    ("day of week", 0, 7, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)
_PART = re.compile(r"(\*|(\w+)(?:-(\w+))?)(?:/(\d+))?")
_WINDOW = "%Y-%m-%dT%H:%M:%SZ"
MOST_WINDOWS = 10_000  # in one backfill


class Schedule(Record):
    """When `refresh` runs by itself."""

    cron: str = Field(description="minute hour day-of-month month day-of-week: `30 2 * * *`")
    timezone: str = Field(default="UTC", description="of the IANA list: `Europe/Berlin`")

    @field_validator("cron")
    @classmethod
    def _can_be_meant(cls, value: str) -> str:
        fields = value.split()
        if len(fields) != len(FIELDS):
            msg = (
                f"a cron schedule has five fields, minute hour day-of-month month day-of-week, "
                f"and here are {len(fields)}: write `30 2 * * *` for half past two each night"
            )
            raise ValueError(msg)
        for text, (name, low, high, names) in zip(fields, FIELDS, strict=True):
            for part in text.split(","):
                _check(part, name, low, high, names)
        return value

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in available_timezones():
            city = value.rpartition("/")[2].lower()[:4]
            near = sorted(each for each in available_timezones() if city and city in each.lower())
            guess = f"; perhaps {', '.join(near[:3])}" if near else ""
            msg = f"no time zone is called {value!r}{guess}: take a name of the IANA list"
            raise ValueError(msg)
        return value


def _check(part: str, name: str, low: int, high: int, names: tuple[str, ...]) -> None:
    match = _PART.fullmatch(part)
    bounds = [each for each in (match[2], match[3]) if each] if match else []
    first = 1 if name == "month" else 0
    numbers = [
        names.index(each.lower()) + first if each.lower() in names else int(each)
        for each in bounds
        if each.lower() in names or each.isdecimal()
    ]
    inside = len(numbers) == len(bounds) and all(low <= number <= high for number in numbers)
    if match is None or not inside or match[4] == "0" or numbers != sorted(numbers):
        msg = f"{part!r} is no {name}: it is a number from {low} to {high}, a range 1-5, */2 or *"
        raise ValueError(msg)


def window_of(start: datetime) -> str:
    """The window of a scheduled start, as the store names it."""
    return start.astimezone(UTC).strftime(_WINDOW)


def last_moment(day: datetime) -> datetime:
    """The last second of a day."""
    return day + timedelta(days=1, seconds=-1)


def windows_between(schedule: Schedule | None, first: datetime, last: datetime) -> list[str]:
    """The windows of a schedule from `first` to `last`, both included; without one, each midnight.

    The starts are Prefect's own, so that a window made later has the name that it would have had.
    """
    if schedule is None:
        days = (last - first).days + 1
        return [window_of(first + timedelta(days=number)) for number in range(days)]
    from prefect.server.schemas.schedules import CronSchedule

    cron = CronSchedule(cron=schedule.cron, timezone=schedule.timezone)
    zone = ZoneInfo(schedule.timezone)
    starts = cron.get_dates(MOST_WINDOWS, first.astimezone(zone), last.astimezone(zone))
    with ThreadPoolExecutor(1) as aside:  # whoever calls may be in an event loop of its own
        return [window_of(each) for each in aside.submit(asyncio.run, starts).result()]
