"""`hp client upload` and `hp client bases`: a base sent from an administrator's machine."""

from pathlib import Path

import pytest

from hpserver.cli.main import EXIT_CONFLICT, EXIT_FAILED, EXIT_REFUSED
from hpserver.exports.packing import pack
from hpserver.exports.writing import lines
from tests.cli.desks import Desk
from tests.exports.documents import a_history
from tests.house import ADMINISTRATOR, House

pytestmark = pytest.mark.slow


@pytest.fixture
def emile(client_house: House, alice: Desk) -> Desk:
    """The administrator of both plannings, at Alice's desk."""
    _, _, *others = alice.signing
    return Desk(client_house, ("--login", ADMINISTRATOR, *others))


@pytest.fixture
def document(tmp_path: Path) -> str:
    """A document of a base."""
    path = tmp_path / "a.hpx"
    path.write_bytes(b"".join(pack(lines(a_history()))))
    return str(path)


def test_a_base_is_sent_and_listed(emile: Desk, document: str) -> None:
    """What it holds is told, and what to do next; a name is used once."""
    value = emile.json("upload", "planning01", document, "Envoyée")
    assert (value["base"], value["transactions"], value["not_taken_over"]) == ("Envoyée", 4, {})
    assert value["bytes"] == Path(document).stat().st_size
    assert sum(value["counts"].values()) > 0
    rows = emile.json("bases", "planning01")
    assert {"base": "Base planning01", "loaded": "planning01"} in rows
    assert {"base": "Envoyée", "loaded": None} in rows
    assert emile.client("upload", "planning01", document, "Envoyée").returncode == EXIT_CONFLICT
    told = emile.ok("upload", "planning01", document, "Encore une")
    assert "hp base load planning01 'Encore une'" in told


def test_a_table_is_seen_as_a_branch_of_what_people_edit(alice: Desk, tmp_path: Path) -> None:
    """Who edits sends it, and reads what it would do before anybody does it."""
    table = tmp_path / "salles.csv"
    table.write_text("Nom;Capacité\nZ 1;30\n", encoding="utf-8")
    words = ("import", "planning01", str(table))
    value = alice.json(*words, "Salles", "--kind", "room")
    assert (value["branch"], value["base"], value["made"], value["changed"]) == (
        "Salles",
        "Base planning01",
        {"room": 1},
        {},
    )
    assert [one["how"] if isinstance(one, dict) else one[2] for one in value["differences"]] == ["created"]
    told = alice.ok(*words, "Encore", "--kind", "room")
    assert "Z 1" in told
    assert "hp base branch diff 'Encore'" in told
    assert alice.client(*words, "Salles", "--kind", "room").returncode == EXIT_CONFLICT
    done = alice.client(*words, "Autre")
    assert (done.returncode, "ImportRefused" in done.stderr) == (EXIT_FAILED, True), done


def test_what_is_no_base_or_not_allowed_is_one_line(emile: Desk, alice: Desk, tmp_path: Path) -> None:
    """A person reads why; a script reads the exit status."""
    noise = tmp_path / "noise"
    noise.write_bytes(b"noise")
    done = emile.client("upload", "planning01", str(noise), "Bruit")
    assert (done.returncode, "ImportRefused" in done.stderr) == (EXIT_FAILED, True), done
    for words in (("upload", "planning01", str(noise), "Bruit"), ("bases", "planning01")):
        assert alice.client(*words).returncode == EXIT_REFUSED
