"""The promises of conftest.py that a silent change of a plugin could break."""

import asyncio

import pytest
import uvloop

from hpserver.config import Ports
from tests.ports import SHARES, free_ports, share


async def test_async_test_runs_on_the_loop_it_names(request: pytest.FixtureRequest) -> None:
    """The loop in a test's id is the loop it ran on; both are offered to every async test."""
    offered = request.config.hook.pytest_asyncio_loop_factories(config=request.config, item=request.node)
    assert set(offered) == {"uvloop", "asyncio"}
    on_uvloop = isinstance(asyncio.get_running_loop(), uvloop.Loop)
    assert request.node.callspec.id == ("uvloop" if on_uvloop else "asyncio")


@pytest.mark.uvloop_only
async def test_marked_test_runs_on_uvloop_alone() -> None:
    """A test of what only uvloop does is not run on asyncio's loop."""
    assert isinstance(asyncio.get_running_loop(), uvloop.Loop)


@pytest.mark.asyncio_only
async def test_marked_test_runs_on_asyncio_alone() -> None:
    """A test of what only asyncio's loop does is not run on uvloop."""
    assert not isinstance(asyncio.get_running_loop(), uvloop.Loop)


def test_no_port_is_given_to_two_workers() -> None:
    """Files are tested beside each other; all shares lie between the ports of installations and those of the system."""
    given = [port for number in range(SHARES) for port in share(f"gw{number}")]
    assert len(given) == len(set(given))
    assert Ports().first + 100 < min(given) < max(given) < Ports().last
    assert share(f"gw{SHARES}") == share("gw0")


def test_ports_are_given_in_turn() -> None:
    """What starts later than the next house is built still finds its ports free."""
    first, second = free_ports(3), free_ports(2)
    assert first not in range(second, second + 2)
    assert second not in range(first, first + 3)
