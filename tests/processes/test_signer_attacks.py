"""Attacks on the signer's socket and memory, by who has its user, its directory, its secret. Row T09."""

import asyncio
import os
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hpserver.certs.authority import BACKDATE, LEAF_LIFE
from hpserver.certs.param_client import read_param_client
from hpserver.certs.requests import make_key, make_request
from hpserver.config import Paths, Settings
from hpserver.directory.model import Account, Device
from hpserver.errors import ConfigurationError, EnrolmentRefusedError, HPError
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.issuing import OwnIssuing
from hpserver.net import hub
from hpserver.net.hub import HubLink, dial_hub
from hpserver.protocol import internal
from hpserver.protocol.codec import decode_internal, encode_internal
from hpserver.protocol.internal import MAX_PACKET, Accepted, EnrolFor, Present, RenewFor, Signed
from hpserver.signing import RemoteIssuing, _Silent
from hpserver.store.sqlite_directory import SqliteDirectory
from tests.processes.signers import PATIENCE, UNPRIVILEGED, a_signer

pytestmark = pytest.mark.slow

SEQPACKET: Final = socket.SOCK_SEQPACKET
NOBODY: Final = 65534

STRANGER = """
import socket, sys
line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
line.settimeout(60)
try:
    line.connect(sys.argv[1])
    line.send(bytes.fromhex(sys.stdin.readline()))
    print("answered" if line.recv(65536) else "closed")
except OSError as error:
    print("closed" if error.errno in (32, 104) else error.strerror)
"""
"""Another user's process: one packet, one look at what comes back."""

SPY = f"""
{UNPRIVILEGED}
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
pid = int(sys.argv[1])
local = ctypes.create_string_buffer(16)
def must(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
class Part(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))
address = int(sys.argv[2])
def vm(number):
    here, there = Part(ctypes.addressof(local), 16), Part(address, 16)
    must(libc.syscall(number, pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0))
first = 310 if os.uname().machine == "x86_64" else 270
tries = {{
    "files": lambda: os.readlink(f"/proc/{{pid}}/fd/0"),
    "words": lambda: open(f"/proc/{{pid}}/environ", "rb").read(1),
    "maps": lambda: open(f"/proc/{{pid}}/maps", "rb").read(1),
    "mem": lambda: open(f"/proc/{{pid}}/mem", "rb"),
    "mem to write": lambda: open(f"/proc/{{pid}}/mem", "r+b"),
    "vm": lambda: vm(first),
    "vm to write": lambda: vm(first + 1),
    "pidfd": lambda: must(libc.syscall(438, os.pidfd_open(pid), 0, 0)),
    "attach": lambda: must(libc.ptrace(16, pid, None, None)),
    "seize": lambda: must(libc.ptrace(0x4206, pid, None, None)),
}}
for name, attempt in tries.items():
    try:
        attempt()
        print(name)
    except OSError:
        pass
"""
"""A process of the same user, without a privilege: what it may do to another."""

T = TypeVar("T")


