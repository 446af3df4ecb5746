"""The schools published with FET, each read once: nothing lost on the way in, nothing on the way out."""

from pathlib import Path

import pytest

from hpserver.base.rules import breaches
from hpserver.imports.fet import read_fet
from hpserver.imports.fet_export import FILE, write_fet
from hpserver.imports.result import to_planning
from tests.imports.test_fet import counts_in
from tests.imports.test_fet_export import differing

EXAMPLES = Path("/usr/share/doc/fet-data/examples")
"""Where Debian's package `fet-data` puts the examples published with FET."""

SCHOOLS = sorted(str(path.relative_to(EXAMPLES)) for path in EXAMPLES.rglob("*.fet"))

pytestmark = pytest.mark.slow


@pytest.mark.skipif(not SCHOOLS, reason="Debian's package fet-data is not installed: 236 real schools are not read")
@pytest.mark.parametrize("school", SCHOOLS)
def test_a_school_published_with_fet_is_read_and_comes_back(school: str) -> None:
    """No object is lost, what FET solved clashes nowhere and breaks no rule, and written again it is the same."""
    data = (EXAMPLES / school).read_bytes()
    planning = to_planning(read_fet(data, 2026))
    assert counts_in(data).items() <= planning.counts().items()
    activities = {key: planning.activity(key) for key in planning.rows("activity")}
    if all(row.place is not None or not row.weeks for row in activities.values()):
        assert not [clash for key in activities for clash in planning.clashes_of(key)]
        assert not [breach for breach in breaches(planning) if breach.hard]
    else:
        assert not school.endswith("_data_and_timetable.fet"), "FET had solved it"
    exported = write_fet(planning, "x")
    assert exported.left_out == {}
    assert differing(to_planning(read_fet(exported.files[FILE], 2026)), planning) == []
