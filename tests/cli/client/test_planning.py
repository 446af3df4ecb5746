import os
import re
import subprocess
import sys
import threading

import pytest

from tests.cli.desks import Desk
from tests.house import ROOT

pytestmark = pytest.mark.slow


def test_place_show_and_watch_speak_of_names_and_hours(alice: Desk) -> None:
    """What one places, another sees pass, and finds in the week."""
    watching = subprocess.Popen(
        [sys.executable, "-m", "hpserver", "client", "watch", "planning01", "--count", "1", *alice.signing],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=alice.house.folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "HP_LANG": "fr"},
    )  # fmt: skip
    end = threading.Timer(60, watching.kill)
    end.start()
    assert watching.stderr is not None
    assert "en attente" in watching.stderr.readline()
    placed = alice.ok(
        "place", "planning01", "3", "--at", "mercredi 14h", "--force", "--why", "test", "--room", "Salle 2"
    )
    assert re.fullmatch(r"Placed: Matière \d+ \w+ \(.+\), Wednesday 14:00 \(revision \d+\)\n", placed), placed
    told, _ = watching.communicate()
    end.cancel()
    assert re.search(r"alice  Matière \d+ \w+ \(.+\) : placé mercredi 14:00; Salles = Salle 2 \(test\)", told), told
    week = alice.json("show", "planning01", "room", "2", "--week", "1")
    assert (week["key"], week["name"], week["week"]) == (2, "Salle 2", 1)
    weeks = [alice.ok("show", "planning01", "room", "Salle 2", "--week", str(number)) for number in (5, 15, 25)]
    assert all(one.startswith("Salle 2, week ") for one in weeks)


def test_what_is_in_a_planning_can_be_found(alice: Desk) -> None:
    """Nobody has to guess the key that `show` and `place` ask for."""
    rooms = alice.json("find", "planning01", "room")
    assert {"key": 2, "name": "Salle 2"} in rooms
    assert alice.json("find", "planning01", "room", "salle 2")[0] == {"key": 2, "name": "Salle 2"}
    assert alice.ok("find", "planning01", "activity").splitlines()[0].split() == ["Key", "Name"]
    assert alice.client("find", "planning01", "teacher").returncode == 2


def test_a_clash_is_explained_before_and_after(alice: Desk) -> None:
    """`--dry-run` does nothing; without `--force` it is refused with 5, and says with whom."""
    alice.ok("place", "planning01", "4", "--at", "thu 10:00", "--force", "--room", "Salle 1")
    for activity in range(5, 60):
        done = alice.client("place", "planning01", str(activity), "--at", "thu 10:00", "--room", "Salle 1", "--dry-run")
        assert done.returncode == 0, done
        if "already in" in done.stderr:
            break
    refused = alice.client("place", "planning01", str(activity), "--at", "thu 10:00", "--room", "Salle 1")
    assert (refused.returncode, "already in" in refused.stderr) == (5, True), refused


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("place", "planning01", "1"), 2), (("place", "planning01", "1", "5", "--at", "mon 10:00"), 2),
        (("place", "planning01", "1", "--at", "soon"), 2), (("place", "planning01", "1", "--at", "mon 10:10"), 2),
        (("place", "planning01", "1", "9" * 30), 2), (("place", "planning01", "nothing", "5"), 3),
        (("place", "planning01", "1", "5", "--room", "nowhere"), 3), (("show", "planning01", "teacher", "1"), 2),
        (("show", "planning01", "room", "1", "--week", "99"), 2), (("show", "planning01", "room", "Salle"), 3),
        (("watch", "planning02"), 3), (("place", "planning01", "1", "--at", "2020-01-06 10:00"), 2),
    ],
)  # fmt: skip
def test_no_mistake_of_a_person_is_a_traceback(alice: Desk, words: tuple[str, ...], status: int) -> None:
    """A sentence and a status, whatever is typed."""
    done = alice.client(words[0], *words[1:])
    assert (done.returncode, done.stdout) == (status, ""), done
    assert "Traceback" not in done.stderr
