"""The letter that a hosting manager gets once: what is needed to open the console. It holds the one secret there is."""

from typing import Final

from hpserver.cli.screen import tr
from hpserver.directory.model import Account
from hpserver.hosting.accounts import Opened
from hpserver.hosting.keyring import console_name
from hpserver.mail.letters import Letter, one_line

_LETTER: Final = (
    """{school}

Voici de quoi ouvrir votre console d'hébergement. Gardez cette lettre : le mot de passe n'est écrit nulle part ailleurs.

    Numéro d'hébergement     {number}
    Numéro de facture        {invoice}
    Mot de passe             {password}

    Console                  {console}, port {web}
    Contrôleur               {domain}, port {port}

1. Sur votre poste : hp console Console (le fichier « Console » accompagne cette lettre).
2. Saisissez le numéro d'hébergement, le mot de passe, puis une seule fois le numéro de facture.
3. La console s'ouvre dans votre navigateur : contrat de licence, domaines, premier superadministrateur, base.

Qui aurait lu ces deux numéros sans le mot de passe n'obtient rien. Mot de passe perdu : demandez-en un autre.
""",
    """{school}

This opens your hosting console. Keep this letter: the password is written nowhere else.

    Hosting number           {number}
    Invoice number           {invoice}
    Password                 {password}

    Console                  {console}, port {web}
    Controller               {domain}, port {port}

1. On your workstation: hp console Console (the file "Console" goes with this letter).
2. Give the hosting number, the password and, this once, the invoice number.
3. The console opens in your browser: licence contract, domains, first superadministrator, base.

Whoever read these two numbers without the password gets nothing. Password lost: ask for another one.
""",
)

_NUMBERS: Final = (
    (
        "Votre console d'hébergement",
        """Bonjour,

Voici les numéros de votre console d'hébergement ; son mot de passe vous parvient par une autre voie.

Établissement          {school}
Numéro d'hébergement   {number}
Numéro de facture      {invoice}
Console                {console}, port {web}

Qui aurait lu ces deux numéros sans le mot de passe n'obtient rien.
""",
    ),
    (
        "Your hosting console",
        """Hello,

These are the numbers of your hosting console; its password reaches you by another way.

School                 {school}
Hosting number         {number}
Invoice number         {invoice}
Console                {console}, port {web}

Whoever read these two numbers without the password gets nothing.
""",
    ),
)


def letter_of(opened: Opened, web: int) -> str:
    """Return the letter, in the language of who prints it; `web` is the port of the console."""
    account = opened.account
    return tr(*_LETTER).format(
        school=account.name, number=_grouped(account.number), invoice=_grouped(account.invoice),
        password=opened.console_password, console=console_name(account.zone), web=web, domain=account.domain,
        port=account.port,
    )  # fmt: skip


def numbers_of(account: Account, web: int, language: str, to: str) -> Letter:
    """Return the mail with all that the letter has but the password, which goes another way."""
    subject, text = _NUMBERS[0 if language == "fr" else 1]
    said = text.format(
        school=one_line(account.name), number=_grouped(account.number), invoice=_grouped(account.invoice),
        console=console_name(account.zone), web=web,
    )  # fmt: skip
    return Letter(to, "hosting.numbers", subject, said)


def _grouped(number: str) -> str:
    """Write a number as people read it, in fours."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))
