"""The promises of conftest.py that a silent change of a plugin could break."""

import asyncio

import pytest
import uvloop


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
