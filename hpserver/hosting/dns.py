"""What is written in a zone, or in a hosts file, so that the names of an account lead here. Knows no account."""

import contextlib
import ipaddress
import socket
from collections.abc import Iterable, Sequence
from typing import Final

from hpserver.errors import ConfigurationError, InvalidNameError

TTL: Final = 3600
"""Seconds that others may keep a record: a new address is known everywhere an hour later."""

_OUTSIDE: Final = (("192.0.2.1", socket.AF_INET), ("2001:db8::1", socket.AF_INET6))
"""Where nobody is (RFC 5737, RFC 3849): asked for, a datagram socket only says which address would be used."""


def zone_lines(controller: str, zone: str, others: Iterable[str], addresses: Sequence[str]) -> list[str]:
    """Return the records of a zone file: addresses for the controller and the top, aliases for the `others`."""
    tops = list(dict.fromkeys((zone, controller)))
    records = [f"{name}. {TTL} IN {_kind(one)} {one}" for name in tops for one in addresses]
    return records + [f"{name}. {TTL} IN CNAME {controller}." for name in others if name not in tops]


def hosts_lines(names: Sequence[str], addresses: Sequence[str]) -> list[str]:
    """Return the lines of a hosts file, one for each address and name: some systems read no long line."""
    return [f"{address} {name}" for address in addresses for name in names]


def addresses_of(typed: Iterable[str], listen: str) -> list[str]:
    """Return the addresses to tell: those that were typed, or where we listen, or by which this machine goes out.

    Raises InvalidNameError: one is none; ConfigurationError: none is known.
    """
    wanted = [one for one in typed if one.strip()] or ([] if _is_everywhere(listen) else [listen])
    found = [_address(one) for one in wanted]
    found = found or [one for one in (_going_out(*outside) for outside in _OUTSIDE) if one]
    if not found:
        raise ConfigurationError("this machine knows no address of its own: say which one clients reach it by")
    return list(dict.fromkeys(found))


def _address(typed: str) -> str:
    try:
        return str(ipaddress.ip_address(typed.strip()))
    except ValueError as error:
        raise InvalidNameError(f"{typed!r} is no IP address: write one as 192.0.2.10", address=typed) from error


def _kind(address: str) -> str:
    return "AAAA" if ":" in address else "A"


def _is_everywhere(listen: str) -> bool:
    return listen in {"", "0.0.0.0", "::"}  # noqa: S104 - compared, not bound


def _going_out(outside: str, family: socket.AddressFamily) -> str:
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((outside, 9))
        return str(probe.getsockname()[0])
    return ""
