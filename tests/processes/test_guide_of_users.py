"""The people of a school, in the order of its guide: the client on a workstation, a PIN, a device, other users.

Everything is typed, with real processes, by three people: the operator (`hp`), Pierre Martin, who is the
superadministrator, and Alain Filaire, whom he adds.
"""

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


class Desk:
    """Somebody at a machine with a device of its own; secrets are files of one line."""

    def __init__(self, folder: Path, environ: dict[str, str], login: str = "") -> None:
        self.folder, self.environ, self.login = folder, environ, login
        folder.mkdir(exist_ok=True)
        self.note("pin", PIN)

    def note(self, name: str, secret: str) -> Path:
        """Write a secret down."""
        path = self.folder / name
        path.write_text(secret + "\n")
        return path

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Type a command of this person."""
        who = ("--login", self.login, "--password-file", "password", "--pin-file", "pin", "--device", "device")
        more = who if self.login and words[1] != "enrol" else ()
        return subprocess.run(
            [sys.executable, "-m", "hpserver", "--output", "json", *map(str, words), *more],
            capture_output=True, text=True, env=self.environ, cwd=self.folder, timeout=PATIENCE, check=False,
        )  # fmt: skip

    def hp(self, *words: str | Path, exit_code: int = 0) -> Any:
        """Type a command; what it gave."""
        done = self.run(*words)
        assert done.returncode == exit_code, (words, done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout) if done.stdout else None

    def client(self, *words: str | Path, exit_code: int = 0) -> Any:
        """Type a command of `hp client`."""
        return self.hp("client", *words, exit_code=exit_code)


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Desk]:
    """The school as the first leaflets leave it: hosted, its base in service, its superadministrator made."""
    with tempfile.TemporaryDirectory(prefix="hp-guide-") as run:
        Path(run).chmod(0o700)
        first = free_ports(4)
        environ = os.environ | {
            "HP_STATE": str(tmp_path / "state"), "HP_RUN": run, "HP_PORTS__FIRST": str(first), "HP_LANG": "en",
            "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(tmp_path / "config"),
        }  # fmt: skip
        desk = Desk(tmp_path / "operator", environ)
        desk.hp("hosting", "create", "Mon École", "--domain", DOMAIN)
        password = desk.note("password", PASSWORD)
        desk.hp("user", "add", "pmartin", "--name", "Martin", "--first-name", "Pierre", "--status", "superadmin",
                "--email", "pmartin@ecole.example", "--initial-password-file", password,
                "--profile", "planning01=Administration")  # fmt: skip
        with (tmp_path / "agent.log").open("ab") as output:
            agent = subprocess.Popen(
                [sys.executable, "-m", "hpserver", "agent"],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environ, cwd=tmp_path,
            )  # fmt: skip
        try:
            wait_until((Path(run) / "agent.sock").exists)
            desk.hp("base", "create", "planning01", "Base 2026", "--first-monday", "2026-08-31",
                    "--last-sunday", "2027-07-04")  # fmt: skip
            desk.hp("controller", "start")
            desk.hp("planning", "start", "planning01")
            yield desk
        finally:
            agent.send_signal(signal.SIGTERM)
            assert agent.wait(PATIENCE) == 0


def test_the_client_is_handed_out_and_the_other_users_are_added(  # noqa: PLR0915 - one story, told in its order
    operator: Desk, tmp_path: Path
) -> None:
    """Both leaflets, step by step; then what they say can be changed later, and who leaves."""
    # 1. The settings of the client, for this workstation and for others.
    letter = tmp_path / "ParamClient"
    operator.hp("hosting", "param-client", "--out", letter)
    pierre = Desk(tmp_path / "pierre", operator.environ, "pmartin")
    pierre.note("password", PASSWORD)
    pierre.client("enrol", letter, "--name", "poste", "--device", "device")
    # 2 to 5. Connect, login and password; at the first sign-in a PIN is chosen.
    pierre.note("wrong", "0000-wrong-0000")
    pierre.client("login")
    assert operator.hp("user", "show", "pmartin")["measure"] == "pin"
    # 6. The device is remembered under a name: the PIN is asked on it no more.
    pierre.client("login", "--register", "Bureau")
    pierre.note("pin", "135791")
    pierre.client("login")
    [desk] = pierre.client("admin", "device", "list")
    assert [(login, name) for login, name, _ in desk["registered"]] == [("pmartin", "Bureau")]
    # 7. The plannings in service are listed, and one is opened.
    assert [one["name"] for one in pierre.client("list")] == ["planning01"]
    assert pierre.client("open", "planning01")["profile"] == "Administration"

    # Other users. 1 to 4: the list, a new one; a password is made, the status is that of a plain user.
    made = pierre.client("admin", "user", "add", "afilaire", "--name", "Filaire", "--first-name", "Alain")
    assert (made["status"], bool(made["password"])) == ("user", True)
    # 5 and 6. Another status; the e-mail address.
    pierre.client("admin", "user", "change", "afilaire", "--status", "base_admin")
    pierre.client("admin", "user", "change", "afilaire", "--email", "afilaire@ecole.example")
    # 7. The others in the same way.
    pierre.client("admin", "user", "add", "zdurand", "--name", "Durand")
    # 8 to 10. Profiles of the planning; Administration is for administrators.
    pierre.client("admin", "user", "assign", "afilaire", "planning01", "Administration")
    pierre.client("admin", "user", "assign", "zdurand", "planning01", "Administration", exit_code=4)
    pierre.client("admin", "user", "assign", "zdurand", "planning01", "Modification")
    listed = {one["login"]: one["profiles"] for one in pierre.client("admin", "user", "list")}
    assert listed["afilaire"] == "planning01=Administration"

    # Alain comes in from a workstation of his, with the password that was made, once: he changes it.
    others = tmp_path / "ParamOthers"
    pierre.client("admin", "device", "enrolment", "--uses", "2", "--hours", "1", "--out", others)
    alain = Desk(tmp_path / "alain", operator.environ, "afilaire")
    alain.note("password", made["password"])
    alain.note("new", "Carton-Soleil-99-bleu")
    alain.client("enrol", others, "--name", "portable", "--device", "device")
    alain.client("login", "--new-password-file", "new", "--register", "PC portable")
    alain.note("password", "Carton-Soleil-99-bleu")
    assert alain.client("open", "planning01")["profile"] == "Administration"

    # "At any time, the measure, the PIN and the devices": the user's own.
    alain.note("other", "975318")
    alain.client("measure", "pin", "--new-pin-file", "other")
    [portable] = alain.client("admin", "device", "list")
    number = str(portable["device"])
    alain.client("admin", "device", "rename", number, "Maison")
    assert alain.client("admin", "device", "list")[0]["registered"][0][1] == "Maison"
    alain.client("admin", "device", "forget", number)
    alain.client("login", exit_code=4)  # the PIN is asked again, and is another one now
    alain.note("pin", "975318")
    alain.client("login", "--register", "Maison")
    # The last sign-in is told to who comes in.
    told = alain.run("client", "login")
    assert "Last sign-in: " in told.stderr
    assert "from 127.0.0.1" in told.stderr

    # Who is there: everybody sees themselves, a superadministrator everybody.
    here = alain.client("admin", "session", "list")
    assert {(one["place"], one["login"], one["device_name"]) for one in here} == {("", "afilaire", "portable")}
    alain.client("admin", "session", "list", "--all", exit_code=4)
    assert operator.hp("session", "list") == []
    # What protects the account is for superadministrators.
    alain.client("admin", "security", "set", "--sessions", "0", exit_code=4)
    assert pierre.client("admin", "security", "set", "--measure", "pin", "--idle-minutes", "30")["measures"] == ["pin"]

    # The laptop is stolen: it connects no more. Then Alain leaves the school, with what is known of him.
    pierre.client("admin", "device", "revoke", number, "--reason", "stolen")
    assert alain.run("client", "login").returncode == 4
    data = tmp_path / "afilaire.json"
    operator.hp("user", "data", "afilaire", data)
    known = json.loads(data.read_text())
    assert known["user"]["email"] == "afilaire@ecole.example"
    assert {"login.password", "device.revoked"} <= {one["event"] for one in known["audit"]}
    assert "audit" in operator.hp("user", "erase", "afilaire")["stays"]
    operator.hp("user", "show", "afilaire", exit_code=3)
