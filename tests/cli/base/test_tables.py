import csv
import io
from pathlib import Path

import icalendar
import pytest

from hpserver.imports.read_table import read_table
from tests.cli.shell import WEEKS, Shell

pytestmark = pytest.mark.slow

STUDENTS = """Nom,Prénom,Adresse e-mail,Né(e) le,Sexe,Promotions,TD,Regroupements,Options,Famille
MARTIN,Zoë,z@x,28/02/2001,Féminin,A1,< A1 > gr1,"[ A1 gr4]",,
PETIT,Léo,l@x,,Masculin,A1,< A1 > gr2,,,
"""
LESSONS = (
    "Matière\tEnseignant\tPromotion\tSalle\tJour\tHeure\tDurée\tSemaines\n"
    "Algèbre\tDURAND Paul\tA1\tB 101\tLundi\t8h00\t1h30\t1-4,6\n"
)


def a_base(shell: Shell) -> None:
    """Make a base out of service."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    shell.ok("planning", "stop", "planning01", "--no-wait")


def test_a_list_of_students_makes_a_base_and_completes_it(shell: Shell) -> None:
    """The second time nothing is to be done."""
    file = shell.file("s.csv", STUDENTS)
    made = shell.json("import", "csv", "planning01", "Base", file, "--kind", "student", "--year", "2026")
    assert (made["counts"]["student"], made["counts"]["membership"]) == (2, 5)
    shell.ok("planning", "stop", "planning01", "--no-wait")
    again = shell.json("base", "import-table", "Base", file, "--kind", "student")
    assert (again["rows"], again["transactions"]) == ({"same": 2}, 0)


def test_a_dry_run_says_all_and_does_nothing(shell: Shell) -> None:
    """Columns, rows, what is new."""
    a_base(shell)
    file = shell.file("a.tsv", LESSONS)
    told = shell.ok("base", "import-table", "Base", file, "--kind", "activity", "--dry-run").out
    assert "Matière -> Subject" in told
    assert "1 to make" in told
    value = shell.json("base", "import-table", "Base", file, "--kind", "activity", "--dry-run")
    assert value["made"] == {"subject": 1, "instructor": 1, "cohort": 1, "room": 1, "activity": 1}
    assert shell.ok("base", "table", "Base", "activity").out.count("\n") == 1
    dry = shell.json("import", "csv", "planning01", "Other", file, "--kind", "activity", "--dry-run")
    assert dry["rows"] == {"create": 1}


def test_a_wrong_row_keeps_all_out_unless_told_otherwise(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Status 1, line and column; with --partial the good rows go in."""
    a_base(shell)
    file = shell.file("a.tsv", LESSONS + "Analyse\tX\t\t\tLune\t8h00\t1h30\t1\n")
    refused = shell.hp("base", "import-table", "Base", file, "--kind", "activity")
    assert (refused.status, "line 3, column 5" in refused.err) == (1, True)
    dry = shell.hp("base", "import-table", "Base", file, "--kind", "activity", "--dry-run")
    assert (dry.status, "! line 3, column 5" in dry.out, "wrong rows: 1" in dry.err) == (1, True, True)
    assert shell.hp("base", "import-table", "Base", file, "--kind", "activity", "--dry-run", "--partial").status == 0
    with monkeypatch.context() as patch:
        patch.setenv("HP_LANG", "fr")
        dry = shell.hp("base", "import-table", "Base", file, "--kind", "activity", "--dry-run")
    assert "! ligne 3, colonne 5 : un jour s'écrit lundi ou Monday" in dry.out
    assert "ligne 3, colonne 5 : un jour s'écrit lundi ou Monday : 'Lune 8h00' ; lignes fausses : 1" in dry.err
    assert shell.ok("base", "table", "Base", "activity").out.count("\n") == 1
    done = shell.json("base", "import-table", "Base", file, "--kind", "activity", "--partial")
    assert (done["rows"], done["revision"]) == ({"create": 1, "skip": 1}, 1)


def test_a_column_is_what_one_says_it_is(shell: Shell) -> None:
    """By title or number."""
    a_base(shell)
    file = shell.file("r.csv", "A;B\nSalle 9;30\n")
    words = ("base", "import-table", "Base", file, "--kind", "room")
    assert shell.json(*words, "--map", "A=Nom", "--map", "2=capacity")["made"] == {"room": 1}
    assert shell.hp(*words, "--map", "A").status == 78
    assert shell.hp(*words, "--map", "Z=name").status == 2


@pytest.mark.parametrize("name", ["t.xlsx", "t.csv"])
def test_a_table_is_written_and_read_back(shell: Shell, name: str) -> None:
    """As a workbook or as text."""
    shell.ok("import", "csv", "planning01", "Base", shell.file("s.csv", STUDENTS), "--kind", "student")
    shell.ok("planning", "stop", "planning01", "--no-wait")
    out = shell.folder / name
    assert shell.json("base", "table", "Base", "student", "--out", out)["rows"] == 2
    out.unlink()
    assert "2 students" in shell.ok("base", "table", "Base", "student", "--out", out).out
    assert len(read_table(name, out.read_bytes()).rows) == 3
    assert shell.json("base", "import-table", "Base", out, "--kind", "student")["transactions"] == 0
    text = shell.ok("base", "table", "Base", "student", "--separator", "semicolon").out
    assert next(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))[:2] == ["Clé", "Nom"]


def test_a_calendar_has_a_sequence_that_grows(shell: Shell) -> None:
    """One event per meeting, whose sequence is the revision that last changed it."""
    a_base(shell)
    shell.ok("base", "import-table", "Base", shell.file("a.tsv", LESSONS), "--kind", "activity")
    out = shell.folder / "a.ics"
    written = shell.json("base", "ics", "Base", "room", "B 101", "--out", out, "--holiday", "2026-11-11")
    assert written["events"] == 5
    calendar = icalendar.Calendar.from_ical(out.read_bytes())
    meetings = [one for one in calendar.walk("VEVENT") if str(one["UID"]).startswith("Cours")]
    assert {one["SEQUENCE"] for one in meetings} == {1}
    assert {str(one["UID"]).partition("@")[2] for one in meetings} == {"ecole.example"}
    assert shell.hp("base", "ics", "Base", "room", "Nope").status == 3
    assert "VCALENDAR" in shell.ok("base", "ics", "Base", "cohort", "A1").out


def test_a_damaged_file_leaves_the_base_alone(shell: Shell) -> None:
    """Neither text nor workbook."""
    a_base(shell)
    for content in (b"\x00\x01", b"PK\x03\x04 no", b'Nom\n"'):
        assert shell.hp("base", "import-table", "Base", shell.file("x", content), "--kind", "room").status == 1
    assert (
        shell.json("base", "import-table", "Base", shell.file("r.csv", "Nom\nB1\n"), "--kind", "room")["revision"] == 1
    )


def test_a_list_of_students_and_a_fet_file_are_written(shell: Shell) -> None:
    """Among the files for other programs."""
    shell.ok("import", "csv", "planning01", "Base", shell.file("s.csv", STUDENTS), "--kind", "student")
    folder: Path = shell.folder / "out"
    for form, name in (("students", "students.csv"), ("fet", "base.fet")):
        assert shell.json("base", "write", "Base", "--as", form, "--out", folder)["files"] == [name]
