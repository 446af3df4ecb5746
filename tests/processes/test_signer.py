"""The signer as a process: asked over its socket, believing nobody. Row T09."""

import asyncio
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from hpserver.certs.files import load_certificates
from hpserver.certs.param_client import read_param_client
from hpserver.certs.requests import make_key, make_request
from hpserver.config import Paths, Settings
from hpserver.directory.model import Planning
from hpserver.errors import (
    BusyError,
    ConfigurationError,
    ConnectionLostError,
    EnrolmentRefusedError,
    HPError,
    NotFoundError,
)
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.keyring import console_name, server_names, utc_now
from hpserver.net.hub import dial_hub
from hpserver.protocol import internal
from hpserver.protocol.codec import encode_internal
from hpserver.protocol.limits import MAX_NAME
from hpserver.signing import RemoteIssuing, SignerOrOwn, _Silent
from hpserver.store.sqlite_directory import SqliteDirectory
from tests.processes.signers import a_signer

pytestmark = [pytest.mark.slow, pytest.mark.uvloop_only]

WAIT = 200
"""Looks at a file, twenty a second; only reached by a test that fails."""


@pytest.fixture
def paths() -> Iterator[Paths]:
    """Short directories: a Unix socket has room for 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="hp-"))
    yield Paths(folder / "state", folder / "run")
    shutil.rmtree(folder)


@pytest.fixture
async def accounts(paths: Paths) -> AsyncIterator[Accounts]:
    """An installation with one account; what signs for it is the signer, when there is one."""
    paths.make()
    directory = SqliteDirectory(paths.directory)
    await directory.open()
    own = Accounts(directory, paths, Settings())
    await own.open_account("École", "ecole.example", 29_000)
    remote = RemoteIssuing(paths.signer_socket, role="cli", name="test")
    yield Accounts(directory, paths, Settings(), SignerOrOwn(remote, own.issuing))
    await directory.close()


async def test_t09_a_letter_and_a_device_are_signed_at_a_distance(accounts: Accounts, paths: Paths) -> None:
    """Whoever asked has the certificate, and never had the key."""
    account = await accounts.account()
    remote = RemoteIssuing(paths.signer_socket, role="controller", name="test")
    with a_signer(paths):
        param = read_param_client(await accounts.param_client(account))
        made = await remote.enrol(account.number, bytes.fromhex(param.ticket), make_request(make_key()), "Bureau")
        assert (made.device, len(made.chain)) == (1, 2)
        with pytest.raises(EnrolmentRefusedError):
            await remote.enrol(account.number, bytes.fromhex(param.ticket), make_request(make_key()), "Bureau")
        with pytest.raises(EnrolmentRefusedError) as early:
            await remote.renew(account.number, made.chain[0], make_request(make_key()))
        assert early.value.details["cause"] == "other_key"
        await remote.certify_servers(account.number, anew=True)


async def test_t09_hp_signs_itself_only_where_no_signer_listens(accounts: Accounts, paths: Paths) -> None:
    """A controller never does: it is told to come back."""
    account = await accounts.account()
    assert await accounts.param_client(account)
    remote = RemoteIssuing(paths.signer_socket, role="controller", name="test")
    assert not await remote.is_there()
    with pytest.raises(BusyError):
        await remote.certify_servers(account.number)
    with a_signer(paths):
        assert await remote.is_there()
        [key] = (paths.certs / "keys" / account.number).glob("intermediate*.key")
        hidden = key.rename(key.with_suffix(".hidden"))
        with pytest.raises(Exception, match="no intermediate"):  # the signer's answer: nobody else opens the file
            await accounts.param_client(account)
        hidden.rename(key)
        assert await accounts.param_client(account)


async def test_t09_who_does_not_know_the_secret_of_this_start_is_not_heard(accounts: Accounts, paths: Paths) -> None:
    """Same user, same directory: the socket alone is not enough; and the signer does nothing but sign."""
    account = await accounts.account()
    loop = asyncio.get_running_loop()
    with a_signer(paths):
        secret = paths.signer_socket.with_name("signer.sock.secret")
        good = secret.read_bytes()
        secret.write_bytes(bytes(len(good)))
        with pytest.raises(ConnectionLostError):
            await dial_hub(paths.signer_socket, loop, _Silent(), role="cli", name="stranger")
        secret.write_bytes(good)
        link = await dial_hub(paths.signer_socket, loop, _Silent(), role="cli", name="curious")
        with pytest.raises(ConnectionLostError):
            await link.request(internal.GetStatus(0), internal.Status)
        paths.run.chmod(0o755)
        with pytest.raises(ConfigurationError):
            await RemoteIssuing(paths.signer_socket, role="cli", name="test").certify_servers(account.number)
        paths.run.chmod(0o700)


async def test_t09_nothing_that_is_asked_ends_the_signer(accounts: Accounts, paths: Paths) -> None:
    """Names that are paths, or too long for one, sockets that nobody asked for, packets that are none: it signs on."""
    account = await accounts.account()
    loop = asyncio.get_running_loop()
    remote = RemoteIssuing(paths.signer_socket, role="controller", name="test")
    request = make_request(make_key())
    names = (
        "",
        "..",
        "../" * 40,
        "\U0001f4c5" * MAX_NAME,
        "a\0b",
        f"../certs/{account.number}",
        "keys",
        f"keys/{account.number}",
    )
    with a_signer(paths) as process:
        for name in names:
            for wish in (
                remote.enrol(name, b"t" * 32, request, "x"),
                remote.renew(name, b"", b""),
                remote.certify_servers(name),
            ):
                with pytest.raises(NotFoundError):
                    await wish
        for raw in (
            b"",
            b"\xc1",
            b"x" * (1 << 16),
            encode_internal(internal.EnrolFor(1, account.number, b"", b"", "")),
        ):
            with pytest.raises(HPError):
                await remote.enrol(account.number, raw[:32], raw[:8000], "\0")
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as stranger:
                stranger.connect(str(paths.signer_socket))
                stranger.send(raw or b"\0")
        link = await dial_hub(paths.signer_socket, loop, _Silent(), role="controller", name="flood")
        wishes = [
            link.request(internal.RenewFor(0, account.number, b"", b""), internal.Signed, 30.0) for _ in range(600)
        ]
        answers = [one.failed for one in await asyncio.gather(*wishes)]
        assert len(answers) == 600
        assert {one.name if one else "signed" for one in answers} <= {"BusyError", "EnrolmentRefusedError"}
        link.close()
        assert process.poll() is None
        await remote.certify_servers(account.number, anew=True)


async def test_a_planning_that_is_added_is_named_by_the_signer_itself(accounts: Accounts, paths: Paths) -> None:
    """Nobody asks it: it follows the directory. A certificate that is removed comes back, key and all."""
    account = await accounts.account()
    chain, _ = accounts.keyring.server_files(account.number)
    with a_signer(paths):
        before = load_certificates(chain)[0]
        row = Planning(account=account.number, name="examens", publication_name="Examens", port=29_010)
        await accounts.directory.add(row)
        for _ in range(WAIT):
            if load_certificates(chain)[0] != before:
                break
            await asyncio.sleep(0.05)
        leaf = load_certificates(chain)[0]
        assert b"examens.ecole.example" in leaf.public_bytes(Encoding.DER)
        key = accounts.keyring.server_files(account.number)[1]
        assert load_pem_private_key(key.read_bytes(), None).public_key() == leaf.public_key()


async def test_a_certificate_of_before_the_console_gets_its_name_at_the_first_look(
    accounts: Accounts, paths: Paths
) -> None:
    """An old installation is upgraded by starting it: nobody runs a command, and every name of before stays."""
    account = await accounts.account()
    named = server_names(account.zone, [one.name for one in await accounts.plannings(account)])
    of_before = [one for one in named if one != console_name(account.zone)]
    accounts.keyring.ensure_server(account.number, of_before, utc_now(), anew=True)
    chain, _ = accounts.keyring.server_files(account.number)
    before = load_certificates(chain)[0]
    assert names_in(before) == set(of_before)
    with a_signer(paths):
        for _ in range(WAIT):
            if load_certificates(chain)[0] != before:
                break
            await asyncio.sleep(0.05)
    leaf = load_certificates(chain)[0]
    assert names_in(leaf) == {*of_before, "console.ecole.example"}
    key = accounts.keyring.server_files(account.number)[1]
    assert load_pem_private_key(key.read_bytes(), None).public_key() == leaf.public_key()


def names_in(leaf: x509.Certificate) -> set[str]:
    """The names that a server's certificate is good for."""
    found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return set(found.value.get_values_for_type(x509.DNSName))
