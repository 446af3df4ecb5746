import datetime as dt

from hpserver.base.changes import MAX_CHANGES, create
from hpserver.base.grid import Grid
from hpserver.imports.result import Imported, Note, Report, to_planning

GRID = Grid(dt.date(2026, 9, 7), 36, 0b11111, 10, 60, 4)


def test_a_large_import_is_cut_into_transactions_that_apply() -> None:
    """A whole school exceeds one transaction: every piece applies after those before it."""
    subjects = tuple(create("subject", key, name=f"Matière {key}") for key in range(1, MAX_CHANGES + 11))
    activities = tuple(create("activity", key, subject=MAX_CHANGES + key) for key in range(1, 11))
    imported = Imported(GRID, subjects + activities, Report("ics", "", {}))
    assert [len(batch) for batch in imported.batches()] == [MAX_CHANGES, 20]
    assert to_planning(imported).counts()["activity"] == 10


def test_the_report_counts_listed_and_unlisted_notes_together() -> None:
    """A reader sees how often something was not understood, however often."""
    report = Report("ics", "", {}, (Note(1, "all day", "x"), Note(2, "all day", "y")), {"all day": 3, "other": 1})
    assert report.noted() == {"all day": 5, "other": 1}
