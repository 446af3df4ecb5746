"""Tells people by mail what was done to their account. It never keeps anybody from anything, and holds no secret."""

import asyncio
import time
from collections import deque
from typing import Final

import structlog

from hpserver.config import Mail, Paths
from hpserver.directory.api import Directory
from hpserver.directory.model import Account, User
from hpserver.errors import HPError
from hpserver.hosting.endings import ENDINGS, ENDINGS_SECONDS, TOLD_SECONDS, tell_endings
from hpserver.identity.names import login
from hpserver.mail.letters import Letter, one_line
from hpserver.mail.outbox import Outbox
from hpserver.mail.post import LOOK_SECONDS, Post

MAX_LATER: Final = 200
"""Events that wait for a moment in memory; of more the oldest are forgotten."""

LOCKED_SECONDS: Final = 86_400.0
"""At most one letter in so long that somebody guesses: who guesses on purpose sends nobody a letter each time."""

SAID: Final[dict[str, tuple[tuple[str, str], tuple[str, str]]]] = {
    "device.registered": (
        ("Nouvel appareil enregistré", "L'appareil « {name} » a été enregistré pour votre compte."),
        ("New device registered", "The device “{name}” was registered for your account."),
    ),
    "user.password_changed": (
        ("Mot de passe modifié", "Le mot de passe de votre compte a été modifié."),
        ("Password changed", "The password of your account was changed."),
    ),
    "user.password_reset": (
        ("Mot de passe réinitialisé", "Un administrateur a donné un autre mot de passe à votre compte."),
        ("Password reset", "An administrator gave your account another password."),
    ),
    "user.measure_changed": (
        ("Mesure de sécurité modifiée", "La mesure de sécurité de votre compte a été modifiée."),
        ("Security measure changed", "The security measure of your account was changed."),
    ),
    "user.measure_reset": (
        ("Mesure de sécurité réinitialisée", "Un administrateur a réinitialisé la mesure de sécurité de votre compte."),
        ("Security measure reset", "An administrator reset the security measure of your account."),
    ),
    "device.ending": (
        (
            "Appareil bientôt refusé",
            "Le certificat de l'appareil « {name} » prend fin le {until}. Connectez-vous avec lui avant ce jour.",
        ),
        (
            "A device is about to be refused",
            "The certificate of the device “{name}” ends on {until}. Sign in with it before that day.",
        ),
    ),
    "password.ending": (
        ("Mot de passe bientôt ancien", "Votre mot de passe sera trop ancien le {until}. Changez-le avant ce jour."),
        ("Your password grows old", "Your password will be too old on {until}. Change it before that day."),
    ),
    "login.code": (
        ("Code PIN oublié", "Un code envoyé par courriel a remplacé le code PIN de votre compte pour une connexion."),
        ("PIN forgotten", "A code sent by mail stood for the PIN of your account at a sign-in."),
    ),
    "login.locked": (
        ("Tentatives de connexion", "Trop de mots de passe faux ont été essayés : votre compte est bloqué un moment."),
        ("Attempts to sign in", "Too many wrong passwords were tried: your account is locked for a while."),
    ),
    "login.notified": (
        ("Connexion depuis un nouvel appareil", "Votre compte a été utilisé depuis un appareil non enregistré."),
        ("Sign-in from a new device", "Your account was used from a device that is not registered."),
    ),
    "console.locked": (
        (
            "Tentatives de connexion à la console",
            "Trop de mots de passe faux ont été essayés pour la console d'hébergement.",
        ),
        ("Attempts to sign in at the console", "Too many wrong passwords were tried for the hosting console."),
    ),
    "console.installed": (
        ("Console installée", "Le certificat de la console a été installé sur le poste « {name} »."),
        ("Console installed", "The certificate of the console was installed on the workstation “{name}”."),
    ),
    "console.password_reset": (
        ("Mot de passe de la console réinitialisé", "L'hébergeur a donné un autre mot de passe à la console."),
        ("Password of the console reset", "The operator gave the console another password."),
    ),
}
"""What is said of an event, in French and in English: subject and sentence."""

_CODE: Final = (
    (
        "Code de connexion",
        "Votre code est {code}. Il vaut {minutes} minutes, une fois, sur l'appareil d'où il a été demandé.",
    ),
    (
        "Sign-in code",
        "Your code is {code}. It is good for {minutes} minutes, once, on the device it was asked from.",
    ),
)

_FRAME: Final = (
    """Bonjour,

{said}

Compte : {login}
Établissement : {school}
Date : {at} UTC
{close}""",
    """Hello,

{said}

Account: {login}
School: {school}
Date: {at} UTC
{close}""",
)

_DAYS: Final = ("%d/%m/%Y", "%Y-%m-%d")

_CLOSE: Final = (
    "\nSi vous n'en êtes pas à l'origine, prévenez l'administrateur des emplois du temps.\n",
    "\nIf this was not you, tell the administrator of the timetables.\n",
)

log = structlog.get_logger()


