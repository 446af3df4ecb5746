"""What is counted in a day of somebody: time taken, gaps, half days, runs; as it is, and with a block put anywhere.

`busy` are the columns of what is taken. `with_block` functions return one count per step at which a block of
`duration` steps may start: what would be counted were it there too.
"""

from hpserver.base.rules.days import ALL, ZERO, Columns, Count, above, add, any_of, plus, take, tally


def load(busy: Columns) -> Count:
    """Count the steps taken."""
    return tally(busy)


def load_with_block(busy: Columns, duration: int) -> list[Count]:
    """Count the steps taken with a block: a window of steps still free slides over the day."""
    count = tally(busy)
    for column in busy[:duration]:
        count = add(count, ALL & ~column)
    counts = [count]
    for start in range(len(busy) - duration):
        count = add(take(count, ALL & ~busy[start]), ALL & ~busy[start + duration])
        counts.append(count)
    return counts


def gaps(busy: Columns) -> Count:
    """Count the free steps between the first and the last that is taken."""
    earlier, later = _before(busy), _after(busy)
    return tally(earlier[step] & later[step + 1] & ~column for step, column in enumerate(busy))


def gaps_with_block(busy: Columns, duration: int) -> list[Count]:
    """Count them with a block: those before it from the first taken, and those after it to the last."""
    steps = len(busy)
    earlier, later = _before(busy), _after(busy)
    left = [ZERO]
    for step, column in enumerate(busy):
        left.append(add(left[-1], earlier[step] & ~column))
    right = [ZERO]
    for step in reversed(range(steps)):
        right.append(add(right[-1], later[step + 1] & ~busy[step]))
    right.reverse()
    return [plus(left[start], right[start + duration]) for start in range(steps - duration + 1)]


def presence(busy: Columns) -> Count:
    """Count 1 on a day with anything."""
    return (any_of(busy),)


def presence_with_block(busy: Columns, duration: int) -> list[Count]:
    """Count 1: the block is there."""
    return [(ALL,)] * (len(busy) - duration + 1)


def half_days(busy: Columns, noon: int) -> Count:
    """Count the halves of a day with anything; the second begins at step `noon`."""
    return tally((any_of(busy[:noon]), any_of(busy[noon:])))


def half_days_with_block(busy: Columns, duration: int, noon: int) -> list[Count]:
    """Count the halves with a block."""
    morning, afternoon = any_of(busy[:noon]), any_of(busy[noon:])
    return [
        tally((ALL if start < noon else morning, ALL if start + duration > noon else afternoon))
        for start in range(len(busy) - duration + 1)
    ]


def overrun(busy: Columns, limit: int) -> Count:
    """Count the steps taken at the end of `limit` others in a row."""
    windows = list(busy)
    for _ in range(limit):
        windows = [one & two for one, two in zip(windows, busy[len(busy) - len(windows) + 1 :], strict=False)]
    return tally(windows)


def overruns_with_block(busy: Columns, duration: int, limit: int) -> list[int]:
    """Return, start by start, where a block makes a run longer than `limit` that was not as long."""
    left, right = _runs(busy), _runs(busy[::-1])[::-1]
    found = []
    for start in range(len(busy) - duration + 1):
        run = plus(left[start], right[start + duration])
        fresh = any_of(ALL & ~column for column in busy[start : start + duration])
        found.append(above(run, limit - duration) & fresh)
    return found


def breaks_left(busy: Columns, first: int, last: int, length: int) -> int:
    """Return where `length` free steps in a row remain from step `first` to before `last`."""
    return any_of(_free_runs(busy, first, last, length))


def breaks_with_block(busy: Columns, duration: int, first: int, last: int, length: int) -> list[int]:
    """Return, start by start, where they remain with a block."""
    runs = _free_runs(busy, first, last, length)
    found = []
    for start in range(len(busy) - duration + 1):
        before = max(0, start - length + 1 - first)  # runs that end before the block begins
        after = max(0, start + duration - first)  # runs that begin once it is over
        found.append(any_of(runs[:before]) | any_of(runs[after:]))
    return found


def _free_runs(busy: Columns, first: int, last: int, length: int) -> list[int]:
    return [ALL & ~any_of(busy[step : step + length]) for step in range(first, last - length + 1)]


def _runs(busy: Columns) -> list[Count]:
    """Return, for each step and one more, how many steps in a row just before it are taken."""
    runs = [ZERO]
    for column in busy:
        runs.append(tuple(digit & column for digit in add(runs[-1], ALL)))
    return runs


def _before(busy: Columns) -> list[int]:
    """Return, for each step, where anything is taken before it."""
    found = [0]
    for column in busy:
        found.append(found[-1] | column)
    return found


def _after(busy: Columns) -> list[int]:
    """Return, for each step and one more, where anything is taken at it or after it."""
    found = [0]
    for column in reversed(busy):
        found.append(found[-1] | column)
    return found[::-1]
