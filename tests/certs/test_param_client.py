"""The file that a school hands to its workstations."""

from pathlib import Path
from random import Random

import msgspec
import pytest
from cryptography import x509

from hpserver.certs.authority import Authority
from hpserver.certs.param_client import FORMAT, MAX_FILE, ParamClient, pem, read_param_client, write_param_client
from hpserver.errors import ConfigurationError
from tests.pki import Pki


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    """One account."""
    return Pki.create(tmp_path)


def a_param(pki: Pki, *, root: x509.Certificate | None = None, form: int = FORMAT) -> ParamClient:
    """What a client is told of that account."""
    return ParamClient(
        format=form,
        account="123456789012",
        school="Mon École",
        host="127.0.0.1",
        port=21_200,
        server_name=pki.account,
        enrol_name=f"enrol.{pki.account}",
        ticket="ab" * 32,
        expires_ms=1_800_000_000_000,
        root=pem(root or pki.root.certificate),
        chain=pem(pki.intermediate.certificate),
    )


def test_r05_what_is_written_is_read(pki: Pki) -> None:
    """The signature is the only difference."""
    param = a_param(pki)
    read = read_param_client(write_param_client(param, pki.intermediate))
    assert read.signature
    assert msgspec.structs.replace(read, signature="") == param


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"Mon \xc3\x89cole", b"Ton \xc3\x89cole"),
        (b"21200", b"21201"),
        (b"127.0.0.1", b"127.0.0.2"),
        (b"abab", b"abac"),
    ],
)
def test_r05_one_changed_letter_is_refused(pki: Pki, was: bytes, becomes: bytes) -> None:
    """Nobody sends a school's clients elsewhere with a file that was good."""
    file = write_param_client(a_param(pki), pki.intermediate)
    assert was in file
    with pytest.raises(ConfigurationError, match="changed"):
        read_param_client(file.replace(was, becomes, 1))


def test_r05_a_foreign_chain_is_refused(pki: Pki, tmp_path: Path) -> None:
    """The signer must be certified by the root that the file names."""
    (tmp_path / "other").mkdir()
    foreign = Pki.create(tmp_path / "other", now=pki.now.replace(year=pki.now.year - 1))
    with pytest.raises(ConfigurationError):
        read_param_client(write_param_client(a_param(pki, root=foreign.root.certificate), pki.intermediate))


def test_r05_another_signer_is_refused(pki: Pki) -> None:
    """Another account of the same installation cannot speak for this one."""
    other = pki.other("lycee.example").intermediate
    with pytest.raises(ConfigurationError, match="changed"):
        read_param_client(write_param_client(a_param(pki), Authority(pki.intermediate.certificate, other.key)))


def test_a_newer_format_is_named(pki: Pki) -> None:
    """Who has an old program learns that it is old."""
    with pytest.raises(ConfigurationError, match="format 2"):
        read_param_client(write_param_client(a_param(pki, form=2), pki.intermediate))


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b'{"format":1}', b" " * (MAX_FILE + 1)])
def test_garbage_is_no_param_client(data: bytes) -> None:
    """One error, whatever the file is."""
    with pytest.raises(ConfigurationError):
        read_param_client(data)


@pytest.mark.parametrize(
    ("field", "value"), [("root", "no PEM"), ("chain", ""), ("port", 0), ("signature", "!"), ("more", 1)]
)
def test_a_field_that_is_wrong_is_refused(pki: Pki, field: str, value: object) -> None:
    """Nothing that cannot be right is believed."""
    told = msgspec.json.decode(write_param_client(a_param(pki), pki.intermediate))
    with pytest.raises(ConfigurationError):
        read_param_client(msgspec.json.encode(told | {field: value}))


def test_r05_no_change_of_a_byte_is_believed(pki: Pki) -> None:
    """Wherever it is: it is refused, or says the same (a blank, a digit of the port written otherwise)."""
    file = write_param_client(a_param(pki), pki.intermediate)
    good = msgspec.structs.replace(read_param_client(file), signature="")
    random = Random(7)
    for _ in range(200):
        at, byte = random.randrange(len(file)), random.randrange(256)
        try:
            found = read_param_client(file[:at] + bytes([byte]) + file[at + 1 :])
        except ConfigurationError:
            continue
        assert msgspec.structs.replace(found, signature="") == good


def test_r05_another_school_of_the_house_cannot_speak_for_this_one(pki: Pki) -> None:
    """Its authority is below the same root, its signature is right, and the names are not its own."""
    other = pki.other("lycee.example")
    told = msgspec.structs.replace(a_param(pki), chain=pem(other.intermediate.certificate))
    with pytest.raises(ConfigurationError, match="another school"):
        read_param_client(write_param_client(told, other.intermediate))


def test_r05_the_name_to_enrol_at_is_of_the_school(pki: Pki) -> None:
    """A file that its own school signed by mistake does not lead elsewhere either."""
    told = msgspec.structs.replace(a_param(pki), enrol_name="enrol.elsewhere.example")
    with pytest.raises(ConfigurationError, match="another school"):
        read_param_client(write_param_client(told, pki.intermediate))


def test_r05_a_file_of_the_most_bytes_is_read_and_one_more_is_refused_unread(pki: Pki) -> None:
    """A limit that is told is the one that holds: 32 KiB, and 300 characters of a name."""
    file = write_param_client(a_param(pki), pki.intermediate).ljust(32_768)
    assert read_param_client(file).school == "Mon École"
    with pytest.raises(ConfigurationError, match="at most 32768 bytes"):
        read_param_client(file + b" ")
    longest = msgspec.structs.replace(a_param(pki), school="x" * 300)
    assert read_param_client(write_param_client(longest, pki.intermediate)).school == "x" * 300
    longer = write_param_client(msgspec.structs.replace(a_param(pki), school="x" * 301), pki.intermediate)
    with pytest.raises(ConfigurationError, match="not a ParamClient file"):
        read_param_client(longer)


def test_r05_a_signature_has_one_writing(pki: Pki) -> None:
    """Signs that base64 does not know are not passed over: two files with one meaning would be two to compare."""
    file = write_param_client(a_param(pki), pki.intermediate)
    with pytest.raises(ConfigurationError, match="not a ParamClient file"):
        read_param_client(file.replace(b'"signature": "', b'"signature": "*'))
