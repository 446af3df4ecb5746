"""Hands one message to the relay: always in TLS, always to the one its certificate names. Keeps nothing."""

import ssl
from email.message import EmailMessage
from pathlib import Path
from stat import S_IMODE
from typing import Final

import aiosmtplib

from hpserver.config import Mail
from hpserver.errors import ConfigurationError, MailNotSentError, MailRefusedError

TIMEOUT: Final = 20.0
"""Seconds for each step of the talk with the relay."""

_OTHERS: Final = 0o077
_PERMANENT: Final = 500


async def hand_over(settings: Mail, message: EmailMessage) -> None:
    """Hand a message to the relay; it is the relay's when this returns.

    Raises:
        ConfigurationError: the settings name no relay, or a file of theirs is not as it must be.
        MailNotSentError: not now: no relay, no TLS, no trusted certificate, wrong password, or it said "later".
        MailRefusedError: the relay refuses the letter or who it is for, for good.
    """
    if not settings.host or not settings.sender:
        raise ConfigurationError("There is no mail relay: set host and sender under [mail].")
    context, password = _context(settings), _password(settings)
    try:
        await aiosmtplib.send(
            message,
            hostname=settings.host,
            port=settings.port,
            username=settings.user or None,
            password=password,
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            tls_context=context,
            timeout=TIMEOUT,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        raise _failed([one.code for one in error.recipients], "the recipient") from error
    except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as error:
        raise _failed([error.code], "the letter") from error
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:  # an answer may quote what was sent: name it only
        raise MailNotSentError("The mail relay did not take the letter.", reason=type(error).__name__) from error


def _failed(codes: list[int], what: str) -> MailNotSentError | MailRefusedError:
    told = " ".join(str(one) for one in codes)
    if codes and all(one >= _PERMANENT for one in codes):
        return MailRefusedError("The mail relay refuses this letter.", what=what, answer=told)
    return MailNotSentError("The mail relay did not take the letter.", reason=told)


def _context(settings: Mail) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.ca_file or None)
    except OSError as error:
        raise ConfigurationError("mail.ca_file holds no certificate.", path=settings.ca_file) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _password(settings: Mail) -> str | None:
    if not settings.password_file:
        return None
    path = Path(settings.password_file)
    try:
        if S_IMODE(path.stat().st_mode) & _OTHERS:
            raise ConfigurationError(f"Others may read the password: run `chmod 600 {path}`.", path=str(path))
        return path.read_text(encoding="utf-8").partition("\n")[0]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError("mail.password_file cannot be read.", path=str(path)) from error
