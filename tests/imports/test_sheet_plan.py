import pytest

from hpserver.errors import ImportRefusedError
from hpserver.imports import sheet_plan
from hpserver.imports.sheet_plan import Outcome, Remarks, SheetPlan


def a_plan(remarks: Remarks) -> SheetPlan:
    """Return a plan of two rows."""
    outcomes = (Outcome(2, "create", "a"), Outcome(3, "skip", "b"))
    return SheetPlan("csv", "room", (), outcomes, tuple(remarks.list), (), {"room": 1}, {}, remarks.unlisted)


def test_a_plan_with_a_wrong_row_is_not_whole() -> None:
    """The refusal names the first place."""
    remarks = Remarks()
    remarks.note(1, 2, "column left out", "x")
    a_plan(remarks).require_whole()
    remarks.wrong(3, 4, "not there", "B1")
    plan = a_plan(remarks)
    assert remarks.is_wrong(3)
    assert not remarks.is_wrong(2)
    with pytest.raises(ImportRefusedError) as caught:
        plan.require_whole()
    assert (caught.value.details["line"], caught.value.details["column"]) == (3, 4)


def test_a_plan_counts_its_rows_and_tells_them_as_a_report() -> None:
    """What is shown before is what is kept after."""
    plan = a_plan(Remarks())
    assert plan.counts() == {"create": 1, "skip": 1}
    assert plan.report().counts == {"rows": 2, "room": 1}


def test_remarks_beyond_the_limit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never dropped silently; what is wrong is always kept."""
    monkeypatch.setattr(sheet_plan, "MAX_NOTES", 2)
    remarks = Remarks()
    for line in range(5):
        remarks.note(line, 1, "x")
    remarks.wrong(9, 1, "y")
    assert (len(remarks.list), remarks.unlisted) == (3, 3)
    assert a_plan(remarks).report().unlisted == {"further remarks": 3}
