"""What a link and its owner expect of each other."""

from hpserver.net.dial import DialledLink
from hpserver.net.link import Link
from hpserver.net.memory import MemoryLink
from hpserver.net.owner import Carrier, LinkStatistics

KINDS: tuple[type[Carrier], ...] = (Link, MemoryLink, DialledLink)


def test_every_link_keeps_the_whole_contract() -> None:
    """The three kinds of link are interchangeable: each has every name of the contract."""
    names = {name for name in vars(Carrier) if not name.startswith("_")}
    for kind in KINDS:
        assert names <= set(dir(kind))


def test_statistics_are_plain_numbers() -> None:
    """They are logged when a session ends."""
    assert LinkStatistics(1, 2, 3) == LinkStatistics(received=1, sent=2, queued=3)
