import json
import os
from pathlib import Path

import pytest

from hpserver.cli.base.files import exported
from tests.cli.shell import WEEKS, Shell
from tests.schools import a_school

A_WEEK = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:1
DTSTART;TZID=Europe/Paris:20260907T100000
DTEND;TZID=Europe/Paris:20260907T120000
SUMMARY:Algèbre CM
LOCATION:Salle 1
END:VEVENT
END:VCALENDAR
"""


def test_a_base_is_created_loaded_listed_and_exported(shell: Shell) -> None:
    """From nothing to JSON that anybody can read."""
    value = shell.json("base", "create", "planning01", "Base 2026", *WEEKS, "--day-start", "07:30")
    assert (value["planning"], value["base"], value["desired"]) == ("planning01", "Base 2026", "up")
    assert shell.json("base", "list") == [
        {"base": "Base 2026", "planning": "planning01", "backed_up": None, "verified": None, "failed": ""}
    ]
    document = json.loads(shell.ok("base", "export", "Base 2026", "--json").out)
    assert (document["name"], document["grid"]["day_start"]) == ("Base 2026", 450)
    out = shell.folder / "out.json"
    assert shell.json("base", "export", "Base 2026", "--out", out)["bytes"] == out.stat().st_size
    again = out.with_name("again.json")
    assert "again.json" in shell.ok("base", "export", "Base 2026", "--out", again).out
    assert "Base 2026" in shell.ok("base", "list").out


def test_a_base_is_loaded_into_a_planning_that_is_stopped(shell: Shell) -> None:
    """One base, one planning."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    refused = shell.hp("base", "load", "planning01", "Base")
    assert (refused.status, "Stop the planning first" in refused.err) == (5, True)
    shell.ok("planning", "stop", "planning01", "--no-wait")
    assert shell.json("base", "load", "planning01", "Base") == {"planning": "planning01", "base": "Base"}
    assert shell.hp("base", "load", "planning02", "Base").status == 78
    assert shell.hp("base", "load", "planning02", "Nope").status == 3


@pytest.mark.parametrize(
    "words",
    [
        ("x", "--first-monday", "2026-08-30", "--last-sunday", "2027-07-04"),
        ("x", "--first-monday", "2026-13-30", "--last-sunday", "2027-07-04"),
        ("x", "--first-monday", "2026-08-31", "--last-sunday", "2050-07-03"),
        ("x", *WEEKS, "--timezone", "../../etc/passwd"),
        ("x", *WEEKS, "--day-start", "25:00"),
        ("x", *WEEKS, "--sequences", "999999999999"),
        ("x", *WEEKS, "--division", "7"),
        ("x", *WEEKS, "--days", "8"),
        ("../x", *WEEKS),
        ("", *WEEKS),
    ],
)
def test_a_grid_that_is_none_is_a_usage_error(shell: Shell, words: tuple[str, ...]) -> None:
    """Status 2, the parameter that is wrong, and nothing on disk."""
    refused = shell.hp("base", "create", "planning01", *words)
    assert (refused.status, refused.out) == (2, "")
    assert shell.json("base", "list") == []


def test_what_is_taken_or_not_there_has_its_status(shell: Shell) -> None:
    """5 and 3."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    assert shell.hp("base", "create", "planning02", "Base", *WEEKS).status == 5
    assert shell.hp("base", "create", "planning09", "Other", *WEEKS).status == 3
    assert shell.hp("base", "export", "Nope").status == 3
    assert shell.hp("base", "export", "../../x").status == 2
    assert shell.hp("base", "export", "Base", "--out", "/nonexistent/x").status == 78


def test_a_damaged_base_is_said_to_be(shell: Shell) -> None:
    """Not a traceback, and the file is left as it is."""
    shell.ok("base", "create", "planning01", "Base", *WEEKS)
    [file] = (shell.state / "bases").rglob("*.hpbase")
    file.write_bytes(os.urandom(9000))
    refused = shell.hp("base", "export", "Base")
    assert (refused.status, "backup" in refused.err) == (1, True)


def test_a_calendar_becomes_a_base(shell: Shell) -> None:
    """What was taken and what was not is said beside the result."""
    file = shell.file("week.ics", A_WEEK.replace("\n", "\r\n"))
    done = shell.ok("--output", "json", "import", "ics", "planning01", "Base", file)
    assert done.value["counts"]["activity"] == 1
    assert "activity" in done.err


@pytest.mark.parametrize("kind", ["ics", "fet"])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.bin", os.urandom(999)), ("x.fet", b"<fet></fet>"),
        *(pytest.param(*one, marks=pytest.mark.slow)
          for one in (("x.ics", b""), ("x.ics", os.urandom(999)), ("x.fet", b"\x00"), ("x.fet.gz", b"\x1f\x8b123"))),
    ],
)  # fmt: skip
def test_a_file_of_another_kind_is_refused_whole(shell: Shell, kind: str, name: str, content: bytes) -> None:
    """Any file may be chosen by mistake."""
    refused = shell.hp("import", kind, "planning01", "Base", shell.file(name, content))
    assert (refused.status, refused.out) == (1, "")
    assert "ImportRefused" in refused.err
    assert shell.hp("import", kind, "planning01", "Base", Path("/nonexistent")).status == 2
    assert shell.hp("import", kind, "planning01", "Base", shell.folder).status == 2


def test_an_export_names_every_object_by_kind_and_key() -> None:
    """Open and typed: nothing of the base is left out."""
    school = a_school(10)
    document = exported(school, "Base", 4)
    assert {kind: len(rows) for kind, rows in document["objects"].items()} == school.counts()
    assert document["objects"]["activity"]["1"]["duration"] == school.activity(1).duration