class Attacked:
    """An installation with two accounts and a signer; what was signed is counted in the directory and on the disk."""

    def __init__(self, paths: Paths, numbers: tuple[str, str], process: subprocess.Popen[bytes]) -> None:
        self.paths, self.process = paths, process
        self.number, self.other = numbers
        self.remote = RemoteIssuing(paths.signer_socket, role="controller", name="attack", patience=PATIENCE)

    @property
    def secret(self) -> bytes:
        """That of the signer's start: whoever was taken over can read it."""
        return hub.secret_path(self.paths.signer_socket).read_bytes()

    def line(self, *, joins: bool = False) -> socket.socket:
        """Return a connection, plain, that has said who it is or has not."""
        line = socket.socket(socket.AF_UNIX, SEQPACKET)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", int(PATIENCE), 0))
        try:
            line.connect(
                str(self.paths.signer_socket)
            )  # waits for its turn, as no socket with a timeout of Python does
            line.settimeout(PATIENCE)
            if joins:
                line.send(encode_internal(Present(self.secret, "controller", "attack", os.getpid())))
                assert isinstance(decode_internal(line.recv(MAX_PACKET)), Accepted)
        except BaseException:
            line.close()
            raise
        return line

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do what takes a loop."""
        return asyncio.run(work)

    async def link(self) -> HubLink:
        """Return a link as a controller has it."""
        return await dial_hub(
            self.paths.signer_socket, asyncio.get_running_loop(), _Silent(), role="controller", name="attack"
        )

    async def ticket(self, number: str) -> bytes:
        """Return an enrolment ticket of an account, made where `hp` makes it."""
        directory = SqliteDirectory(self.paths.directory)
        await directory.open()
        own = Accounts(directory, self.paths, Settings())
        param = read_param_client(await own.param_client(await directory.get(Account, number)))
        await directory.close()
        return bytes.fromhex(param.ticket)

    async def devices(self) -> int:
        """Return how many devices there are: each is a certificate."""
        directory = SqliteDirectory(self.paths.directory)
        await directory.open()
        found = len(await directory.list(Device))
        await directory.close()
        return found

    def signed(self) -> tuple[int, list[bytes]]:
        """Return all that was ever signed, as it can be seen."""
        files = sorted(self.paths.certs.glob("*/*.pem"))
        return self.run(self.devices()), [one.read_bytes() for one in files]

    def serves(self) -> None:
        """Check that the signer is the same process, and signs."""
        assert self.process.poll() is None
        before = self.signed()
        self.run(self.remote.certify_servers(self.number, anew=True))
        assert self.signed() != before


@pytest.fixture(scope="module")
def attacked() -> Iterator[Attacked]:
    """One for all the tests: none of them may hurt it."""
    folder = Path(tempfile.mkdtemp(prefix="hp-"))
    paths = Paths(folder / "state", folder / "run")
    paths.make()
    numbers = asyncio.run(_two_accounts(paths))
    with a_signer(paths) as process:
        yield Attacked(paths, numbers, process)
    shutil.rmtree(folder)


async def _two_accounts(paths: Paths) -> tuple[str, str]:
    directory = SqliteDirectory(paths.directory)
    await directory.open()
    own = Accounts(directory, paths, Settings())
    await own.open_account("École", "ecole.example", 29_000)
    await own.open_account("Lycée", "lycee.example", 29_100)
    first, second = sorted((one.domain, one.number) for one in await directory.list(Account))
    await directory.close()
    return first[1], second[1]


def test_t09_another_user_is_not_heard_by_the_signer(attacked: Attacked) -> None:
    """With every mode opened and the secret in hand the kernel's word still stands: another user gets no answer."""
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED: only root can start a process of another user")
    before, sock = attacked.signed(), attacked.paths.signer_socket
    assert _stranger(attacked) == "Permission denied"
    folders = (sock.parent.parent, sock.parent)
    for folder in folders:
        folder.chmod(0o755)
    sock.chmod(0o666)
    try:
        assert _stranger(attacked) == "closed"
    finally:
        sock.chmod(0o600)
        for folder in folders:
            folder.chmod(0o700)
    assert attacked.signed() == before
    attacked.serves()


