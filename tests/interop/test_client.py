"""A client in another language, written from the document of the protocol alone: its bytes are our bytes."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hpserver.certs.requests import read_request
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
        timeout=30,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


ECHO = """
const given = JSON.parse(readFileSync(0, 'utf8'));
const told = given.map((hex) => {
  try { return client.encode(client.decode(Buffer.from(hex, 'hex'))).toString('hex'); } catch (error) { return error.message; }
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
    bodies = """
        00 7f cc80 ccff cd0100 cdffff ce00010000 ceffffffff cf0000000100000000 ff e0 d0df d080 d1ff7f d18000
        d2ffff7fff d280000000 d3ffffffff7fffffff cf3fffffffffffffff cf001fffffffffffff cf0020000000000000
        d3ffe0000000000000 c40100
    """.split()
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
