"""Lines for a zone and for hosts files, and the addresses in them."""

import socket

import pytest

from hpserver.errors import ConfigurationError, InvalidNameError
from hpserver.hosting import dns
from hpserver.hosting.dns import addresses_of, hosts_lines, zone_lines


def test_the_top_of_a_zone_has_addresses_and_every_other_name_an_alias() -> None:
    """An alias beside the other records of a zone's top is refused by name servers (RFC 1034, 3.6.2)."""
    lines = zone_lines("edt.a.example", "a.example", ["edt.a.example", "console.a.example", "a.example"], ["192.0.2.1"])
    assert lines == [
        "a.example. 3600 IN A 192.0.2.1",
        "edt.a.example. 3600 IN A 192.0.2.1",
        "console.a.example. 3600 IN CNAME edt.a.example.",
    ]
    both = zone_lines("a.example", "a.example", ["enrol.a.example"], ["192.0.2.1", "2001:db8::1"])
    assert both[:2] == ["a.example. 3600 IN A 192.0.2.1", "a.example. 3600 IN AAAA 2001:db8::1"]
    assert both[2:] == ["enrol.a.example. 3600 IN CNAME a.example."]


def test_a_hosts_file_has_one_name_a_line() -> None:
    """There is no alias in it."""
    assert hosts_lines(["a.example", "b.example"], ["192.0.2.1"]) == ["192.0.2.1 a.example", "192.0.2.1 b.example"]


def test_addresses_are_those_typed_or_where_we_listen() -> None:
    """Each once, as everybody writes it."""
    assert addresses_of(["192.0.2.1", " 2001:DB8:0::1 ", "192.0.2.1"], "127.0.0.1") == ["192.0.2.1", "2001:db8::1"]
    assert addresses_of([""], "127.0.0.1") == ["127.0.0.1"]
    for bad in ("monecole.example", "192.0.2.300", "192.0.2.1 IN A", "1"):
        with pytest.raises(InvalidNameError, match="no IP address"):
            addresses_of([bad], "")


def test_who_listens_everywhere_tells_the_address_that_the_machine_goes_out_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sent for it; a machine without a network says what is needed."""
    monkeypatch.setattr(dns, "_OUTSIDE", (("127.0.0.1", socket.AF_INET),))
    assert addresses_of([], "0.0.0.0") == ["127.0.0.1"]  # noqa: S104 - compared, not bound
    monkeypatch.setattr(dns, "_OUTSIDE", (("no address", socket.AF_INET),))
    with pytest.raises(ConfigurationError, match="which one clients reach it by"):
        addresses_of([], "::")
