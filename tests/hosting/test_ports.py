import socket

from hpserver.hosting.ports import busy_before, is_free

LOOPBACK = "127.0.0.1"


def test_a_port_somebody_listens_on_is_not_free() -> None:
    """And is again once nobody does."""
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not is_free(LOOPBACK, port)
    assert is_free(LOOPBACK, port)


def test_busy_ports_are_named_until_enough_are_free() -> None:
    """No more ports are tried than needed."""
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert list(busy_before(LOOPBACK, [port, port], 1)) == [port, port]
        assert list(busy_before(LOOPBACK, [port], 0)) == []


def test_an_address_that_is_not_ours_has_no_free_port() -> None:
    """What cannot be listened on is never proposed (192.0.2.0/24 is nobody's, RFC 5737)."""
    assert not is_free("192.0.2.1", 21200)