def _stranger(attacked: Attacked) -> str:
    python = os.path.realpath(sys.executable)  # that of the system: our own may be in a folder of ours
    with subprocess.Popen(
        [python, "-I", "-S", "-c", STRANGER, str(attacked.paths.signer_socket)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        cwd="/",
    ) as process:
        hello = encode_internal(Present(attacked.secret, "controller", "stranger", process.pid))
        return process.communicate(hello.hex() + "\n", PATIENCE)[0].strip()


def test_t09_a_wish_that_is_sent_again_is_signed_once(attacked: Attacked) -> None:
    """The same packet ten times over, on one line and on others, is one device."""
    before = attacked.run(attacked.devices())
    ticket = attacked.run(attacked.ticket(attacked.number))
    packet = encode_internal(EnrolFor(1, attacked.number, ticket, make_request(make_key()), "Bureau"))
    answers = []
    with ExitStack() as stack:
        lines = [stack.enter_context(attacked.line(joins=True)) for _ in range(5)]
        for line in lines * 2:
            line.send(packet)
        for line in lines * 2:
            answers.append(decode_internal(line.recv(MAX_PACKET)))  # noqa: PERF401  as it is read
    made = [one for one in answers if isinstance(one, Signed) and one.failed is None]
    assert (len(answers), len(made)) == (10, 1)
    assert attacked.run(attacked.devices()) == before + 1
    attacked.serves()


def test_t09_half_frames_garbage_and_a_megabyte_end_a_line_alone(attacked: Attacked) -> None:
    """Before and after the secret: every beginning of a true packet, what is none, and what is far too long."""
    before = attacked.signed()
    wish = encode_internal(RenewFor(1, attacked.number, b"x" * 40, b"y" * 40))
    hello = encode_internal(Present(attacked.secret, "controller", "attack", os.getpid()))
    halves = [packet[:size] for packet in (wish, hello) for size in range(1, len(packet) - 1, 7)]
    for joins in (False, True):
        for packet in (*halves, b"\xc1", b"\xff" * 4096, b"x" * (MAX_PACKET + 1), bytes(1 << 20), wish + wish):
            with attacked.line(joins=joins) as line:
                with suppress(OSError):
                    line.setsockopt(socket.SOL_SOCKET, 32, 4 << 20)  # SO_SNDBUFFORCE: root has a megabyte go through
                try:
                    line.send(packet)
                except OSError:  # the kernel refuses a packet as long as that
                    continue
                with suppress(ConnectionError):
                    assert line.recv(MAX_PACKET) == b"", packet[:20]
    assert attacked.signed() == before
    attacked.serves()


def test_t09_a_thousand_connections_leave_room_for_the_next(attacked: Attacked) -> None:
    """A thousand who say nothing, and as many as the signer lets in who know the secret; then it signs."""
    before = attacked.signed()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    try:
        with ExitStack() as stack:
            for _ in range(1000):
                stack.enter_context(attacked.line())
        attacked.serves()
        before, let_in = attacked.signed(), 0
        with ExitStack() as stack:
            for _ in range(1000):
                try:
                    stack.enter_context(attacked.line(joins=True))
                except (AssertionError, HPError, OSError):
                    break
                let_in += 1
            assert 0 < let_in <= hub.MAX_OF_ONE
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert attacked.signed() == before
    attacked.serves()


def test_t09_a_client_that_reads_nothing_keeps_nobody_waiting(attacked: Attacked) -> None:
    """Two thousand wishes and no look at an answer: the others are signed for meanwhile."""
    before = attacked.signed()
    wish = encode_internal(RenewFor(1, attacked.other, b"", b""))
    with attacked.line(joins=True) as frozen:
        frozen.setblocking(False)
        sent = 0
        with suppress(BlockingIOError):
            for _ in range(2000):
                frozen.send(wish)
                sent += 1
        assert sent
        assert attacked.signed() == before
        attacked.serves()


def test_t09_nothing_but_what_the_directory_owes_is_signed(attacked: Attacked) -> None:
    """Another account's ticket, a letter for another school, a request to be an authority: none is given."""
    ticket = attacked.run(attacked.ticket(attacked.number))
    before = attacked.signed()
    request = make_request(make_key())
    with pytest.raises(EnrolmentRefusedError):
        attacked.run(attacked.remote.enrol(attacked.other, ticket, request, "Bureau"))
    with pytest.raises(ConfigurationError):
        attacked.run(_foreign_letter(attacked))
    for message in (internal.GetStatus(1), internal.Wake(1), internal.Signed(1), Accepted("signer", 0)):
        with attacked.line(joins=True) as line, suppress(ConnectionError):
            line.send(encode_internal(message))
            assert line.recv(MAX_PACKET) == b""
    assert attacked.signed() == before

    made = attacked.run(attacked.remote.enrol(attacked.number, ticket, _greedy_request(), "Bureau"))
    leaf = x509.load_der_x509_certificate(made.chain[0])
    facts = {one.oid: one.value for one in leaf.extensions}
    assert facts[x509.BasicConstraints.oid] == x509.BasicConstraints(ca=False, path_length=None)
    assert list(facts[x509.ExtendedKeyUsage.oid]) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    [name] = facts[x509.SubjectAlternativeName.oid]
    assert name.value.startswith("hp://ecole.example/device/")
    assert "ecole.example" not in leaf.subject.rfc4514_string()
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= LEAF_LIFE + BACKDATE
    attacked.serves()


async def _foreign_letter(attacked: Attacked) -> None:
    directory = SqliteDirectory(attacked.paths.directory)
    await directory.open()
    own = Accounts(directory, attacked.paths, Settings())
    try:
        letter = read_param_client(await own.param_client(await directory.get(Account, attacked.other)))
        assert isinstance(own.issuing, OwnIssuing)
        await attacked.remote.sign_letter(attacked.number, letter)
    finally:
        await directory.close()


def _greedy_request() -> bytes:
    """Return a request for all that a certificate could give."""
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]
    names = [x509.DNSName("ecole.example"), x509.UniformResourceIdentifier("hp://lycee.example/device/0")]
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ecole.example")])
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(make_key(), hashes.SHA256()).public_bytes(Encoding.DER)


def test_t09_a_process_of_the_same_user_reads_no_memory_of_the_signer(attacked: Attacked) -> None:
    """Without privilege, nothing opens it; the same tries open an ordinary process of this user."""
    assert _spied(attacked.process.pid) == set()
    code = f"{UNPRIVILEGED}; print(flush=True); import time; time.sleep({PATIENCE})"
    with subprocess.Popen([sys.executable, "-I", "-c", code], stdout=subprocess.PIPE) as ordinary:
        assert ordinary.stdout is not None
        ordinary.stdout.readline()
        assert {"files", "words", "maps"} <= _spied(ordinary.pid)
        ordinary.kill()
    attacked.serves()


def _spied(pid: int) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-I", "-c", SPY, str(pid), str(id(pid))],
        check=True,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    return set(done.stdout.split("\n")) - {""}


def test_t09_a_signer_that_crashes_leaves_no_core(attacked: Attacked) -> None:
    """Whatever the limits of who started it, and wherever the machine sends cores."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    try:
        with a_signer(Paths(attacked.paths.state, attacked.paths.run)) as process:
            process.send_signal(signal.SIGSEGV)
            _, status = os.waitpid(process.pid, 0)
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))
    assert os.WIFSIGNALED(status)
    assert not os.WCOREDUMP(status)
