import msgspec

from hpserver.base.changes import create
from hpserver.base.rules import RULES
from hpserver.base.rules.api import ALWAYS, Barrier, Breach, breach_of, setting
from tests.rules import a_base, a_constraint


def test_the_bytes_of_a_breach_are_for_ever() -> None:
    """Clients of every version read these."""
    breach = Breach("travel", 0, True, 0, "instructor", 1, (1, 2), 3, None, 30, 60)
    raw = bytes.fromhex("9ba674726176656c00c300aa696e7374727563746f720192010203c01e3c")
    assert msgspec.msgpack.encode(breach) == raw
    assert msgspec.msgpack.decode(raw, type=Breach) == breach


def test_a_barrier_becomes_a_breach_for_what_is_there() -> None:
    """It costs in each week."""
    breach = breach_of(Barrier("travel", 2, False, 5, "room", 1, 0, 7), (4,), 0, 6)
    assert (breach.cost, breach.activities, breach.weeks, breach.constraint) == (10, (4,), 6, 2)


def test_a_parameter_that_is_not_given_has_its_default() -> None:
    """Also one that the rule got later."""
    rule = RULES["lunch_break"]
    constraint = a_constraint("lunch_break", parameters=(("minutes", 45),))
    assert (setting(rule, constraint, "minutes"), setting(rule, constraint, "from")) == (45, 690)
    assert setting(rule, ALWAYS, "minutes") == 60


def test_a_candidate_knows_its_audience() -> None:
    """Whoever attends, not who teaches or where."""
    planning = a_base(create("activity", 1, weeks=1, duration=2, instructors=[1], cohorts=[2], rooms=[1]))
    candidate = planning.index.candidate(1, rooms=[2])
    assert (candidate.audience(), candidate.duration, candidate.needs["room", 2]) == ((("cohort", 2),), 2, 1)
