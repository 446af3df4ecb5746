"""The limits agree with each other."""

from hpserver.protocol import limits
from hpserver.protocol.codec import encode_body
from hpserver.protocol.messages import Chunk, Enrolled, TransferStarted


def test_the_largest_chunk_fits_a_frame() -> None:
    """A transfer is never refused for the size of its pieces."""
    assert len(encode_body(Chunk(2**53 - 1, 2**53 - 1, bytes(limits.CHUNK_BYTES)))) <= limits.MAX_FRAME


def test_an_enrolled_certificate_chain_fits_what_may_wait_before_login() -> None:
    """Three certificates of 1,000 bytes, as the authority issues them, pass the narrow door."""
    assert len(encode_body(Enrolled(1, 1, (bytes(1000),) * 3))) + 4 <= limits.OUTPUT_BEFORE_LOGIN


def test_limits_grow_in_their_order() -> None:
    """Before login is less than after; soft is less than hard; a transfer is more than a chunk."""
    assert limits.MAX_FRAME_BEFORE_LOGIN < limits.CHUNK_BYTES < limits.MAX_FRAME < limits.OUTPUT_SOFT
    assert limits.OUTPUT_BEFORE_LOGIN < limits.OUTPUT_SOFT < limits.OUTPUT_HARD < limits.MAX_TRANSFER
    assert limits.TLS_HANDSHAKE_SECONDS < limits.LOGIN_SECONDS < limits.PIN_SECONDS


def test_the_announcement_of_the_largest_transfer_can_be_said() -> None:
    """No number of the announcement overflows its type."""
    size = limits.MAX_TRANSFER
    assert encode_body(TransferStarted(1, size, size, "zstd", bytes(32), 2**53 - 1, 2**53 - 1))
