"""The documents that are made from the code: `python -m hpserver.cli.documents`, `--check` to compare only."""
