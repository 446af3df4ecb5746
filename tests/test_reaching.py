"""Our own processes, reached or not."""

import asyncio

import pytest

from hpserver.config import find_paths
from hpserver.errors import AgentUnreachableError
from hpserver.reaching import agent_status, wake_agent
from tests.cli.conftest import bare
from tests.cli.shell import Shell

__all__ = ["bare"]


def test_without_an_agent_it_is_said(bare: Shell) -> None:
    """A wish is kept all the same."""
    assert bare.ok("status").err
    paths = find_paths()
    assert asyncio.run(wake_agent(paths)) is False
    with pytest.raises(AgentUnreachableError):
        asyncio.run(agent_status(paths))
