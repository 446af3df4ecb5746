"""The letter that a hosting manager gets once: what is needed to open the console. It holds the one secret there is."""

from typing import Final

from hpserver.cli.screen import tr
from hpserver.hosting.accounts import Opened
from hpserver.hosting.keyring import console_name

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


def letter_of(opened: Opened, web: int) -> str:
    """Return the letter, in the language of who prints it; `web` is the port of the console."""
    account = opened.account
    return tr(*_LETTER).format(
        school=account.name, number=_grouped(account.number), invoice=_grouped(account.invoice),
        password=opened.console_password, console=console_name(account.zone), web=web, domain=account.domain,
        port=account.port,
    )  # fmt: skip


def _grouped(number: str) -> str:
    """Write a number as people read it, in fours."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))
