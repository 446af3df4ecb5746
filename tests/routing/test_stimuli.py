"""Stimuli are plain facts."""

from hpserver.routing import stimuli


def test_a_person_has_no_secret() -> None:
    """What a session remembers of its user could be logged without harm."""
    assert not {"password_hash", "pin_hash", "email"} & set(stimuli.Person.__struct_fields__)
