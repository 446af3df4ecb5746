"""Whatever a wish holds, it is carried out or refused: nothing it can say ends the process that carries it out."""

import contextlib
from collections.abc import Iterator
from typing import Any, Final, get_args, get_type_hints

import msgspec
import pytest

from hpserver.administration.office import Office
from hpserver.errors import HPError
from hpserver.identity.actor import OPERATOR
from hpserver.protocol.messages import AnyWish
from tests.administration.conftest import actor

TEXTS: Final = (
    *("", " ", "zoe", "planning01", "\0", "a\0b", "../" * 40, "\U0001f4c5" * 200, "\u202ezoe", "=cmd|'/C calc'!A0"),
    *("x" * 200, "{}", "[]", '{"rights": {}}', "%s%n", "'; DROP TABLE users; --", "ﬁ", "\ud7ff", "superadmin"),
    *("0000-00-00", "9999-12-31", "9999-12-27", "0001-01-01", "2026-08-30", "٢٠٢٦-٠٨-٣١", "Europe/Paris", "console"),
)
GOOD: Final = ("zoe", "planning01", "2026-08-31", 1, True, "superadmin", "Consultation", b"x", (), None)
NUMBERS: Final = (0, 1, -1, 7, 2**31, 2**53 - 1, -(2**53) + 1, 2**63 - 1)
OTHERS: Final = (
    *(True, False, None, 0.0, -1.5, 1e308),
    *(b"", b"\0" * 32, (), ("x",), (("zoe", "Consultation"),), (0, 2**40)),
)


def hostile(kind: type[Any]) -> list[Any]:
    """Return wishes of a kind, each with one field as an enemy would have it, that a decoder lets through."""
    hints = get_type_hints(kind, include_extras=True)
    usual = {name: next(passing(hints[name], GOOD)) for name in kind.__struct_fields__}
    found = [kind(**usual)]
    for name, hint in hints.items():
        found += [kind(**{**usual, name: value}) for value in passing(hint, (*TEXTS, *NUMBERS, *OTHERS))]
    return found


def passing(hint: Any, values: tuple[object, ...]) -> Iterator[object]:
    """Return the values that a field of that type may have."""
    for value in values:
        with contextlib.suppress(msgspec.ValidationError):
            yield msgspec.convert(value, hint)


@pytest.mark.slow
@pytest.mark.uvloop_only
@pytest.mark.parametrize("kind", get_args(AnyWish), ids=lambda kind: kind.__name__)
async def test_r04_no_wish_breaks_the_office(office: Office, kind: type[Any]) -> None:
    """It answers each with an outcome or an error of ours, to the operator as to anybody."""
    zoe = await actor(office, "zoe")
    for wish in hostile(kind):
        for who in (zoe, OPERATOR):
            with contextlib.suppress(HPError):
                await office.carry_out(who, wish)
    assert (await office.audit.verify()).broken == 0
