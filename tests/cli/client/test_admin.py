from hpserver.cli.client.admin import COMMANDS, admin


def test_every_subject_of_the_office_is_there() -> None:
    """An administrator needs no shell on the server."""
    assert (admin,) == COMMANDS
    assert sorted(admin.commands) == [
        "audit",
        "device",
        "profile",
        "provider",
        "security",
        "session",
        "task",
        "template",
        "user",
    ]
