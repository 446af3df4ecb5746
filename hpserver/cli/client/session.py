"""What the commands of `hp client` share: who signs in from which device, and how secrets are asked for."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import click

from hpserver.base.planning import Planning
from hpserver.cli.client.signing import Signing
from hpserver.cli.running import ask_secret, interruptible, read_secret
from hpserver.cli.screen import filled, instant, is_french, say, told_value, tr
from hpserver.cli.words.errors import sentence
from hpserver.client import Credentials, PlanningSession, School
from hpserver.errors import ConfigurationError, WeakSecretError
from hpserver.hosting.common_passwords import common_passwords
from hpserver.identity.pins import MAX_DIGITS, MIN_DIGITS, check_pin
from hpserver.protocol.messages import LoggedIn
from hpserver.protocol.password_rules import FREE_FROM, checklist

OWN_FAILURES: Final = 3
"""Failures that a person may well have made."""

KINDS: Final = 5
"""Lines of the checklist that can be said before anything is typed: the others judge what was."""

MEASURES: Final = {
    "none": ("rien : le mot de passe suffit", "nothing: the password is enough"),
    "notification": ("laisser entrer et prévenir par courriel", "let in and tell the user by mail"),
    "pin": ("demander un code PIN, que vous choisissez maintenant", "ask for a PIN, which you choose now"),
}
"""What each measure does, in French and English."""


def own_password(signing: Signing) -> str:
    """Return the user's password, asked for without a file. Raises ConfigurationError before that without a device."""
    if not Credentials(signing.device).is_enrolled:
        raise ConfigurationError(
            tr(
                f"{signing.device} ne contient pas de certificat : lancez d'abord `hp client enrol ParamClient`.",
                f"{signing.device} holds no certificate: run `hp client enrol ParamClient` first.",
            )
        )
    return read_secret(signing.password_file) or ask_secret(tr("Mot de passe", "Password"), "--password-file")


@asynccontextmanager
async def signed_in(signing: Signing, password: str = "") -> AsyncIterator[School]:
    """The user at the controller; the password is asked for unless given. Raises as `School.log_in`."""
    password = password or own_password(signing)

    async def pin() -> str:
        return _pin(read_secret(signing.pin_file) or ask_secret(tr("Code PIN", "PIN"), "--pin-file"))

    async def code(seconds: int) -> str:
        codes_asked.append(seconds)
        return _ask_code(seconds, again=len(codes_asked) > 1)

    async def choose(measures: tuple[str, ...]) -> tuple[str, str]:
        if renewed:  # what follows may be given up: the former password is no longer good
            say(tr("Le nouveau mot de passe est enregistré.", "The new password is kept."))
        if signing.pin_file:
            return "pin", _pin(read_secret(signing.pin_file))
        chosen = _chosen_measure(measures)
        if chosen != "pin":
            return chosen, ""
        return chosen, _pin(ask_new_pin(tr("Choisissez un code PIN", "Choose a PIN"), "--pin-file"))

    async def renew(weak: WeakSecretError | None) -> str:
        if weak is None:
            say(tr("Le mot de passe doit être changé maintenant.", "The password must be changed now."))
        elif signing.new_password_file or not sys.stdin.isatty():
            raise weak
        else:
            say(sentence(weak, french=is_french()))
        renewed.append(True)
        return read_secret(signing.new_password_file) or ask_new_password(signing.login)

    renewed, codes_asked = list[bool](), list[int]()
    async with School(Credentials(signing.device)) as school:
        asked = code if signing.forgot_pin else None
        _tell_of_others(await school.log_in(signing.login, password, pin=pin, choose=choose, renew=renew, code=asked))
        _warn_of_end(school)
        yield school


def _ask_code(seconds: int, *, again: bool) -> str:
    """Ask for the code of a letter, `again` when the one before was not right."""
    if again:
        say(tr("Ce code n'est pas le bon : tapez-le encore.", "This is not the code: type it again."))
    minutes = seconds // 60
    label = tr(f"Code reçu par courriel ({minutes} min)", f"Code you got by mail ({minutes} min)")
    return ask_secret(label, "--forgot-pin").strip()


def _pin(text: str) -> str:
    """What may be sent as a PIN. Raises WeakSecretError: another file, or a password, was given for it."""
    if not text.isdecimal() or len(text) > MAX_DIGITS:
        raise WeakSecretError(f"A PIN is {MIN_DIGITS} to {MAX_DIGITS} digits")
    return text


