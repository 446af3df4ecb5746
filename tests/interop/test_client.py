"""A client in another language, written from the document of the protocol alone: its bytes are our bytes."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from hpserver.base.planning import Planning
from hpserver.certs.requests import read_request
from tests.desk import NAME
from tests.interop.front_desk import LOGIN, PASSWORD, PIN, TICKET, FrontDesk
from tests.pki import ACCOUNT, Pki
from tests.schools import a_grid, a_school
from tests.vectors.write import FOLDER

CLIENT = Path(__file__).with_name("client.mjs")
NODE = shutil.which("node")
MAX_LINES = 300

pytestmark = pytest.mark.skipif(NODE is None, reason="WITHOUT node: the client in JavaScript is not tried")


def run(script: str, given: object = None) -> Any:
    """Run a script that may use the client's functions, and return the JSON it prints."""
    assert NODE is not None
    source = (
        f"import * as client from {json.dumps(CLIENT.as_uri())};\nimport {{ readFileSync }} from 'node:fs';\n{script}"
    )
    told = subprocess.run(
        [NODE, "--input-type=module", "--eval", source],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


ECHO = """
const given = JSON.parse(readFileSync(0, 'utf8'));
const told = given.map((hex) => {
  try {
    return client.encode(client.decode(Buffer.from(hex, 'hex'))).toString('hex');
  } catch (error) {
    return error.message;
  }
});
process.stdout.write(JSON.stringify(told));
"""


@pytest.mark.slow
def test_another_language_reads_and_writes_our_frozen_bytes() -> None:
    """Every message of the catalogue, read and written again by the client, gives the same bytes."""
    bodies = [json.loads(path.read_text())["hex"] for path in sorted(FOLDER.glob("*.json"))]
    assert run(ECHO, bodies) == bodies


@pytest.mark.slow
def test_another_language_writes_numbers_as_we_do() -> None:
    """The shortest form of every size and sign, and week sets of 62 bits without loss."""
    bodies = ["00", "7f", "cc80", "ccff", "cd0100", "cdffff", "ce00010000", "ceffffffff", "cf0000000100000000"]
    bodies += ["ff", "e0", "d0df", "d080", "d1ff7f", "d18000", "d2ffff7fff", "d280000000", "d3ffffffff7fffffff"]
    bodies += ["cf3fffffffffffffff", "cf001fffffffffffff", "cf0020000000000000", "d3ffe0000000000000", "c40100"]
    bodies += ["d920" + "61" * 32, "dc0010" + "c0" * 16, "de0010" + "".join(f"{i:02x}c3" for i in range(16))]
    assert run(ECHO, bodies) == bodies


@pytest.mark.slow
def test_another_language_refuses_what_is_outside_the_profile() -> None:
    """Floats, extensions, bytes after the message, truncation and bad UTF-8."""
    bodies = ["cb3ff0000000000000", "d40101", "c1", "9203", "c0c0", "a2fffe", ""]
    assert not set(run(ECHO, bodies)) & set(bodies)


@pytest.mark.slow
def test_the_certificate_request_of_another_language_is_accepted() -> None:
    """Its DER, written by hand from the document, is PKCS#10 to our reader, signature included."""
    script = """
    const told = [1, 2, 3, 4, 5, 6, 7, 8].map(() => {
      const key = client.newKey();
      const jwk = key.publicKey.export({ format: 'jwk' });
      return [client.certificateRequest(key).toString('hex'), Buffer.from(jwk.x, 'base64url').toString('hex')];
    });
    process.stdout.write(JSON.stringify(told));
    """
    for der, x in run(script):
        assert f"{read_request(bytes.fromhex(der)).public_numbers().x:064x}" == x


def test_the_client_stays_small() -> None:
    """A protocol that takes more than 300 lines to speak is not a simple one."""
    assert len(CLIENT.read_text().splitlines()) <= MAX_LINES


def visit(desk: FrontDesk, tmp_path: Path, *more: str) -> list[dict[str, Any]]:
    """Let the client make a visit and return what it told, step by step."""
    assert NODE is not None
    root = tmp_path / "ca.pem"
    root.write_bytes(desk.pki.root.certificate.public_bytes(Encoding.PEM))
    options = {
        "host": "127.0.0.1", "port": str(desk.port), "domain": ACCOUNT, "ca": str(root), "ticket": TICKET.hex(),
        "login": LOGIN, "password": PASSWORD, "pin": PIN, "planning": NAME,
    }  # fmt: skip
    given = [word for name, value in options.items() for word in (f"--{name}", value)]
    told = subprocess.run(
        [NODE, str(CLIENT), *given, *more], capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    steps: list[dict[str, Any]] = [json.loads(line) for line in told.stdout.splitlines()]
    assert told.returncode == 0, (told.stdout, told.stderr, desk.failures)
    return steps


@pytest.mark.slow
def test_another_language_makes_a_whole_visit(tmp_path: Path) -> None:
    """Enrol, log in with the PIN, open, copy the base, place an activity, send it again, follow, leave."""
    with FrontDesk(Pki.create(tmp_path), a_school(30)) as desk:
        steps = visit(desk, tmp_path)
    told = {step["step"]: step for step in steps}
    order = [step["step"] for step in steps if step["step"] != "delta"]  # a push comes when it comes
    assert order == [
        "enrolled", "logged_in", "device_registered", "plannings", "entered", "snapshot", "following", "placed",
        "sent_again", "confirmed", "followed", "left",
    ]  # fmt: skip
    assert told["delta"]["revision"] == told["placed"]["revision"] == 1
    assert told["snapshot"]["activities"] == 30
    assert told["sent_again"]["same"] is True
    assert told["confirmed"]["place"] == told["placed"]["place"]
    activity = desk.desk.engine.planning.activity(told["placed"]["activity"])
    assert activity.place == told["placed"]["place"]
    assert desk.failures == []


@pytest.mark.slow
def test_another_language_starts_with_an_empty_base_from_its_beginning(tmp_path: Path) -> None:
    """No snapshot: it follows from revision 0, creates objects with placeholders, and places them."""
    with FrontDesk(Pki.create(tmp_path), Planning(a_grid())) as desk:
        steps = visit(desk, tmp_path, "--from-zero", "--deltas", "2")
    told = {step["step"]: step for step in steps}
    assert "snapshot" not in told
    assert told["created"]["revision"] == 1
    assert told["followed"]["transactions"] == 2
    assert told["confirmed"]["revision"] == 2
    assert desk.failures == []
