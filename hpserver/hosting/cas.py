"""CAS, protocol 3: where a browser is sent, and what the service says of the ticket it came back with."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from hpserver.certs.contexts import foreign_client_context
from hpserver.directory.model import IdentityProvider
from hpserver.errors import ImportRefusedError, NotVouchedError, ProviderUnreachableError
from hpserver.hosting.fetching import fetch
from hpserver.imports.safe_xml import Limits, Shell, pieces

MAX_TICKET: Final = 256
"""Characters of a ticket (CAS protocol 3.0.3, 3.1.1: a client takes up to 256)."""

LIMITS: Final = Limits(depth=8, elements=1_000)
"""Of an answer: it is four deep, and has an element for each value of an attribute."""

MAX_IDENTIFIER: Final = 256
"""Characters of what identifies somebody: more than the directory keeps of one."""

_NAMESPACE: Final = "http://www.yale.edu/tp/cas "
_SUCCESS: Final = ("serviceResponse", "authenticationSuccess")
_FAILURE: Final = ("serviceResponse", "authenticationFailure")


class Cas:
    """One service. Whoever comes back has typed a password there just now (`renew`): a ticket for less is refused."""

    def __init__(self, provider: IdentityProvider) -> None:
        self._address, self._attribute = provider.address, provider.attribute
        self._context = foreign_client_context(provider.authority)

    def leave(self, back: str) -> str:
        """See `Delegate`."""
        return f"{self._address}/login?{urlencode({'service': back, 'renew': 'true'})}"

    async def identify(self, answered: Mapping[str, str], back: str) -> str:
        """See `Delegate`. The service is asked once, and forgets the ticket whatever it answers."""
        ticket = answered.get("ticket", "")
        if not ticket.startswith("ST-") or len(ticket) > MAX_TICKET or not (ticket.isascii() and ticket.isprintable()):
            raise not_vouched()
        asked = urlencode({"service": back, "ticket": ticket, "renew": "true"})
        return read(await fetch(f"{self._address}/p3/serviceValidate?{asked}", self._context), self._attribute)


def not_vouched() -> NotVouchedError:
    """Return the one refusal: the same bytes for a bad ticket and for somebody who is nobody here."""
    return NotVouchedError("The service you signed in at does not vouch for somebody who may come in here.")


def read(body: bytes, attribute: str) -> str:
    """Return who an answer says it is, by that attribute, or as the user with "".

    Raises NotVouchedError: it vouches for nobody, or has no such attribute or several; ProviderUnreachableError: that
    is no answer of a CAS service.
    """
    reader = _Reader(attribute)
    try:
        reader.read(pieces(body))
    except ImportRefusedError as error:
        raise _nonsense(str(error)) from error
    if reader.failed or reader.successes != 1:
        if reader.failed and not reader.successes:
            raise not_vouched()
        raise _nonsense("neither a success nor a failure of CAS")
    found = [one.strip() for one in reader.found]
    if len(found) != 1 or not found[0] or len(found[0]) > MAX_IDENTIFIER:
        raise not_vouched()
    return found[0]


class _Reader(Shell):
    """Takes the text at one place of an answer; the same name elsewhere is nothing."""

    def __init__(self, attribute: str) -> None:
        super().__init__(LIMITS, namespaces=True)
        self.found: list[str] = []
        self.failed, self.successes = False, 0
        self._wanted = (*_SUCCESS, "attributes", attribute) if attribute else (*_SUCCESS, "user")
        self._path: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 - those of CAS say nothing
        """Take note of where we are."""
        ours = name.startswith(_NAMESPACE)
        self._path.append(name.removeprefix(_NAMESPACE) if ours else "")
        at = tuple(self._path)
        self.failed = self.failed or at == _FAILURE
        self.successes += at == _SUCCESS
        if at == self._wanted:
            self.found.append("")

    def end(self, name: str) -> None:  # noqa: ARG002 - expat has checked that it is the open one
        """Leave an element."""
        self._path.pop()

    def data(self, text: str) -> None:
        """Take the text, all of it: a comment in it cuts nothing off."""
        if tuple(self._path) == self._wanted:
            self.found[-1] += text


def _nonsense(why: str) -> ProviderUnreachableError:
    return ProviderUnreachableError(f"The identity provider does not answer as it must: {why}.", cause="no CAS")