def _warn_of_end(school: School) -> None:
    """Say that this device is about to be shut out, when it could not be renewed."""
    if school.not_renewed is not None:
        until = school.credentials.certificate().not_valid_after_utc
        say(filled(
            "Attention : le certificat de cet appareil prend fin le {day} et n'a pas pu être renouvelé : {why}",
            "Warning: the certificate of this device ends on {day} and could not be renewed: {why}",
            day=told_value(until.date()), why=school.not_renewed,
        ))  # fmt: skip


def ask_new_password(login: str) -> str:
    """Ask for another password, twice, until it follows every rule; without a terminal, once."""

    def faults(new: str) -> list[str]:
        lines = checklist(new, [login], common_passwords())
        if all(line.met for line in lines):
            return []
        return [f"  {'✓' if line.met else '✗'} {tr(line.fr, line.en)}" for line in lines]

    kinds = ", ".join(tr(line.fr, line.en) for line in checklist("")[:KINDS])
    say(tr(
        f"Il lui faut {kinds} ; à partir de {FREE_FROM} caractères, seule la longueur compte.",
        f"It needs {kinds}; from {FREE_FROM} characters on only the length counts.",
    ))  # fmt: skip
    return ask_secret(tr("Nouveau mot de passe", "New password"), "--new-password-file", twice=True, faults=faults)


def ask_new_pin(label: str, option: str) -> str:
    """Ask for a PIN, twice, until it may be chosen; without a terminal, once."""

    def faults(new: str) -> list[str]:
        try:
            check_pin(new)
        except WeakSecretError as weak:
            return [sentence(weak, french=is_french())]
        return []

    digits = tr(f"{MIN_DIGITS} à {MAX_DIGITS} chiffres", f"{MIN_DIGITS} to {MAX_DIGITS} digits")
    return ask_secret(f"{label} ({digits})", option, twice=True, faults=faults)


def tell_last_sign_in(user: LoggedIn | None) -> None:
    """Tell a person when they came in last: whether it was they is theirs to know."""
    if user is not None and user.last_sign_in_ms:
        say(filled(
            "Dernière connexion : le {when}, depuis {source} ; échecs depuis : {count}.",
            "Last sign-in: {when}, from {source}; failures since: {count}.",
            when=told_value(instant(user.last_sign_in_ms / 1000)), source=user.last_source or "?", count=user.failures,
        ))  # fmt: skip


def _tell_of_others(user: LoggedIn) -> None:
    """Warn a person of what others may have done, or who had better change the password."""
    if user.new_address:
        say(tr(
            "Attention : première connexion depuis cette adresse. Voir `hp client admin session list`.",
            "Warning: first sign-in from this address. See `hp client admin session list`.",
        ))  # fmt: skip
    if user.failures > OWN_FAILURES:
        count = user.failures
        say(
            tr(
                f"Attention : {count} échecs de connexion à votre nom depuis la dernière fois. Si ce n'était pas vous, "
                "changez de mot de passe (`hp client password`) et prévenez un administrateur.",
                f"Warning: {count} failed sign-ins in your name since the last time. If it was not you, "
                "change the password (`hp client password`) and tell an administrator.",
            )
        )
    if user.password_is_old:
        say(
            tr(
                "L'établissement demande de changer ce mot de passe : `hp client password`.",
                "The school asks you to change this password: `hp client password`.",
            )
        )


def _chosen_measure(measures: tuple[str, ...]) -> str:
    """Ask a person what protects the account on devices that are not registered."""
    say(
        tr(
            "Que demander sur un appareil qui n'est pas enregistré ?",
            "What is to be done on a device that is not registered?",
        )
    )
    for measure in measures:
        say(f"  {measure:12}  {tr(*MEASURES[measure])}" if measure in MEASURES else f"  {measure}")
    while True:
        with interruptible():
            chosen = click.prompt(
                tr("Mesure de sécurité", "Security measure"), default="pin" if "pin" in measures else None, err=True,
                prompt_suffix=tr(" : ", ": "),
            )  # fmt: skip
        if chosen in measures:
            return str(chosen)
        say(tr("Répondez par l'un de ces mots : ", "Answer with one of these words: ") + ", ".join(measures))


@asynccontextmanager
async def inside(signing: Signing, planning: str) -> AsyncIterator[PlanningSession]:
    """The user in a planning."""
    async with signed_in(signing) as school, PlanningSession(school, planning) as session:
        yield session


def base_in(session: PlanningSession) -> Planning:
    """Return the base of a session that was entered, as it is here now."""
    assert session.replica is not None
    return session.replica.planning
