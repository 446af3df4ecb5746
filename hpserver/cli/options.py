"""Options and arguments that commands of several subjects take. Knows no command."""

from pathlib import Path

import click

in_file = click.Path(path_type=Path, exists=True, dir_okay=False)
"""A file that a command reads."""

account_option = click.option("--account", default="", help="Number or domain, when there are several accounts.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask for the name again.")
why_option = click.option("--why", default="", help="Kept in the history.")
force_option = click.option("--force", is_flag=True, help="Even if it clashes, or breaks a hard rule.")
overwrite_option = click.option(
    "--force", is_flag=True, help="Even if it clashes, breaks a hard rule, or overwrites what others did since."
)
