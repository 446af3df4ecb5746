"""Certificates in running processes: who holds the key, renewal, rotation, revocation. Rows T04, T05, T09, T10."""

import asyncio
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from hpserver.certs.authority import LEAF_LIFE, Authority, issue_device, issued_by, new_serial
from hpserver.certs.files import load_certificates, load_key, save_certificates
from hpserver.certs.requests import make_request
from hpserver.client import Credentials, PlanningSession, School, enrol
from hpserver.directory.model import Device
from hpserver.errors import (
    BusyError,
    CertificateRefusedError,
    ConfigurationError,
    ConnectionLostError,
    EnrolmentRefusedError,
    HPError,
)
from hpserver.hosting.devices import named_device, revoke
from hpserver.hosting.keyring import SETTLE_SECONDS, utc_now
from hpserver.protocol import messages as m
from hpserver.protocol.codec import encode
from hpserver.reaching import forget
from hpserver.signing import RemoteIssuing
from tests.house import House, a_house, base_of
from tests.processes.ps import children

pytestmark = [pytest.mark.slow, pytest.mark.uvloop_only]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house of its own for each test: what is revoked or replaced stays so."""
    with a_house(tmp_path, may_complain=True) as house:
        yield house


def named(house: House, name: str) -> int:
    """Return the pid of a child of the zygote by the name that `ps` shows."""
    assert house.process is not None
    [zygote] = children(house.process.pid)
    found = [pid for pid in children(zygote) if Path(f"/proc/{pid}/comm").read_text().strip().startswith(name)]
    assert len(found) == 1, found
    return found[0]


def memory(pid: int) -> bytes:
    """Return what is in the writable memory of a process."""
    found = []
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as file:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            where = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if where is not None and "[v" not in line:
                file.seek(int(where[1], 16))
                found.append(file.read(int(where[2], 16) - int(where[1], 16)) or b"")
    return b"".join(found)


def traces(house: House) -> list[bytes]:
    """Return every form in which a process that has opened the issuing key would hold it."""
    keyring, number = house.accounts.keyring, house.account.number
    scalar = keyring.issuer(number).key.private_numbers().private_value.to_bytes(32, "big")
    [file] = (keyring.folder / "keys" / number).glob("intermediate*.key")
    return [scalar, scalar[::-1], file.read_bytes().splitlines()[1][49:]]  # before that, every P-256 key is the same


def test_t09_only_the_signer_has_ever_had_the_key(house: House, tmp_path: Path) -> None:
    """A process that speaks with the network has no byte of it, after enrolments too."""
    house.run(enrol(house.run(house.accounts.param_client(house.account)), tmp_path / "device", "Bureau"))
    seen = {name: memory(named(house, name)) for name in ("hp-c-", "hp-planning01")}
    assert all(len(held) > 1 << 20 for held in seen.values())
    pepper = house.accounts.keyring.pepper()
    assert pepper in seen["hp-c-"], "what a process did open is found"
    for name, held in seen.items():
        assert not any(trace in held for trace in traces(house)), name


def test_t09_the_signer_gives_up_what_it_does_not_need(house: House) -> None:
    """No new privilege, no debugger, no core, no listening port; a socket for its own user alone."""
    pid = named(house, "hp-signer")
    assert "NoNewPrivs:\t1" in Path(f"/proc/{pid}/status").read_text()
    core = next(line for line in Path(f"/proc/{pid}/limits").read_text().splitlines() if "core file" in line)
    assert core.split()[4:6] == ["0", "0"]
    socket = house.paths.signer_socket
    assert socket.parent.stat().st_mode & 0o777 == 0o700
    assert {one.stat().st_mode & 0o777 for one in (socket, socket.with_name("signer.sock.secret"))} == {0o600}


def test_t09_a_controller_serves_without_the_signer_and_says_when_it_cannot_sign(house: House, tmp_path: Path) -> None:
    """Who is enrolled comes in; who wants to be is told to come back, and its ticket is not spent."""
    house.credentials("alice")
    param = house.run(house.accounts.param_client(house.account))
    socket = house.paths.signer_socket
    hidden = socket.with_name("elsewhere")
    socket.rename(hidden)
    with pytest.raises(BusyError):
        house.run(enrol(param, tmp_path / "device", "Bureau"))

    async def visit() -> int:
        async with house.inside("alice") as alice:
            return len(await alice.presence())

    assert house.run(visit()) == 1
    hidden.rename(socket)
    (tmp_path / "device" / "device.key").unlink()
    assert house.run(enrol(param, tmp_path / "device", "Bureau")).is_enrolled


def test_t09_what_the_directory_does_not_owe_is_not_signed(house: House) -> None:
    """Whoever reaches the socket, with its secret, gets no certificate without a ticket or a device's key."""
    remote = RemoteIssuing(house.paths.signer_socket, role="controller", name="taken over")
    key = ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    der = request.public_bytes(Encoding.DER)
    number = house.account.number
    with pytest.raises(EnrolmentRefusedError):
        house.run(remote.enrol(number, b"t" * 32, der, "Bureau"))
    certificate = house.credentials("alice").certificate().public_bytes(Encoding.DER)
    with pytest.raises(EnrolmentRefusedError) as refused:
        house.run(remote.renew(number, certificate, der))
    assert refused.value.details == {"cause": "other_key"}


