"""`hp` as its users type it, in order, from an empty disk to an export: exit statuses, and JSON that can be read."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.house import DOMAIN, PASSWORD, PATIENCE, ROOT, wait_until
from tests.ports import free_ports

pytestmark = pytest.mark.slow

PIN = "482913"
CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//\r\n"
    + "".join(
        f"BEGIN:VEVENT\r\nUID:{number}@test\r\nDTSTAMP:20250901T000000Z\r\nDTSTART:202509{number:02}T080000Z\r\n"
        f"DTEND:202509{number:02}T100000Z\r\nSUMMARY:Algèbre\r\nLOCATION:A{number}\r\nEND:VEVENT\r\n"
        for number in (8, 15, 22)
    )
    + "END:VCALENDAR\r\n"
)


class Person:
    """Somebody at a terminal of a machine with nothing on it."""

    def __init__(self, folder: Path, run: str) -> None:
        self.folder = folder
        self.environ = os.environ | {
            "HP_STATE": str(folder / "state"), "HP_RUN": run, "HP_PORTS__FIRST": str(free_ports(4)), "HP_LANG": "en",
            "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(folder / "config"),
        }  # fmt: skip
        self.agent: subprocess.Popen[bytes] | None = None
        (folder / "password").write_text(PASSWORD + "\n")
        (folder / "wrong").write_text("Soleil-9-Carton-11\n")
        (folder / "pin").write_text(PIN + "\n")
        (folder / "cours.ics").write_text(CALENDAR, newline="")

    def hp(self, line: str, *more: str, exit_code: int = 0) -> Any:
        """Type a command that gives JSON; what it gave, None without."""
        done = subprocess.run(
            [sys.executable, "-m", "hpserver", "--output", "json", *line.split(), *more],
            capture_output=True, text=True, env=self.environ, cwd=self.folder, timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert done.returncode == exit_code, (line, done.returncode, done.stdout, done.stderr)
        assert bool(done.stderr) or not exit_code, f"{line}: an error is said in words"
        return json.loads(done.stdout) if done.stdout else None

    def start_agent(self) -> None:
        """Leave `hp agent` in another terminal."""
        with (self.folder / "agent.log").open("ab") as output:
            self.agent = subprocess.Popen(
                [sys.executable, "-m", "hpserver", "agent"],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=self.environ, cwd=self.folder,
            )  # fmt: skip
        wait_until((Path(self.environ["HP_RUN"]) / "agent.sock").exists)


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    """A person, whose agent is ended afterwards."""
    with tempfile.TemporaryDirectory(prefix="hp-cli-") as run:
        Path(run).chmod(0o700)
        person = Person(tmp_path, run)
        try:
            yield person
        finally:
            if person.agent is not None:
                person.agent.send_signal(signal.SIGTERM)
                assert person.agent.wait(PATIENCE) == 0


def test_from_an_empty_disk_to_an_export(person: Person) -> None:
    """Everything the first day of a school needs, and each documented way it may fail."""
    hp, me = person.hp, "--login alice --password-file password --pin-file pin"
    hp("client login --login alice --password-file password", exit_code=78)
    account = hp("hosting create", "Mon École", "--domain", DOMAIN)
    assert [one["name"] for one in account["plannings"]] == ["planning01", "planning02"]
    hp("hosting create", "Encore", "--domain", DOMAIN, exit_code=5)
    hp("planning start planning01 --no-wait", exit_code=78)
    imported = hp("import ics planning01", "Base 2026", "cours.ics")
    assert imported["counts"]["activity"] >= 1
    hp("user add alice --name Alice --initial-password-file password --profile planning01=Modification")
    hp("user add alice --name Alice --initial-password-file password", exit_code=5)
    hp("user assign nobody planning01 Modification", exit_code=3)
    hp("hosting param-client --uses 2")
    hp("client enrol ParamClient --name Poste", exit_code=6)
    person.start_agent()
    [row] = hp("controller start")
    assert row["state"] == "live"
    [row] = hp("planning start planning01")
    assert (row["state"], row["name"]) == ("live", "planning01")
    assert hp("planning status planning01")[0]["counters"]["activity"] == imported["counts"]["activity"]
    hp("client enrol ParamClient --name Poste")
    hp("client enrol ParamClient --name Poste", exit_code=78)
    hp("client login --login alice --password-file wrong --pin-file pin", exit_code=4)
    assert hp(f"client login {me} --register Poste")["registered"] is True
    assert [one["name"] for one in hp(f"client list {me}")] == ["planning01"]
    assert hp(f"client open planning01 {me}")["revision"] == 0
    hp(f"client open planning09 {me}", exit_code=3)
    hp(f"client place planning01 999999 20 {me}", exit_code=3)
    assert hp(f"client place planning01 1 20 --dry-run {me}") == {"clashes": 0, "breaches": 0, "cost": 0}
    assert hp(f"client place planning01 1 20 --force {me}")["revision"] == 1
    watched = subprocess.Popen(
        [sys.executable, "-m", "hpserver", "--output", "json", *f"client watch planning01 --count 1 {me}".split()],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=person.environ, cwd=person.folder,
    )  # fmt: skip
    assert watched.stderr is not None
    watched.stderr.readline()
    hp(f"client place planning01 1 24 --force --why demande {me}")
    told, _ = watched.communicate(timeout=PATIENCE)
    assert watched.returncode == 0
    assert (json.loads(told)["revision"], json.loads(told)["why"]) == (2, "demande")
    assert hp("base export --json", "Base 2026")["revision"] == 2  # beside its server
    hp("agent", exit_code=5)
    [row] = hp("planning stop planning01")
    assert row["state"] == "stopped"
    hp(f"client open planning01 {me}", exit_code=5)
    document = hp("base export --json", "Base 2026")
    assert (document["revision"], document["objects"]["activity"]["1"]["place"]) == (2, 24)
