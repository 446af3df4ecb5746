"""Which backups are kept: ever fewer of older times. Pure; knows names and moments."""

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Iterator

import msgspec


class Policy(msgspec.Struct, frozen=True):
    """How many to keep: the newest, the last of a day, the last of a week (Monday to Sunday, UTC)."""

    recent: int
    daily: int
    weekly: int


def kept(moments: Iterable[dt.datetime], policy: Policy) -> set[dt.datetime]:
    """Return the moments whose backups stay. Days and weeks without a backup are not counted; the newest stays."""
    newest_first = sorted(moments, reverse=True)
    days = _first_of_each(newest_first, lambda moment: moment.date())
    weeks = _first_of_each(newest_first, lambda moment: moment.isocalendar()[:2])
    return {
        *newest_first[: max(policy.recent, 1)],
        *list(days)[: policy.daily],
        *list(weeks)[: policy.weekly],
    }


def _first_of_each(moments: Iterable[dt.datetime], period: Callable[[dt.datetime], Hashable]) -> Iterator[dt.datetime]:
    seen = set()
    for moment in moments:
        if period(moment) not in seen:
            seen.add(period(moment))
            yield moment
