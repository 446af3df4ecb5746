"""A letter, and the bytes of it that leave. Plain text only; whatever a name holds, it adds no header."""

import unicodedata
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

import msgspec

from hpserver.errors import ConfigurationError, MailRefusedError

MAX_LINE: Final = 200
"""Characters kept of a name inside a letter."""

MAX_ADDRESS: Final = 254
"""Characters of an address (RFC 5321, erratum 1690)."""


class Letter(msgspec.Struct, frozen=True):
    """What is said to one person. `kind` is what the letter is about: it limits how often one hears of it."""

    to: str
    kind: str
    subject: str
    text: str


def one_line(text: str) -> str:
    """Return a name as a letter may quote it: on one line, without what cannot be seen, not too long."""
    seen = "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in text)
    return " ".join(seen.split())[:MAX_LINE]


def address(text: str) -> Address:
    """Return an address that can be written to. Raises MailRefusedError."""
    local, at, domain = text.rpartition("@")
    plain = text.isascii() and text.isprintable() and not any(one in ' <>,;:"\\()[]' for one in text)
    if not (plain and at and local and domain and "@" not in local and len(text) <= MAX_ADDRESS):
        raise MailRefusedError("no letter can be written to this address", address=one_line(text))
    return Address(username=local, domain=domain)


def write(letter: Letter, sender: str, identity: str, at: float) -> EmailMessage:
    """Return the message. `identity` is the same each time the same letter is tried.

    Raises MailRefusedError: nobody can be written to there, ConfigurationError: so it is with the sender.
    """
    try:
        origin = address(sender)
    except MailRefusedError as error:
        raise ConfigurationError("mail.sender is no address that letters can come from.") from error
    message = EmailMessage(policy=SMTP)
    message["From"] = origin
    message["To"] = address(letter.to)
    message["Subject"] = one_line(letter.subject)
    message["Date"] = datetime.fromtimestamp(at, UTC)
    message["Message-ID"] = f"<{identity}@{origin.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message
