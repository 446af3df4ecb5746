"""`hp agent`."""

import sys

import click

from hpserver.agent import run_agent


@click.command()
def agent() -> None:
    """Keep what should run running, until SIGTERM or Ctrl+C."""
    sys.exit(run_agent())
