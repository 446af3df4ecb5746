"""What the signer's askers do when nothing is there."""

from pathlib import Path

import pytest

from hpserver.errors import BusyError
from hpserver.signing import RemoteIssuing


async def test_without_a_signer_it_is_busy_with_a_time(tmp_path: Path) -> None:
    """A client may come back: its ticket was not spent."""
    remote = RemoteIssuing(tmp_path / "signer.sock", role="controller", name="test")
    assert not await remote.is_there()
    with pytest.raises(BusyError) as refused:
        await remote.enrol("123456789012", b"t" * 32, b"", "Bureau")
    assert refused.value.details == {"seconds": 2}
    assert refused.value.retry
