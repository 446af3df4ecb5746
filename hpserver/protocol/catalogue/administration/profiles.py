"""Wishes about the profiles of a planning, and the places there are for them. Knows shapes only."""

from typing import Annotated

import msgspec

from hpserver.protocol.catalogue.administration.wish import Outcome, Wish
from hpserver.protocol.catalogue.fields import Name, Word

RightsText = Annotated[str, msgspec.Meta(max_length=32 << 10)]
Places = Annotated[int, msgspec.Meta(ge=-1, le=100_000)]


class ListProfiles(Wish, frozen=True, tag="profiles.list"):
    """Which profiles does a planning have, and who takes their places? Answered by `profiles`.

    Attributes:
        planning: its name.
        after: the name of the profile after which to begin; empty for the first.
    """

    planning: Name
    after: Name = ""


class ProfileRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One profile.

    Attributes:
        name: its name.
        type: `modifier` or `consultant`.
        built_in: whether every planning has it and nobody changes it.
        rights: as JSON: `others`, `domains`, `kinds`, `categories`, `actions`; see data-model.
        users: how many have it.
        places: how many sessions there may be at once; -1 for any number.
        reserved: places that nobody of another profile takes.
    """

    name: str
    type: str
    built_in: bool
    rights: str
    users: int
    places: int
    reserved: int


class Profiles(Outcome, frozen=True, tag="profiles"):
    """The profiles of a planning: those that every planning has, then the others by name.

    Attributes:
        rows: the profiles.
        modifiers: how many sessions of all profiles that modify there may be at once; -1 for any number.
        consultants: the same of those that only consult.
        more: whether there are others after these.
    """

    rows: tuple[ProfileRow, ...]
    modifiers: int
    consultants: int
    more: bool = False


class CreateProfile(Wish, frozen=True, tag="profiles.create"):
    """Make a profile. Answered by `done`.

    Attributes:
        planning: its planning.
        name: its name.
        type: `modifier` or `consultant`.
        rights: as in `profiles`.
    """

    planning: Name
    name: Name
    type: Word
    rights: RightsText


class SetProfile(Wish, frozen=True, tag="profiles.set"):
    """Give a profile other rights: who is in the planning with it comes in anew. Answered by `done`.

    Attributes:
        planning: its planning.
        name: its name.
        rights: as in `profiles`.
    """

    planning: Name
    name: Name
    rights: RightsText


class RenameProfile(Wish, frozen=True, tag="profiles.rename"):
    """Give a profile another name: who has it keeps it and comes in anew. Answered by `done`.

    Templates of assignments keep the name of before.

    Attributes:
        planning: its planning.
        name: its name.
        new_name: the name it has then.
    """

    planning: Name
    name: Name
    new_name: Name


class DeleteProfile(Wish, frozen=True, tag="profiles.delete"):
    """Delete a profile that nobody has. Answered by `done`.

    Attributes:
        planning: its planning.
        name: its name.
    """

    planning: Name
    name: Name


class SetPlaces(Wish, frozen=True, tag="profiles.places"):
    """Say how many sessions there may be at once; those there are stay. Answered by `done`.

    Attributes:
        planning: its name.
        holder: a profile, or `modifiers` or `consultants` for all profiles of that type together.
        places: how many; -1 for any number.
        reserved: places of a profile that nobody of another profile takes.
    """

    planning: Name
    holder: Name
    places: Places = -1
    reserved: Places = 0
