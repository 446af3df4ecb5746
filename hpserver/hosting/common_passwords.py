"""The words that passwords are most often made of, from the file beside this module. It judges no password."""

from functools import cache
from importlib.resources import files


@cache
def common_passwords() -> frozenset[str]:
    """Return what is left of zxcvbn's 30,000 passwords without their disguises: 2 MB, read at the first use."""
    lines = (files("hpserver.hosting") / "common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
