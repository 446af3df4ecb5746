"""`hp device`: before any device is enrolled; with some see tests/processes/test_guide_of_users.py."""

from hpserver.certs.param_client import read_param_client
from tests.cli.shell import Shell


def test_a_letter_is_written_and_no_device_is_there_yet(shell: Shell) -> None:
    """The file is what a client enrols with; what does not exist is said so."""
    out = shell.folder / "ParamClient"
    value = shell.json("device", "enrolment", "--uses", "2", "--hours", "3", "--out", out)
    assert value == {"file": str(out), "uses": 2, "hours": 3}
    assert read_param_client(out.read_bytes()).ticket
    assert shell.json("device", "list") == []
    for words in (("revoke", "7"), ("forget", "7"), ("rename", "7", "Salle")):
        assert shell.hp("device", *words).status == 3