def test_t10_a_flood_of_signatures_is_told_when_to_come_back(house: House) -> None:
    """Sixty in a minute, then busy; enrolled devices do not notice."""
    remote = RemoteIssuing(house.paths.signer_socket, role="controller", name="flood")

    async def flood() -> list[HPError | None]:
        asked = [remote.certify_servers(house.account.number) for _ in range(80)]
        return list(await asyncio.gather(*asked, return_exceptions=True))  # type: ignore[arg-type]  # or HPError

    answers = house.run(flood())
    busy = [one for one in answers if isinstance(one, BusyError)]
    assert len(busy) >= 20
    assert 1 <= int(busy[0].details["seconds"]) <= 61


def test_a_rotation_reaches_servers_and_devices_without_a_person(house: House) -> None:
    """Old and new are trusted; sessions go on; the next sign-in takes a certificate of the new authority."""
    keyring, number = house.accounts.keyring, house.account.number

    async def work() -> None:
        async with house.inside("alice") as alice, house.signed_in("bruno") as bruno:
            made = house.accounts.rotate(house.account)
            await asyncio.sleep(SETTLE_SECONDS + 0.1)
            await RemoteIssuing(house.paths.signer_socket, role="cli", name="hp").certify_servers(number)
            assert issued_by(load_certificates(keyring.server_files(number)[0])[0], made)
            await until_served_by(house, made)
            assert await alice.presence()
            assert await bruno.plannings()
        credentials = house.credentials("bruno")
        before = credentials.certificate()
        async with house.signed_in("bruno") as again, PlanningSession(again, "planning01") as inside:
            assert again.not_renewed is None
            after = credentials.certificate()
            assert issued_by(after, made)
            assert not issued_by(before, made)
            assert after.public_key() == before.public_key()
            assert base_of(inside)
        async with house.inside("bruno"):  # with the new one
            assert credentials.certificate() == after

    house.run(work())
    [row] = [one for one in house.run(house.directory.list(Device, account=number)) if one.previous_serial]
    assert row.serial == f"{house.credentials('bruno').certificate().serial_number:x}"


async def until_served_by(house: House, issuer: x509.Certificate) -> None:
    """Wait until every port shows a certificate of that issuer."""
    for _ in range(200):
        async with house.signed_in("david") as school, PlanningSession(school, "planning01") as inside:
            lines = [school._line, inside._line]
            shown = [x509.load_der_x509_certificate(one.server_certificate) for one in lines if one is not None]
            if len(shown) == 2 and all(issued_by(one, issuer) for one in shown):
                return
        await asyncio.sleep(0.05)
    raise AssertionError("never served by the new authority")


def test_a_certificate_of_sixty_days_is_renewed_at_sign_in(house: House) -> None:
    """And the one before stays good: a device that lost the answer asks again with it."""
    credentials, row = aged(house, "chloe", days=61)

    async def sign_in() -> bool:
        async with house.signed_in("chloe") as school:
            return school.not_renewed is None

    old = credentials.certificate()
    assert house.run(sign_in())
    assert credentials.certificate().not_valid_after_utc > old.not_valid_after_utc
    save_certificates(credentials.folder / "device.pem", [old])  # the disk lost the new one
    assert house.run(sign_in())
    newest = credentials.certificate()
    assert newest != old
    kept = house.run(house.directory.get(Device, row.key))
    assert (kept.serial, kept.previous_serial) == (f"{newest.serial_number:x}", f"{old.serial_number:x}")


