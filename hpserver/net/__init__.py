"""Sockets, TLS and our own Unix sockets: bytes in and out, with every limit. It knows no meaning of a message."""
