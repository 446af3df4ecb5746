"""A form with a file: read as it comes, in whatever pieces, and nothing that is none."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.errors import ImportRefusedError
from hpserver.web.parts import MAX_FIELDS, MAX_PARTS, Parts, events

TYPE = "multipart/form-data; boundary=cut"
BODY = (
    b'--cut\r\nContent-Disposition: form-data; name="planning"\r\n\r\nplanning01\r\n'
    b'--cut\r\nContent-Disposition: form-data; name="file"; filename="a.hpx"\r\nContent-Type: x/y\r\n\r\n'
    b"one\r\n--two\r\n--cut--\r\n"
)


def part(name: str, value: bytes = b"x") -> bytes:
    """Return a part."""
    return f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value + b"\r\n"


async def read(*pieces: bytes, kind: str = TYPE) -> list[tuple[str, bytes]]:
    """Return what is in a form."""

    async def body() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    return [one async for one in events(kind, body())]


@given(cuts=st.lists(st.integers(0, len(BODY)), max_size=6))
def test_a_form_is_the_same_however_it_is_cut(cuts: list[int]) -> None:
    """Fields whole, the file in order, then its end."""
    parts, found = Parts(TYPE), []
    for begin, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(BODY)], strict=True):
        found += parts.feed(BODY[begin:end])
    assert found[0] == ("planning", b"planning01")
    assert {name for name, _ in found[1:]} == {"file"}
    assert b"".join(value for _, value in found[1:]) == b"one\r\n--two"
    assert found[-1] == ("file", b"")
    assert parts.is_whole


@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded"])
async def test_anything_else_is_refused(kind: str) -> None:
    """Before a byte of it is read."""
    with pytest.raises(ImportRefusedError):
        await read(BODY, kind=kind)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"nonsense", BODY[:-20], BODY[:-4],
        part("base", b"x" * (MAX_FIELDS + 1)) + b"--cut--\r\n",
        part("x" * (MAX_FIELDS + 1)) + b"--cut--\r\n",
        part("a") * (MAX_PARTS + 1) + b"--cut--\r\n",
        b"--cut\r\n" + b"X-Y: z\r\n" * MAX_FIELDS + b"\r\nx\r\n--cut--\r\n",
    ],
    ids=["nothing", "nonsense", "cut", "no end", "long field", "long name", "many", "heads"],
)  # fmt: skip
async def test_s05_a_form_has_bounds_and_an_end(body: bytes) -> None:
    """What is no file is small; what ends before its end is no form."""
    with pytest.raises(ImportRefusedError):
        await read(*(body[at : at + 4096] for at in range(0, len(body), 4096)))
