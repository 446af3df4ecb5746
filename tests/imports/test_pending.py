from hpserver.base.changes import create, in_transactions
from hpserver.base.model import Activity, meeting_key
from hpserver.base.planning import Planning
from hpserver.imports.pending import Pending, resolved
from tests.schools import a_grid, a_school


def a_base() -> Planning:
    """Return a base with a few names."""
    planning = Planning(a_grid())
    planning.apply(
        [
            create("cohort", 1, name="L1"), create("cohort", 2, name="L2"),
            create("group", 1, cohort=1, name="TD1"), create("group", 2, cohort=2, name="TD1"),
            create("instructor", 1, name="DURAND", first_name="Zoë", code="E1"),
            create("room", 1, name="B 101"), create("room", 2, name="b 101"),
        ]
    )  # fmt: skip
    return planning


def test_objects_are_found_by_name_code_and_without_accents() -> None:
    """In that order; a person also by first name and name, in both orders."""
    pending = Pending(a_base())
    for text in ("DURAND", "Zoë DURAND", "durand zoe", "E1"):
        assert pending.find("instructor", text).keys == (1,)
    assert pending.find("room", "B 101").keys == (1,)
    assert pending.find("room", "B  101".upper()).keys in {(1,), (1, 2)}
    assert pending.find("group", "TD1").keys == (1, 2)
    assert pending.find("group", "TD1", 2).keys == (2,)
    assert pending.find("instructor", "DURANT").near == ("Zoë DURAND",)
    assert pending.coded("instructor", "E1") == [1]


def test_what_is_made_is_found_and_completed() -> None:
    """A second row that names it means the same."""
    pending = Pending(a_base())
    pending.find("subject", "x")
    key = pending.create("subject", name="Chimie")
    assert key < 0
    assert pending.find("subject", "CHIMIE").keys == (key,)
    assert pending.complete("subject", key, code="C", name="Chimie") == ("code",)
    assert pending.complete("instructor", 1, email="z@x", code="E1") == ("email",)
    assert pending.complete("instructor", 1, email="z@x") == ()
    planning = a_base()
    planning.apply(pending.changes())
    assert (pending.counts(), pending.updated()) == ({"subject": 1}, {"instructor": 1})
    planning.validate()


def test_what_only_left_out_rows_name_is_not_made() -> None:
    """Nothing is left behind by a row that is wrong."""
    pending = Pending(a_base())
    used, unused = pending.create("subject", name="a"), pending.create("subject", name="b")
    site = pending.create("site", name="s")
    room = pending.create("room", name="r", site=site)
    activity = pending.create("activity", subject=used, rooms=(room,))
    pending.keep_only([("activity", activity)])
    assert pending.counts() == {"site": 1, "subject": 1, "room": 1, "activity": 1}
    assert unused not in pending.keys("subject")


def test_changes_with_real_keys_may_be_cut_anywhere() -> None:
    """Placeholders live in one transaction only; keys and the references to them are given beforehand."""
    planning = a_school(20)
    pending = Pending(planning)
    for number in range(30):
        pending.create("subject", name=f"Nouvelle {number}")
    activity = pending.create("activity", subject=pending.find("subject", "Nouvelle 29").keys[0], weeks=1)
    changes = (*pending.changes(), create("meeting", meeting_key(activity, 0), cancelled=True))
    real = resolved(changes, planning.next_keys)
    cut = list(in_transactions(real, 200))
    assert len(cut) > 3
    for batch in cut:
        planning.apply(batch)
    planning.validate()
    row = planning.get("activity", 21)
    assert isinstance(row, Activity)
    assert planning.maybe_meeting(21, 0) is not None
    assert planning.counts()["subject"] == 30 + len(a_school(20).rows("subject"))
