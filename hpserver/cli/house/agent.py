"""`hp agent`."""

import click

from hpserver.agent import run_agent


@click.command()
def agent() -> None:
    """Keep what should run running, until SIGTERM or Ctrl+C."""
    raise click.exceptions.Exit(run_agent())
