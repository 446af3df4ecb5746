"""The TLS settings of an account's servers as the certificate on disk gives them: replaced while they run."""

import ssl
from collections.abc import Sequence

from hpserver.certs.contexts import enrolment_context, server_context
from hpserver.errors import ConfigurationError
from hpserver.hosting.keyring import Keyring, utc_now

Contexts = tuple[ssl.SSLContext, ssl.SSLContext]
"""For devices with a certificate, and for those that come to get one."""


class ServerContexts:
    """Remembers which certificate it gave last."""

    def __init__(self, keyring: Keyring, account: str) -> None:
        self._keyring, self._account = keyring, account
        self._made_at = 0

    def maybe_newer(self) -> Contexts | None:
        """The settings when the certificate is another than at the last call, else None.

        The first call gives them, or raises ConfigurationError or OSError; later, files that are half there are looked
        at again at the next call.
        """
        try:
            return self._newer()
        except (ConfigurationError, OSError):
            if not self._made_at:
                raise
            return None

    def renew(self, names: Sequence[str]) -> None:
        """Have a certificate that names all of these and is young; only who holds the intermediate's key can."""
        self._keyring.ensure_server(self._account, names, utc_now())

    def _newer(self) -> Contexts | None:
        chain, own_key = self._keyring.server_files(self._account)
        made_at = chain.stat().st_mtime_ns
        if made_at == self._made_at:
            return None
        known = server_context(chain, own_key, self._keyring.intermediates(self._account))
        new = enrolment_context(chain, own_key)
        self._made_at = made_at
        return known, new
