"""An error of the house as the `Failed` message that carries it, and back. Knows no translation."""

from typing import Final

from hpserver.errors import HPError
from hpserver.protocol.messages import Failed

CONNECTION: Final = 0
"""The `id` of a Failed that ends the whole connection."""

MAX_TEXT: Final = 500
"""Characters of the text that travel: with short details it fits a frame before login."""


def refusal(request_id: int, error: HPError) -> Failed:
    """Return the answer to request `request_id`, or to the connection itself when it is `CONNECTION`."""
    return Failed(request_id, error.code, type(error).__name__, error.retry, error.text[:MAX_TEXT], error.details)


def error_of(failure: Failed) -> HPError:
    """Return the error the peer told; one of a later version is an HPError with `code` and `name` in its details."""
    kind = HPError.by_code.get(failure.code, HPError)
    error = kind(failure.text)
    error.details = dict(failure.details)
    if kind is HPError:
        error.details |= {"code": failure.code, "name": failure.name}
    return error
