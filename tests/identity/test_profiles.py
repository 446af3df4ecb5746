"""The table of rights."""

import pytest

from hpserver.identity.profiles import may


@pytest.mark.parametrize(
    ("profile", "allowed"),
    [
        ("Administration", {"read", "edit", "administrate"}),
        ("Modification", {"read", "edit"}),
        ("Consultation", {"read"}),
        ("administration", set()),
        ("", set()),
    ],
)
def test_a_profile_allows_what_its_line_says_and_nothing_else(profile: str, allowed: set[str]) -> None:
    """Who consults never edits; an unknown profile does nothing."""
    actions = ["read", "edit", "administrate", "", "delete"]
    assert {action for action in actions if may(profile, action)} == allowed