class Notices:
    """The letters of one account. Without a relay in the settings nothing is written at all."""

    def __init__(self, directory: Directory, paths: Paths, settings: Mail, account: Account) -> None:
        self._directory, self._settings, self._account = directory, settings, account
        self._outbox = Outbox(paths.outbox / account.number)
        self._later: deque[tuple[str, str | int]] = deque(maxlen=MAX_LATER)
        self._locked: dict[int, float] = {}

    async def tell(self, event: str, who: str | int, name: str = "") -> None:
        """Keep a letter about an event, if there is one to write, for a user by login or key. Raises nothing."""
        if not self._settings.host or event not in SAID:
            return
        try:
            user = await self._maybe_user(who)
            now = time.time()
            if user is None or not user.email or self._heard(event, user.key, now):
                return
            await asyncio.to_thread(self._outbox.put, self._letter(event, user, name, now), now)
        except HPError as error:
            log.warning("mail.not_kept", event_name=event, cause=type(error).__name__)

    async def tell_manager(self, event: str, name: str = "") -> None:
        """Keep a letter about an event for the hosting manager, if there is an address. Raises nothing."""
        now, account = time.time(), self._account
        if not (self._settings.host and account.email) or self._heard(event, 0, now):
            return
        manager = User(account=account.number, login=account.number, email=account.email)
        try:
            await asyncio.to_thread(self._outbox.put, self._letter(event, manager, name, now), now)
        except HPError as error:
            log.warning("mail.not_kept", event_name=event, cause=type(error).__name__)

    def later(self, event: str, who: str | int) -> None:
        """The same in a moment, by `tell_later`: whether there is such a user takes no time of who asks."""
        if self._settings.host:
            self._later.append((event, who))

    async def tell_later(self) -> None:
        """Keep the letters that were left for later. Raises nothing."""
        while self._later:
            await self.tell(*self._later.popleft())

    @property
    def has_relay(self) -> bool:
        """Whether letters can leave at all."""
        return bool(self._settings.host)

    async def send_code(self, user: User, code: str, now: float, lasts: float) -> None:
        """Keep the letter with a code; it leaves before long or never. Raises BusyError, StoreFullError."""
        language = self._language(user)
        subject, said = _CODE[language]
        letter = self._letter_of(user, "login.code_sent", subject, said.format(code=code, minutes=int(lasts / 60)), now)
        await asyncio.to_thread(self._outbox.put, letter, now, lasts)

    async def tell_ending(self, event: str, user: User, until: float, name: str = "", key: int = 0) -> None:
        """Keep a letter about what ends then, once; tried again later when it cannot be kept now. Raises nothing."""
        if not (self._settings.host and user.email and user.enabled):
            return
        letter = self._letter(event, user, name, time.time(), self._day(user, until))
        about = f"{event} {user.key} {key} {int(until)}"
        try:
            await asyncio.to_thread(self._outbox.put_once, about, letter, time.time())
        except HPError as error:
            log.warning("mail.not_kept", event_name=event, cause=type(error).__name__)

    async def run(self) -> None:
        """Write what was left for later and send what waits, until cancelled."""
        post, look_at = Post(self._settings, self._outbox), 0.0
        while self._settings.host:
            try:
                await self.tell_later()
                now = time.time()
                if now >= look_at:
                    look_at = now + ENDINGS_SECONDS
                    await tell_endings(self._directory, self._account.number, self, now)
                    await asyncio.to_thread(self._outbox.forget_told, now - TOLD_SECONDS)
                await post.send_due(now)
            except Exception:  # no letter is worth a controller
                log.exception("mail.failed")
            await asyncio.sleep(LOOK_SECONDS)

    async def _maybe_user(self, who: str | int) -> User | None:
        if isinstance(who, int):
            found = await self._directory.list(User, account=self._account.number, key=who)
        else:
            found = await self._directory.list(User, account=self._account.number, login=login(who))
        return found[0] if found else None

    def _heard(self, event: str, user: int, now: float) -> bool:
        """Whether the user was told lately that somebody guesses; what was not told is from now on."""
        if event not in {"login.locked", "console.locked"}:
            return False
        if now - self._locked.get(user, 0.0) < LOCKED_SECONDS:
            return True
        self._locked[user] = now
        return False

    def _letter(self, event: str, user: User, name: str, now: float, until: str = "") -> Letter:
        subject, said = SAID[event][self._language(user)]
        return self._letter_of(user, event, subject, said.format(name=one_line(name), until=until), now)

    def _letter_of(self, user: User, kind: str, subject: str, said: str, now: float) -> Letter:
        text = _FRAME[self._language(user)].format(
            said=said, login=one_line(user.login), school=one_line(self._account.name),
            close="" if kind in ENDINGS else _CLOSE[self._language(user)],
            at=f"{self._day(user, now)} {time.strftime('%H:%M', time.gmtime(now))}",
        )  # fmt: skip
        return Letter(user.email, kind, subject, text)

    def _day(self, user: User, at: float) -> str:
        return time.strftime(_DAYS[self._language(user)], time.gmtime(at))

    def _language(self, user: User) -> int:
        return 0 if (user.language or self._settings.language) == "fr" else 1
