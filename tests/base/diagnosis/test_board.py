"""Rooms side by side say what each room says alone."""

from random import Random

from hpserver.base.changes import update
from hpserver.base.diagnosis.board import KEPT_PATTERNS, Board
from hpserver.base.integrity import naive_cells
from hpserver.base.planning import Planning
from tests.schools import a_place, a_school


def naive(planning: Planning, weeks: int, steps: int, allowed: int) -> set[tuple[int, int]]:
    """Return the pairs of room and start, cell by cell."""
    taken = {(kind_key[1], place, week) for cells in naive_cells(planning).values() for kind_key, place, week in cells
             if kind_key[0] == "room"}  # fmt: skip
    return {
        (room, start)
        for room in planning.rows("room")
        for start in range(planning.grid.places)
        if allowed >> start & 1
        and not any(
            (room, place, week) in taken
            for place in range(start, start + steps)
            for week in range(planning.grid.weeks)
            if weeks >> week & 1
        )
    }


def found(board: Board, planning: Planning, weeks: int, steps: int, allowed: int) -> set[tuple[int, int]]:
    """Return the pairs of the board."""
    mask = board.free(weeks, steps, allowed, sorted(planning.rows("room")), {})
    return {
        (room, start)
        for room in planning.rows("room")
        for start in range(planning.grid.places)
        if mask >> board.slot(room) * board.width + start & 1
    }


def test_it_stays_true_while_activities_move() -> None:
    """Asked, changed, asked again: only what changed is taken over."""
    planning, random = a_school(60), Random(3)
    board = Board(planning.grid.places)
    allowed = sum(1 << place for place in range(12))
    for _ in range(6):
        board.refresh(planning.occupancy, planning.rows("room"))
        for weeks in (0b1, 0b1010, planning.grid.all_weeks):
            assert found(board, planning, weeks, 3, allowed) == naive(planning, weeks, 3, allowed)
        activity = random.randint(1, 60)
        place = a_place(random, planning.grid, planning.activity(activity).duration)
        planning.apply([update("activity", activity, place=place)])


def test_some_rooms_and_special_ones() -> None:
    """Rooms not asked about have nothing; a special one has the starts given, as far as they are allowed."""
    planning = a_school(60)
    board = Board(planning.grid.places)
    board.refresh(planning.occupancy, planning.rows("room"))
    mask = board.free(0b1, 1, 0b1111, [1, 2], {2: 0b110110})
    own = mask >> board.slot(2) * board.width & (1 << board.width) - 1
    other = mask >> board.slot(3) * board.width & (1 << board.width) - 1
    assert (own, other) == (0b0110, 0)
    assert board.free(0b1, 1, 0, [1], {}) == board.free(0b1, 1, 1, [], {}) == 0


def test_few_week_sets_are_kept_together() -> None:
    """However many are asked about, the answers stay right."""
    planning = a_school(30)
    board = Board(planning.grid.places)
    board.refresh(planning.occupancy, planning.rows("room"))
    first = [board.free(weeks, 1, 0b1, [1], {}) for weeks in range(1, KEPT_PATTERNS + 10)]
    again = [board.free(weeks, 1, 0b1, [1], {}) for weeks in range(1, KEPT_PATTERNS + 10)]
    some = [board.free(0b1, 1, 0b1, [1 + number % 2] * (1 + number), {}) for number in range(KEPT_PATTERNS + 2)]
    assert first == again
    assert len(set(some)) <= 2
