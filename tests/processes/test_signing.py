"""What the signer's askers do when nothing is there."""

import asyncio
import shutil
import tempfile
from pathlib import Path

import pytest

from hpserver.errors import BusyError, HPError
from hpserver.net.hub import HubLink, HubServer
from hpserver.protocol import internal
from hpserver.signing import RemoteIssuing


async def test_without_a_signer_it_is_busy_with_a_time(tmp_path: Path) -> None:
    """A client may come back: its ticket was not spent."""
    remote = RemoteIssuing(tmp_path / "signer.sock", role="controller", name="test")
    assert not await remote.is_there()
    with pytest.raises(BusyError) as refused:
        await remote.enrol("123456789012", b"t" * 32, b"", "Bureau")
    assert refused.value.details == {"seconds": 2}
    assert refused.value.retry


async def test_a_signer_that_is_coming_back_is_waited_for() -> None:
    """An enrolment in the second of its restart is served, not refused."""
    folder = Path(tempfile.mkdtemp(prefix="hp-"))
    loop = asyncio.get_running_loop()
    hub = HubServer(folder / "signer.sock", loop, Back(), name="signer")
    remote = RemoteIssuing(folder / "signer.sock", role="controller", name="test", patience=20.0)
    loop.call_later(0.02, hub.open)
    await remote.certify_servers("123456789012")
    hub.close()
    shutil.rmtree(folder)


class Back:
    """A signer that signs whatever it is asked."""

    def hub_joined(self, link: HubLink) -> None:
        """See `HubOwner`."""

    def hub_received(self, link: HubLink, message: internal.AnyInternal, passenger: object) -> None:
        """See `HubOwner`."""
        assert passenger is None
        assert isinstance(message, internal.CertifyServers)
        link.send(internal.Signed(message.id))

    def hub_lost(self, link: HubLink, error: HPError | None) -> None:
        """See `HubOwner`."""
