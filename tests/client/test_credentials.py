import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from stat import S_IMODE

import pytest

from hpserver.certs.files import load_certificates
from hpserver.client import Credentials, School, enrol
from hpserver.errors import CertificateRefusedError, ConfigurationError, ConnectionLostError, EnrolmentRefusedError
from hpserver.protocol.states import Role
from tests.client.served import PATIENCE, TICKET, Served, a_school_served
from tests.pki import Pki

pytestmark = pytest.mark.timeout(PATIENCE)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """A school in service."""
    async with a_school_served(tmp_path) as served:
        yield served


async def test_a_device_enrols_and_comes_in(served: Served, tmp_path: Path) -> None:
    """The key is made here, and only its owner may read it."""
    folder = tmp_path / "here"
    credentials = await enrol(served.param_client(TICKET), folder, "Bureau")
    assert credentials.is_enrolled
    assert {path.name: S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {
        "ParamClient": 0o600, "device.key": 0o600, "device.pem": 0o644,
    }  # fmt: skip
    assert credentials.certificate().not_valid_after_utc > served.pki.now
    assert credentials.root() == served.pki.root.certificate
    (folder / "ParamClient").write_bytes(served.param_client())
    async with School(credentials) as school:
        assert school.is_open
    with pytest.raises(ConfigurationError, match="already"):
        await enrol(served.param_client(TICKET), folder, "Bureau")


async def test_a_device_shows_its_own_certificate_alone(served: Served, tmp_path: Path) -> None:
    """A server would keep the issuer's, which it has already, for as long as the connection: 5 KiB."""
    credentials = await enrol(served.param_client(TICKET), tmp_path / "here", "Bureau")
    assert load_certificates(credentials.folder / "device.pem") == [credentials.certificate()]


async def test_a_refused_enrolment_may_be_tried_again(served: Served, tmp_path: Path) -> None:
    """A used ticket, a file without one, nobody there: the device is not enrolled, and the folder no obstacle."""
    folder = tmp_path / "here"
    for param in (served.param_client(bytes(32)), served.param_client(b"")):
        with pytest.raises(EnrolmentRefusedError):
            await enrol(param, folder, "Bureau")
    await served.shut(Role.ENROLMENT)
    with pytest.raises(ConnectionLostError):
        await enrol(served.param_client(TICKET), folder, "Bureau")
    assert not Credentials(folder).is_enrolled
    await served.open(Role.ENROLMENT)
    assert (await enrol(served.param_client(TICKET), folder, "Bureau")).is_enrolled


async def test_a_foreign_controller_is_not_told_the_ticket(served: Served, tmp_path: Path) -> None:
    """The file pins who may hear it."""
    with pytest.raises(CertificateRefusedError):
        await enrol(served.param_client(TICKET, enrol_name="elsewhere.monecole.example"), tmp_path / "here", "Bureau")
    assert served.said["Enrol"] == 0


async def test_a_folder_that_cannot_be_written_wastes_no_ticket(served: Served, tmp_path: Path) -> None:
    """The disk is asked before the controller."""
    (tmp_path / "file").write_text("in the way")
    folder = tmp_path / "file" / "here"
    with pytest.raises(ConfigurationError):
        await enrol(served.param_client(TICKET), folder, "Bureau")
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)
    with pytest.raises(ConfigurationError):
        await enrol(served.param_client(TICKET), tmp_path / "open", "Bureau")
    assert served.said["Enrol"] == 0


def test_a_file_that_is_no_param_client_is_refused(tmp_path: Path) -> None:
    """Any file may be given by mistake."""
    for content in (b"", b"{}", b"\xff\x00", os.urandom(64)):
        with pytest.raises(ConfigurationError):
            asyncio.run(enrol(content, tmp_path / "here", "Bureau"))


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    """No file, no certificate, no key: the text says what to do."""
    with pytest.raises(ConfigurationError, match="enrol"):
        Credentials(tmp_path).school()
    (tmp_path / "ParamClient").mkdir()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Credentials(tmp_path).school()
    with pytest.raises(ConfigurationError):
        Credentials(tmp_path).certificate()
    assert Pki.create(tmp_path).root
