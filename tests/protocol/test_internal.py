"""What our own processes say to each other stays apart from what clients may say."""

from typing import get_args

from hpserver.protocol.codec import encode_internal
from hpserver.protocol.internal import MAX_PACKET, AnyInternal
from hpserver.protocol.messages import FromClient, FromServer
from tests.protocol.samples import INTERNAL


def test_internal_tags_are_unique_and_never_public() -> None:
    """A client cannot say what only our processes may."""
    tags = [kind.__struct_config__.tag for kind in get_args(AnyInternal)]
    public = {kind.__struct_config__.tag for union in (FromClient, FromServer) for kind in get_args(union)}
    assert len(set(tags)) == len(tags)
    assert not public & set(tags)
    assert all(isinstance(tag, int) and tag >= 200 for tag in tags)


def test_every_internal_message_has_a_sample_that_fits_a_packet() -> None:
    """One packet, one message: none is cut."""
    assert [type(message) for message in INTERNAL] == list(get_args(AnyInternal))
    assert all(len(encode_internal(message)) < MAX_PACKET for message in INTERNAL)
