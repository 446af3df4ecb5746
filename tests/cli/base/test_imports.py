import gzip
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.itc2019 import problem
from tests.itc2019 import solution as drawn
from tests.udine import ECTT, plain
from tests.untis import folder

pytestmark = pytest.mark.slow

ROWS = b"Algebra rA 0 0\nOptics rB 1 2\n"


def saved(shell: Shell, files: dict[str, bytes]) -> Path:
    """Write files into a new folder."""
    inside = shell.folder / "export"
    inside.mkdir()
    for name, data in files.items():
        (inside / name).write_bytes(data)
    return inside


def test_a_problem_of_itc2007_is_imported_costed_and_written(shell: Shell) -> None:
    """From the file of a competition to a base in service, its cost, and the files again."""
    file, rows = shell.file("little.ectt", ECTT.encode()), shell.file("little.sol", ROWS)
    done = shell.ok("--output", "json", "import", "itc2007", "planning01", "Little", file, "--solution", rows)
    assert (done.value["counts"]["activity"], done.value["counts"]["room"]) == (11, 3)
    value = shell.json("base", "cost", "Little", "--formulation", "ud4")
    assert {one["rule"] for one in value["rules"]} >= {"lectures", "windows", "double_lectures"}
    assert value["hard"] == 10
    assert "room stability" in shell.ok("base", "cost", "Little").out
    out = shell.folder / "out"
    assert shell.json("base", "write", "Little", "--as", "itc2007", "--out", out)["files"] == [
        "Little.ctt",
        "Little.sol",
    ]
    assert (out / "Little.sol").read_bytes() == ROWS
    assert shell.hp("base", "write", "Little", "--as", "itc2007-extended", "--out", out).status == 0


def test_a_problem_of_itc2019_is_imported_costed_and_written(shell: Shell) -> None:
    """The base has the choices and the timetable, and gives both back."""
    text = problem(3)
    file = shell.file("little.xml.gz", gzip.compress(text.encode()))
    rows = shell.file("rows.xml", drawn(text, 1, lawful=True).encode())
    shell.ok("import", "itc2019", "planning01", "Little", file, "--solution", rows, "--year", "2026")
    value = shell.json("base", "cost", "Little", "--formulation", "itc2019")
    assert {one["rule"]: one["weight"] for one in value["rules"]}["student"] == 7
    out = shell.folder / "out"
    shell.ok("base", "write", "Little", "--as", "itc2019", "--out", out)
    assert sorted(path.name for path in out.iterdir()) == ["problem-Little.xml", "solution-Little.xml"]


def test_a_folder_or_a_zip_of_untis_is_imported_and_written(shell: Shell) -> None:
    """As Untis leaves it on the disk."""
    inside = saved(shell, folder())
    done = shell.ok("--output", "json", "import", "untis", "planning01", "Schule", inside, "--year", "2026")
    assert done.value["counts"]["cohort"] == 2
    assert "not taken over" in done.err
    out = shell.folder / "out"
    shell.ok("base", "write", "Schule", "--as", "untis", "--out", out)
    again = shell.ok("--output", "json", "import", "untis", "planning02", "Wieder", out, "--year", "2026")
    assert again.value["counts"] == done.value["counts"]


def test_a_file_that_is_no_export_of_untis_is_named_as_it_is(shell: Shell) -> None:
    """And it is said what is wanted instead."""
    refused = shell.hp("import", "untis", "planning01", "Schule", shell.file("README.md", "# Read me"))
    assert refused.status == 1
    assert "'README.md' is no zip: give the folder that Untis exported GPU001.TXT into" in refused.err


@pytest.mark.parametrize("kind", ["itc2007", "itc2019", "untis"])
def test_anything_else_is_refused_whole(shell: Shell, kind: str) -> None:
    """Nothing is made of it, and no base is left behind."""
    for content in (b"", b"\x00\x01", plain(ECTT).encode()[:200], b"PK\x03\x04junk"):
        refused = shell.hp("import", kind, "planning01", "Base", shell.file("x", content))
        assert (refused.status, refused.out) == (1, "")
    assert shell.json("base", "list") == []


def test_a_file_comes_onto_a_base_or_a_branch_once(shell: Shell) -> None:
    """Seen first, then done, then nothing more to do; on a branch it is a difference like any other work."""
    file, rows = shell.file("little.ectt", ECTT.encode()), shell.file("little.sol", ROWS)
    shell.ok("import", "itc2007", "planning01", "Little", file, "--solution", rows, "--year", "2026")
    shell.ok("planning", "stop", "planning01", "--no-wait")
    shell.ok("base", "branch", "create", "Little", "Essai")
    same = ("base", "import-file", "Essai", file, "--year", "2026")
    assert shell.json(*same, "--dry-run") == {"base": "Essai", "made": 0, "changed": 0}
    more = shell.file("more.ectt", ECTT.replace("Algebra", "Analysis").encode())
    value = shell.json("base", "import-file", "Essai", more, "--year", "2026", "--force")
    assert value["made"] > 0
    assert value["revision"] == 1
    assert shell.json("base", "import-file", "Essai", more, "--year", "2026", "--dry-run")["made"] == 0
    assert "Analysis" in shell.ok("base", "branch", "diff", "Essai").out
