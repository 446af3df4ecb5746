"""An error of the house as the `Failed` message that carries it. Knows no translation."""

from hpserver.errors import HPError
from hpserver.protocol.messages import Failed

CONNECTION = 0
"""The `id` of a Failed that ends the whole connection."""


def refusal(request_id: int, error: HPError) -> Failed:
    """The answer to request `request_id`, or to the connection itself when it is `CONNECTION`."""
    return Failed(request_id, error.code, type(error).__name__, error.retry, error.text, error.details)
