"""Schools made up from a seed, of any size, with the shape of real ones: for tests and benchmarks."""

import datetime as dt
from random import Random

from hpserver.base.changes import Change, create
from hpserver.base.grid import Grid
from hpserver.base.model import meeting_key
from hpserver.base.planning import Planning

ACTIVITIES_PER_SUBJECT = 6
ACTIVITIES_PER_INSTRUCTOR = 12
ACTIVITIES_PER_COHORT = 40
ACTIVITIES_PER_ROOM = 20
GROUPS_PER_COHORT = 6
"""Ratios of a French university department."""

SITES = ("Centre", "Nord")
TYPES = ("CM", "TD", "TP")


def a_grid(weeks: int = 44) -> Grid:
    """Return the grid of the product's own example: Monday to Friday, 12 hours a day, by half hours."""
    first = dt.date(2025, 9, 1)
    last = first + dt.timedelta(days=7 * weeks - 1)
    return Grid.between(first, last, days=0b11111, sequences=12, sequence_minutes=60, division=2)


def a_school(activities: int = 300, seed: int = 1, grid: Grid | None = None) -> Planning:
    """Return a school with that many activities, nine in ten of them placed, with few clashes."""
    planning = Planning(grid or a_grid())
    planning.apply(resources(activities, Random(seed)))
    planning.apply(lessons(planning, activities, Random(seed)))
    return planning


def resources(activities: int, random: Random) -> list[Change]:
    """Return the creation of everything that so many activities need."""
    count = {
        "subject": max(2, activities // ACTIVITIES_PER_SUBJECT),
        "instructor": max(2, activities // ACTIVITIES_PER_INSTRUCTOR),
        "cohort": max(1, activities // ACTIVITIES_PER_COHORT),
        "room": max(2, activities // ACTIVITIES_PER_ROOM),
    }
    changes: list[Change] = [create("site", number, name=name) for number, name in enumerate(SITES, 1)]
    changes += [create("instructional_type", number, name=name) for number, name in enumerate(TYPES, 1)]
    changes += [
        create("subject", number, name=f"Matière {number}", code=f"M{number:03d}")
        for number in range(1, count["subject"] + 1)
    ]
    changes += [
        create("instructor", number, name=f"Nom{number}", first_name=f"Prénom{number}")
        for number in range(1, count["instructor"] + 1)
    ]
    for number in range(1, count["cohort"] + 1):
        changes.append(create("cohort", number, name=f"Promo {number}", size=random.randrange(40, 240)))
        for group in range(GROUPS_PER_COHORT):
            kind = "TD" if group < GROUPS_PER_COHORT - 2 else "LV"
            key = (number - 1) * GROUPS_PER_COHORT + group + 1
            changes.append(create("group", key, cohort=number, name=f"{kind}{group + 1}", partition=kind, size=30))
    for number in range(1, count["room"] + 1):
        capacity = random.choice((30, 40, 90, 300))
        changes.append(
            create("room", number, name=f"Salle {number}", capacity=capacity, site=random.randint(1, len(SITES)))
        )
    return changes


def lessons(planning: Planning, activities: int, random: Random) -> list[Change]:
    """Return the creation of activities over the resources of a planning, and of some special meetings."""
    sizes = planning.counts()
    changes: list[Change] = []
    for key in range(1, activities + 1):
        duration = random.choice((2, 3, 3, 4))
        weeks = a_week_set(random, planning.grid.weeks)
        lecture = random.random() < 0.25
        cohort = random.randint(1, sizes["cohort"])
        group = (cohort - 1) * GROUPS_PER_COHORT + random.randint(1, GROUPS_PER_COHORT)
        changes.append(
            create(
                "activity",
                key,
                subject=random.randint(1, sizes["subject"]),
                instructional_type=1 if lecture else random.randint(2, len(TYPES)),
                duration=duration,
                weeks=weeks,
                place=a_place(random, planning.grid, duration) if random.random() < 0.9 else None,
                instructors=[random.randint(1, sizes["instructor"])],
                cohorts=[cohort] if lecture else [],
                groups=[] if lecture else [group],
                rooms=[random.randint(1, sizes["room"])],
                code=f"A{key:05d}",
            )
        )
        if random.random() < 0.05:
            week = random.choice([week for week in range(planning.grid.weeks) if weeks >> week & 1])
            changes.append(create("meeting", meeting_key(key, week), cancelled=True))
    return changes


def a_week_set(random: Random, weeks: int) -> int:
    """Return a run of weeks, or every other one of it."""
    first = random.randrange(weeks)
    length = random.randint(1, weeks - first)
    run = ((1 << length) - 1) << first
    every_other = sum(1 << week for week in range(first, weeks, 2))
    return run & every_other if random.random() < 0.3 else run


def a_place(random: Random, grid: Grid, duration: int) -> int:
    """Return a place where so many steps fit in a working day."""
    day = random.choice([day for day in range(7) if grid.works_on(day)])
    return day * grid.steps_per_day + random.randint(0, grid.steps_per_day - duration)
