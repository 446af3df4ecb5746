"""The table of rights: what a profile of a planning may do. It knows no user and no planning."""

from typing import Final, Literal

Profile = Literal["Administration", "Modification", "Consultation"]
Action = Literal["read", "edit", "administrate"]

RIGHTS: Final[dict[str, frozenset[str]]] = {
    "Administration": frozenset({"read", "edit", "administrate"}),
    "Modification": frozenset({"read", "edit"}),
    "Consultation": frozenset({"read"}),
}
"""Profile -> actions. What is not written here is refused."""


def may(profile: str, action: str) -> bool:
    """Return whether the profile allows the action; a name that is not in the table allows nothing."""
    return action in RIGHTS.get(profile, frozenset())
