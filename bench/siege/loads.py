"""The loads by name, each against a house of its own. Knows how none of them is made."""

from collections.abc import Awaitable, Callable
from typing import Final

from bench import machine, school
from bench.house import House, opened
from bench.siege import churn, flood, idle, logins, readers
from bench.siege.findings import Finding, Size
from hpserver.base.planning import Planning

FIRST_PORT: Final = 31400

LIMITS: Final = {"HP_LIMITS__CONNECTIONS": "16000"}
"""More than the usual 10,000, all of which are wanted for those who are idle."""

Measure = Callable[[House, Planning, Size], Awaitable[list[Finding]]]


async def _idle(house: House, base: Planning, size: Size) -> list[Finding]:
    await house.serve(idle.PLANNING, base)
    return await idle.measure(house, size)


async def _logins(house: House, _base: Planning, size: Size) -> list[Finding]:
    return await logins.measure(house, size)


async def _flood(house: House, _base: Planning, size: Size) -> list[Finding]:
    return await flood.measure(house, size)


async def _readers(house: House, base: Planning, size: Size) -> list[Finding]:
    await house.serve(readers.PLANNING, base)
    return await readers.measure(house, base, size)


async def _churn(house: House, base: Planning, size: Size) -> list[Finding]:
    await house.serve(churn.PLANNING, base)
    return await churn.measure(house, size)


LOADS: Final[dict[str, Measure]] = {"L1": _idle, "L4": _logins, "L5": _flood, "L6": _readers, "L7": _churn}


async def measure(name: str, size: Size, first_port: int = FIRST_PORT) -> list[Finding]:
    """Put one load on a new installation; what was found."""
    with machine.all_descriptors():
        async with opened(first_port, environ=LIMITS, alone=False) as house:
            return await LOADS[name](house, school.base(), size)
