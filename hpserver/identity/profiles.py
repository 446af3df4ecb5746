"""What a profile of a planning may do: by domain, by kind, by category, and as actions. Knows no user and no base.

Names of domains and kinds are words here: who has the base knows what they mean. What is not given is refused.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal, get_args

import msgspec

from hpserver.errors import InvalidChangeError

Profile = Literal["Administration", "Modification", "Consultation"]
"""The profiles that every planning has; schools make their own."""
Type = Literal["modifier", "consultant"]
"""`Modifier` or `Consultation`: a consultant changes nothing, whatever is ticked."""
Level = Literal["none", "read", "edit"]
Action = Literal["force", "undo_others", "import", "export", "administrate"]
"""Put things where they clash; take back what others did; bring files in; take files out; administrate."""

ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
LEVELS: Final[tuple[Level, ...]] = get_args(Level)
OF_CONSULTANTS: Final = frozenset({"export"})
"""Actions that a consultant may have."""
MAX_RIGHTS: Final = 256
"""Domains, kinds or categories that a profile names: several times what there are."""
MAX_RIGHTS_BYTES: Final = 64 << 10
"""Bytes of a profile as text: above, it is none of ours."""

_Word = Annotated[str, msgspec.Meta(max_length=32, pattern="^[a-z_]+$")]
_Levels = Annotated[dict[_Word, Level], msgspec.Meta(max_length=MAX_RIGHTS)]
_Key = Annotated[int, msgspec.Meta(ge=1, lt=2**53)]


class Rights(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What one profile may do.

    The level of a kind is what `kinds` says of it, else what `domains` says of its domain, else `others`.
    With `categories` (keys of category values), of the kinds that can be classified only rows that bear one of these
    are there: one without category is not.
    """

    others: Level = "none"
    domains: _Levels = {}
    kinds: _Levels = {}
    categories: Annotated[tuple[_Key, ...], msgspec.Meta(max_length=MAX_RIGHTS)] = ()
    actions: tuple[Action, ...] = ()

    def level(self, kind: str, domain: str) -> Level:
        """Return what may be done with objects of a kind, which belongs to that domain."""
        return self.kinds.get(kind) or self.domains.get(domain) or self.others

    def may(self, action: str) -> bool:
        """Return whether an action is allowed."""
        return action in self.actions


NOTHING: Final = Rights()

BUILT_IN: Final[Mapping[str, Rights]] = {
    "Administration": Rights(others="edit", actions=ACTIONS),
    "Modification": Rights(
        others="edit", domains={"settings": "read"}, actions=("force", "undo_others", "import", "export")
    ),
    "Consultation": Rights(others="read", actions=("export",)),
}
"""Profile -> rights. They cannot be changed, and nobody else's profile bears these names."""


def built_in(profile: str) -> Rights:
    """Return the rights of a profile that every planning has; of any other name, none."""
    return BUILT_IN.get(profile, NOTHING)


def capped(rights: Rights, type_: str) -> Rights:
    """Return what is left of rights in a profile of that type: only who modifies edits, and own profiles never rule."""
    if type_ == "modifier":
        return _replaced(rights, actions=tuple(one for one in rights.actions if one != "administrate"))
    if type_ != "consultant":
        return NOTHING
    return _replaced(
        rights,
        others=_readable(rights.others),
        domains={name: _readable(level) for name, level in rights.domains.items()},
        kinds={name: _readable(level) for name, level in rights.kinds.items()},
        actions=tuple(one for one in rights.actions if one in OF_CONSULTANTS),
    )


def read_rights(text: str) -> Rights:
    """Read rights as they are kept. Raises InvalidChangeError."""
    if len(text) > MAX_RIGHTS_BYTES:
        raise InvalidChangeError(f"rights take at most {MAX_RIGHTS_BYTES} bytes")
    try:
        return _decoder.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise InvalidChangeError(f"not rights: {error}") from error


def write_rights(rights: Rights) -> str:
    """Return rights as they are kept, the same text for the same rights."""
    return _encoder.encode(rights).decode()


def _readable(level: Level) -> Level:
    return "read" if level == "edit" else level


def _replaced(rights: Rights, **fields: object) -> Rights:
    return msgspec.structs.replace(rights, **fields)


_decoder: Final = msgspec.json.Decoder(Rights)
_encoder: Final = msgspec.json.Encoder(order="sorted")
