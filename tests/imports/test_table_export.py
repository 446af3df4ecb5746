import pytest

from hpserver.base.changes import create
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS
from hpserver.errors import InvalidChangeError
from hpserver.imports.read_table import read_table
from hpserver.imports.sheet import plan_table
from hpserver.imports.table_export import table_of
from hpserver.imports.table_text import write_csv
from hpserver.imports.xlsx_write import write_xlsx
from tests.schools import a_grid, a_school

ORDER = ("site", "instructional_type", "subject", "instructor", "cohort", "group", "room", "activity")


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_every_kind_is_written_and_read_back_onto_its_base(write: type) -> None:
    """The same table onto the same base changes nothing."""
    base = a_school(60)
    for kind in ORDER:
        plan = plan_table(read_table("", write(list(table_of(base, kind)))), base, kind)
        assert plan.changes == ()
        assert plan.counts() == {"same": len(base.rows(kind))}


def test_the_tables_of_a_base_make_the_same_base() -> None:
    """Names stand for keys in every cell."""
    base, other = a_school(60), Planning(a_grid())
    for kind in ORDER:
        table = read_table("", write_csv(row[1:] for row in table_of(base, kind)))
        plan = plan_table(table, other, kind, similar="create", identical="several")
        plan.require_whole()
        other.apply(plan.changes)
        assert other.rows(kind) == base.rows(kind)
    other.validate()


def test_every_kind_has_titles_that_tell_its_fields_apart() -> None:
    """No two columns of one title; a kind that there is not has none."""
    base = a_school(1)
    for kind in KINDS:
        titles = next(table_of(base, kind))
        assert len(set(titles)) == len(titles)
    with pytest.raises(InvalidChangeError):
        next(table_of(base, "nothing"))


def test_homonyms_are_named_by_their_codes() -> None:
    """Else a cell would mean two objects."""
    base = Planning(a_grid())
    base.apply([create("room", 1, name="B", code="R1"), create("room", 2, name="b", code="R2")])
    base.apply([create("room_pool", 1, name="P", rooms=[1, 2])])
    assert list(table_of(base, "room_pool"))[1] == ("1", "P", "R1; R2")
