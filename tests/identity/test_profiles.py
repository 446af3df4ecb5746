"""What a profile may do."""

import pytest

from hpserver.errors import InvalidChangeError
from hpserver.identity.profiles import (
    ACTIONS,
    BUILT_IN,
    MAX_RIGHTS_BYTES,
    NOTHING,
    Rights,
    built_in,
    capped,
    read_rights,
    write_rights,
)


def test_the_profiles_of_every_planning_are_these() -> None:
    """Who consults changes nothing, who modifies leaves the settings, an unknown profile sees nothing."""
    assert list(BUILT_IN) == ["Administration", "Modification", "Consultation"]
    levels = {
        name: (rights.level("room", "resources"), rights.level("category", "settings"))
        for name, rights in BUILT_IN.items()
    }
    assert levels == {
        "Administration": ("edit", "edit"), "Modification": ("edit", "read"), "Consultation": ("read", "read"),
    }  # fmt: skip
    assert BUILT_IN["Administration"].actions == ACTIONS
    assert BUILT_IN["Consultation"].actions == ("export",)
    assert built_in("administration") == built_in("") == NOTHING
    assert NOTHING.level("room", "resources") == "none"
    assert not any(NOTHING.may(action) for action in ACTIONS)


def test_a_kind_goes_before_its_domain_and_a_domain_before_the_rest() -> None:
    """The nearest word counts."""
    rights = Rights(others="read", domains={"people": "none"}, kinds={"student": "edit"})
    assert rights.level("student", "people") == "edit"
    assert rights.level("guardian", "people") == "none"
    assert rights.level("room", "resources") == "read"


def test_a_consultant_never_edits_and_no_own_profile_rules() -> None:
    """Whatever is ticked: the type of a profile is its upper bound."""
    everything = Rights(others="edit", domains={"people": "edit"}, kinds={"room": "edit"}, actions=ACTIONS)
    reads = Rights(others="read", domains={"people": "read"}, kinds={"room": "read"}, actions=("export",))
    assert capped(everything, "consultant") == reads
    assert capped(everything, "modifier").actions == ("force", "undo_others", "import", "export")
    assert capped(everything, "king") == NOTHING


def test_rights_are_kept_as_text_and_come_back() -> None:
    """The same rights are the same text, whatever the order they were given in."""
    rights = Rights(others="read", kinds={"room": "none", "grade": "edit"}, categories=(3,), actions=("force",))
    turned = Rights(actions=("force",), categories=(3,), kinds={"grade": "edit", "room": "none"}, others="read")
    assert read_rights(write_rights(rights)) == rights
    assert write_rights(rights) == write_rights(turned)
    assert write_rights(NOTHING) == "{}"


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", '{"others":"write"}', '{"kinds":{"room":1}}', '{"more":1}', '{"categories":[0]}', "{" * 2000,
        '{"actions":["rule"]}', " " * (MAX_RIGHTS_BYTES + 1),
    ],
)  # fmt: skip
def test_what_is_not_rights_is_refused(text: str) -> None:
    """What cannot be understood gives nothing, rather than something."""
    with pytest.raises(InvalidChangeError):
        read_rights(text)