def test_an_ended_device_enrols_again_in_its_place(house: House) -> None:
    """It is told so, with the date; a new file of the same school, and it is another device, to be registered anew."""
    credentials, row = aged(house, "chloe", days=91)

    async def connect() -> None:
        async with School(credentials):
            raise AssertionError("let in")

    with pytest.raises(CertificateRefusedError, match="ended on") as refused:
        house.run(connect())
    assert refused.value.details["cause"] == "expired"
    param = house.run(house.accounts.param_client(house.account))
    again = house.run(enrol(param, credentials.folder, "Salle des profs"))
    assert not again.has_ended()
    with pytest.raises(ConfigurationError, match="enrolled already"):
        house.run(enrol(param, credentials.folder, "Salle des profs"))
    newest = house.run(house.directory.list(Device, account=house.account.number))[-1]
    assert newest.key != row.key


def test_t04_a_device_that_is_revoked_is_out_of_every_process_before_the_command_returns(house: House) -> None:
    """Both its certificates, at the controller and inside a planning, within a second."""

    async def work() -> None:
        async with house.inside("alice") as alice, house.signed_in("alice") as school:
            serial = f"{house.credentials('alice').certificate().serial_number:x}"
            device = await named_device(house.directory, house.account.number, serial)
            thumbprints = await revoke(house.directory, device, time.time(), "lost")
            await forget(house.accounts, house.account, thumbprints=thumbprints)
            with pytest.raises(HPError):
                await school.plannings()
            with pytest.raises((HPError, ConnectionLostError)):
                await alice.presence()
        with pytest.raises(CertificateRefusedError):
            async with house.signed_in("alice"):
                raise AssertionError("let in again")

    house.run(work())


def test_t05_a_stolen_certificate_alone_opens_nothing(house: House) -> None:
    """It leads to the question for a password; a wrong one counts, and nothing is renewed, listed or administered."""
    der = house.credentials("alice").certificate().public_bytes(Encoding.DER)
    key = load_key(house.credentials("alice").folder / "device.key", passphrase=None)
    wishes = [
        m.ListPlannings(1, 0),
        m.OpenPlanning(1, 0, "planning01"),
        m.RenewCertificate(1, 0, der, make_request(key)),
        m.RegisterDevice(1, 0, "mine now"),
    ]
    for wish in wishes:
        with house.wire("alice") as wire:
            wire.sock.sendall(encode(wish))
            answer = wire.hear()
            assert isinstance(answer, m.Failed)
            assert answer.name == "UnexpectedMessageError"
            assert wire.hear() is None
    with house.wire("alice") as wire:
        answer = wire.ask(m.Login(wire.next_id(), 0, "alice", "Lune-4-Papier-78"))
        assert isinstance(answer, m.Failed)
        assert answer.name == "BadCredentialsError"


def aged(house: House, login: str, days: float) -> tuple[Credentials, Device]:
    """Give a device the certificate it would have after so many days: the clock of the test stays."""
    credentials = house.credentials(login)
    keyring, number = house.accounts.keyring, house.account.number
    issuer, certificate = keyring.issuer(number), credentials.certificate()
    row = house.run(named_device(house.directory, number, f"{certificate.serial_number:x}"))
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    name = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    [uri] = name.get_values_for_type(x509.UniformResourceIdentifier)
    old = at_another_time(issuer, key, uri.rpartition("/")[2], days)
    save_certificates(credentials.folder / "device.pem", [old])
    facts = {
        "thumbprint": old.fingerprint(hashes.SHA256()),
        "serial": f"{old.serial_number:x}",
        "expires": old.not_valid_after_utc.timestamp(),
    }
    return credentials, house.run(house.directory.change(Device, row.key, **facts))


def at_another_time(
    issuer: Authority, key: ec.EllipticCurvePublicKey, device: str, days: float
) -> x509.Certificate:  # fmt: skip
    """Return a leaf as it was issued days ago."""
    moment = utc_now() - timedelta(days=days)
    real = issue_device(issuer, key, device, serial=new_serial(b"\x7f" + bytes(18) + b"\x02"), now=utc_now())
    builder = x509.CertificateBuilder(extensions=list(real.extensions)).subject_name(real.subject)
    builder = builder.issuer_name(real.issuer).public_key(key).serial_number(real.serial_number)
    builder = builder.not_valid_before(moment).not_valid_after(moment + LEAF_LIFE)
    return builder.sign(issuer.key, hashes.SHA256())
