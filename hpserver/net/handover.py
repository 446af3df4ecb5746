"""Packets between our own processes on one Unix socket, each with one descriptor or none. It knows no meaning of them.

SOCK_SEQPACKET keeps a packet and its descriptor together. The kernel queues some 278 descriptors for a process that
does not read (measured), then refuses: from there the queue is here, bounded, and the descriptors in it are closed
when the other end dies. What the other end says is hostile input all the same: anything that is not exactly a packet
closes the channel.
"""

import asyncio
import errno
import os
import socket
import struct
from collections import deque
from collections.abc import Callable
from typing import Final

from hpserver.errors import BusyError, ConnectionLostError, HPError, MalformedMessageError
from hpserver.protocol.internal import MAX_PACKET

MAX_QUEUED: Final = 1024
"""Packets waiting for a process that does not read: with its 278 in the kernel, a reconnect storm of a school."""

_CREDENTIALS: Final = struct.Struct("3i")
_DESCRIPTOR: Final = struct.Struct("i")
_ONE_DESCRIPTOR: Final = socket.CMSG_LEN(_DESCRIPTOR.size)

Received = Callable[[bytes, socket.socket | None], None]
"""Given a packet and the socket that came with it. Who does not keep the socket closes it."""


class PacketChannel:
    """One connected SEQPACKET socket, which it owns. `lost` is called once, from the loop, when it is closed."""

    def __init__(
        self,
        sock: socket.socket,
        loop: asyncio.AbstractEventLoop,
        received: Received,
        lost: Callable[[HPError | None], None],
    ) -> None:
        sock.setblocking(False)
        self._sock, self._loop, self._received, self._lost = sock, loop, received, lost
        self._fd = sock.fileno()
        self._waiting: deque[tuple[bytes, socket.socket | None]] = deque()
        self.is_open = True
        loop.add_reader(self._fd, self._on_readable)

    @property
    def queued(self) -> int:
        """Packets waiting here for the other end to read."""
        return len(self._waiting)

    def send(self, packet: bytes, passenger: socket.socket | None = None) -> None:
        """Send or queue a packet; `passenger` is closed here once it left, or if it never can.

        Raises:
            ConnectionLostError: the channel is closed.
            BusyError: the other end does not read.
        """
        if not self.is_open or len(self._waiting) >= MAX_QUEUED:
            _close(passenger)
            raise BusyError("The process does not read.", seconds=1) if self.is_open else _gone()
        if self._waiting:
            self._waiting.append((packet, passenger))
            return
        if not self._sent(packet, passenger):
            if not self.is_open:
                raise _gone()
            self._waiting.append((packet, passenger))
            self._loop.add_writer(self._fd, self._on_writable)

    def close(self, error: HPError | None = None) -> None:
        """Close now; what waits is lost, and its passengers are closed. Safe to repeat."""
        if not self.is_open:
            return
        self.is_open = False
        self._loop.remove_reader(self._fd)
        self._loop.remove_writer(self._fd)
        self._sock.close()
        for _, passenger in self._waiting:
            _close(passenger)
        self._waiting.clear()
        self._loop.call_soon(self._lost, error)

    def _sent(self, packet: bytes, passenger: socket.socket | None) -> bool:
        """Try to send one packet; False when it must wait, or when the channel broke (then it is closed)."""
        try:
            if passenger is None:
                self._sock.send(packet)
            else:
                socket.send_fds(self._sock, [packet], [passenger.fileno()])
        except (BlockingIOError, InterruptedError):
            return False
        except OSError as error:
            if _is_crowded(error):
                return False
            _close(passenger)
            self.close(_gone(error))
            return False
        _close(passenger)  # the kernel holds its own copy
        return True

    def _on_writable(self) -> None:
        while self._waiting:
            if not self._sent(*self._waiting[0]):
                return
            self._waiting.popleft()
        self._loop.remove_writer(self._fd)

    def _on_readable(self) -> None:
        """Take one packet: most come alone, and the loop wakes again while there are more."""
        try:
            packet, ancillary, flags, _ = self._sock.recvmsg(MAX_PACKET, _ONE_DESCRIPTOR, socket.MSG_CMSG_CLOEXEC)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self.close(_gone(error))
            return
        descriptors = _descriptors(ancillary)  # not `recv_fds`: in 3.11 it forgets its flags, and children inherit
        if not packet or flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
            for descriptor in descriptors:
                os.close(descriptor)
            cut = MalformedMessageError("The packet is too long, or carries too much.")
            self.close(cut if packet else _gone())
            return
        passenger: socket.socket | None = None
        if descriptors:
            passenger = _as_socket(descriptors[0])
            if passenger is None:
                self.close(MalformedMessageError("What came with the packet is no stream socket."))
                return
        self._received(packet, passenger)


def credentials(sock: socket.socket) -> tuple[int, int]:
    """Return the process id and the user id of who made the other end of a Unix socket."""
    pid, uid, _ = _CREDENTIALS.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    return pid, uid


def _descriptors(ancillary: list[tuple[int, int, bytes]]) -> list[int]:
    return [
        descriptor
        for level, kind, data in ancillary
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS)
        for (descriptor,) in _DESCRIPTOR.iter_unpack(data[: len(data) - len(data) % _DESCRIPTOR.size])
    ]


def _as_socket(descriptor: int) -> socket.socket | None:
    try:
        sock = socket.socket(fileno=descriptor)
    except OSError:
        os.close(descriptor)
        return None
    if sock.type != socket.SOCK_STREAM:
        sock.close()
        return None
    sock.setblocking(False)
    return sock


def _is_crowded(error: OSError) -> bool:
    """Say whether the kernel has too many descriptors under way for this user, or no memory: it passes."""
    return error.errno in {errno.ETOOMANYREFS, errno.ENOBUFS, errno.ENOMEM}


def _close(passenger: socket.socket | None) -> None:
    if passenger is not None:
        passenger.close()


def _gone(error: OSError | None = None) -> HPError:
    reason = (error.strerror if error is not None else "") or ""
    return ConnectionLostError("The other process is gone.", reason=reason)
