"""Bytes <-> bodies. Knows lengths and their limit; never looks inside a body.

A frame is the length of the body, 4 bytes big-endian, then the body.
"""

from struct import Struct
from typing import Final

from hpserver.errors import FrameTooBigError

HEADER_BYTES: Final = 4

_LENGTH: Final = Struct(">I")
_pack = _LENGTH.pack
_unpack_from = _LENGTH.unpack_from


def frame(body: bytes) -> bytes:
    """Return `body` (under 4 GiB) with its length in front."""
    return _pack(len(body)) + body


class FrameReader:
    """Cuts a stream into bodies, whatever the size of the reads.

    `max_body` holds for frames whose header is read from now on; it may be raised at any time.
    Between two calls it keeps less than one frame: at most `max_body` + 4 bytes.
    """

    __slots__ = ("_partial", "_wanted", "max_body")

    def __init__(self, max_body: int) -> None:
        self.max_body = max_body
        self._partial = bytearray()
        self._wanted = 0  # bytes of the frame begun, header included; 0 while its header is not whole

    @property
    def buffered(self) -> int:
        """Bytes kept of a frame that is not whole yet."""
        return len(self._partial)

    def feed(self, data: bytes) -> list[bytes]:
        """Return the bodies that `data` completes, in order.

        Raises:
            FrameTooBigError: a header announces 0 bytes or more than `max_body`; nothing of that frame was kept.
                The stream cannot be read any further.
        """
        end = len(data)
        if not self._partial and end > HEADER_BYTES:
            (length,) = _unpack_from(data)
            if length == end - HEADER_BYTES and length <= self.max_body:
                return [data[HEADER_BYTES:]]  # the usual case: one read, one whole frame
        return self._cut(data)

    def _cut(self, data: bytes) -> list[bytes]:
        bodies: list[bytes] = []
        start, end = 0, len(data)
        partial = self._partial
        if self._wanted:
            start = self._wanted - len(partial)
            partial += data[:start]
            if end < start:
                return bodies
            bodies.append(bytes(partial[HEADER_BYTES:]))
            self._partial, self._wanted = bytearray(), 0
        elif partial:
            data, end = bytes(partial) + data, end + len(partial)
            self._partial = bytearray()
        while end - start >= HEADER_BYTES:
            stop = start + HEADER_BYTES + self._checked(data, start)
            if stop > end:
                self._wanted = stop - start
                break
            bodies.append(data[start + HEADER_BYTES : stop])
            start = stop
        self._partial += data[start:]
        return bodies

    def _checked(self, data: bytes, start: int) -> int:
        length: int = _unpack_from(data, start)[0]
        if 0 < length <= self.max_body:
            return length
        raise FrameTooBigError(f"{length} bytes announced, 1 to {self.max_body} allowed", announced=length)
