"""The TLS settings of an account's servers as the certificate on disk gives them: replaced while they run."""

import ssl

from hpserver.certs.contexts import enrolment_context, server_context
from hpserver.errors import ConfigurationError
from hpserver.hosting.keyring import Keyring

Contexts = tuple[ssl.SSLContext, ssl.SSLContext]
"""For devices with a certificate, and for those that come to get one."""


class ServerContexts:
    """Remembers of which certificate and of which issuers it gave the last."""

    def __init__(self, keyring: Keyring, account: str) -> None:
        self._keyring, self._account = keyring, account
        self._made_at = (0, 0)

    def maybe_newer(self) -> Contexts | None:
        """The settings when the certificate, or whose devices may come, is another than at the last call, else None.

        The first call gives them, or raises ConfigurationError or OSError; later, files that are half there are looked
        at again at the next call.
        """
        try:
            return self._newer()
        except (ConfigurationError, OSError):
            if not any(self._made_at):
                raise
            return None

    def _newer(self) -> Contexts | None:
        chain, own_key = self._keyring.server_files(self._account)
        made_at = chain.stat().st_mtime_ns, self._keyring.intermediates_changed_at(self._account)
        if made_at == self._made_at:
            return None
        known = server_context(chain, own_key, self._keyring.intermediates(self._account))
        new = enrolment_context(chain, own_key)
        self._made_at = made_at
        return known, new
