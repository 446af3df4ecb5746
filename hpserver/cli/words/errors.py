"""Errors as sentences for people, by code. Knows two languages and nothing of what happened."""

import re
from collections.abc import Mapping
from typing import Final, TypeVar

from hpserver import errors as e
from hpserver.cli.words.french.translate import in_french

T = TypeVar("T")

FRENCH: Final[dict[type[e.HPError], str]] = {
    e.ProtocolError: "Le serveur et ce programme ne se comprennent pas",
    e.UnsupportedVersionError: "Ce programme et le serveur n'ont aucune version du protocole en commun",
    e.DeadlineExceededError: "Pas de réponse dans le temps imparti",
    e.GoingAwayError: "Le serveur s'arrête",
    e.TooSlowError: "La connexion est trop lente",
    e.ConnectionLostError: "Connexion perdue, ou personne ne répond à cette adresse",
    e.CertificateRefusedError: "Le certificat est refusé ({cause})",
    e.BadCredentialsError: "Identifiant ou mot de passe refusé",
    e.NotVouchedError: "Cette connexion n'est celle d'aucune personne qui puisse entrer ici",
    e.ProviderUnreachableError: "La connexion ailleurs n'a pas abouti",
    e.BadPinError: "Code PIN refusé, ou nécessaire sur cet appareil qui n'est pas enregistré",
    e.BadCodeError: "Code refusé : faux, déjà utilisé, trop ancien ou demandé pour une autre connexion",
    e.LockedError: "Trop d'échecs : l'accès est bloqué",
    e.BusyError: "Le serveur est occupé",
    e.TicketRefusedError: "Le ticket n'est plus valable",
    e.NotAllowedError: "Ce n'est pas permis",
    e.WeakSecretError: "Ce mot de passe ou ce code PIN ne suit pas les règles",
    e.EnrolmentRefusedError: "Le ticket d'inscription est refusé : inconnu, épuisé ou trop ancien",
    e.SessionEndedError: "La session est terminée",
    e.PasswordOverError: "Ce mot de passe ne vaut plus : un administrateur doit en donner un autre",
    e.NoPlaceError: "Toutes les places sont prises",
    e.ProofNeededError: "Prouvez encore que c'est vous : mot de passe, et code PIN s'il est demandé",
    e.InternalError: "Erreur interne du serveur : rien n'a été modifié",
    e.NotFoundError: "Introuvable",
    e.PlanningNotInServiceError: "Ce planning n'est pas en service",
    e.AlreadyExistsError: "Ce nom, ce numéro ou ce port est déjà pris",
    e.InvalidNameError: "Ce nom ne suit pas les règles",
    e.ControllerInServiceError: "Le contrôleur est en service",
    e.QuotaExceededError: "Le compte n'a plus de place pour cela",
    e.NoPortLeftError: "Tous les ports de la plage sont attribués",
    e.InvalidGridError: "La grille horaire n'est pas valable",
    e.InvalidChangeError: "Cette modification n'est pas possible",
    e.UnknownObjectError: "Cet objet n'existe pas, ou plus, dans la base",
    e.StillReferencedError: "Suppression impossible : d'autres objets y font référence",
    e.ClashError: "Placement refusé : quelqu'un ou une salle serait à deux endroits à la fois",
    e.ConflictError: "Quelqu'un d'autre a modifié la même donnée entre-temps",
    e.NothingToUndoError: "Il n'y a rien à annuler, à rétablir ou à restaurer",
    e.StoreError: "Le stockage refuse",
    e.StoreFullError: "Le disque est plein : rien n'a été écrit",
    e.AuditBrokenError: "Le journal n'est plus ce qui a été écrit",
    e.CorruptBaseError: "La base ne passe pas ses contrôles",
    e.StoreVersionError: "La base vient d'un programme plus récent, ou SQLite est trop ancien",
    e.BaseInUseError: "La base est en service",
    e.ImportRefusedError: "Le fichier ne peut pas être lu ; rien n'a été importé",
    e.ExportRefusedError: "Ce format ne peut pas dire ce que contient la base ; rien n'a été écrit",
    e.MailNotSentError: "Le courriel n'est pas parti",
    e.MailRefusedError: "Le courriel est refusé",
    e.ConfigurationError: "Un réglage, un fichier ou un droit n'est pas comme il le faut",
    e.AgentUnreachableError: "Aucun agent ne répond sur cette machine",
    e.AgentRunningError: "Un autre agent s'occupe déjà de cette installation",
}
"""What happened, for people who read French; the details follow. English is the text of the error itself."""

NEXT: Final[dict[type[e.HPError], tuple[str, str]]] = {
    e.UnsupportedVersionError: ("Mettez ce programme à jour.", "Update this program."),
    e.DeadlineExceededError: ("Réessayez.", "Try again."),
    e.GoingAwayError: ("Réessayez dans un instant.", "Try again in a moment."),
    e.ConnectionLostError: (
        "Vérifiez le réseau, et que le contrôleur est en service.",
        "Check the network, and that the controller is in service.",
    ),
    e.CertificateRefusedError: (
        "Inscrivez cet appareil avec un nouveau ParamClient.", "Enrol this device with a new ParamClient."
    ),
    e.BadCredentialsError: ("Vérifiez l'identifiant et le mot de passe.", "Check the login and the password."),
    e.NotVouchedError: (
        "Demandez à un superadministrateur d'écrire votre identifiant CAS dans votre fiche.",
        "Ask a superadministrator to write your CAS identifier in your account.",
    ),
    e.ProviderUnreachableError: (
        "Réessayez, ou connectez-vous avec votre mot de passe d'ici.", "Try again, or sign in with your password here."
    ),
    e.BadPinError: ("Donnez le code PIN, par saisie ou --pin-file.", "Give the PIN, when asked or with --pin-file."),
    e.BadCodeError: (
        "Demandez un autre code (--forgot-pin), et donnez le dernier reçu.",
        "Ask for another code (--forgot-pin), and give the last one you got.",
    ),
    e.LockedError: (
        "Réessayez dans {seconds} s, ou demandez à un administrateur.",
        "Try again in {seconds} s, or ask an administrator.",
    ),
    e.BusyError: ("Réessayez dans {seconds} s.", "Try again in {seconds} s."),
    e.TicketRefusedError: ("Ouvrez le planning à nouveau.", "Open the planning again."),
    e.NotAllowedError: ("Demandez à un administrateur.", "Ask an administrator."),
    e.EnrolmentRefusedError: ("Demandez un nouveau ParamClient.", "Ask for a new ParamClient."),
    e.SessionEndedError: ("Connectez-vous à nouveau.", "Log in again."),
    e.PlanningNotInServiceError: (
        "Demandez qu'il soit mis en service (`hp planning start`).", "Have it put in service (`hp planning start`)."
    ),
    e.AlreadyExistsError: ("Choisissez-en un autre.", "Choose another one."),
    e.ControllerInServiceError: (
        "Arrêtez-le d'abord (`hp controller stop`).", "Stop it first (`hp controller stop`)."
    ),
    e.QuotaExceededError: (
        "Terminez ou annulez un envoi, ou augmentez uploads.quota_mib.",
        "Finish or cancel an upload, or raise uploads.quota_mib.",
    ),
    e.NoPortLeftError: ("Élargissez ports.first à ports.last.", "Widen ports.first to ports.last."),
    e.ClashError: ("Choisissez une autre place, ou --force.", "Choose another place, or --force."),
    e.ConflictError: ("Regardez sa valeur, puis recommencez.", "Look at that value, then do it again."),
    e.StoreFullError: ("Libérez de la place.", "Free some space."),
    e.AuditBrokenError: (
        "Gardez ce fichier, et comparez-le à la dernière copie.", "Keep that file, and compare it with the last copy."
    ),
    e.NoPlaceError: (
        "Attendez que quelqu'un sorte, ou demandez plus de places à un administrateur.",
        "Wait until somebody leaves, or ask an administrator for more places.",
    ),
    e.CorruptBaseError: ("Restaurez la dernière bonne sauvegarde.", "Restore the last good backup."),
    e.BaseInUseError: (
        "Arrêtez le planning d'abord (`hp planning stop`).", "Stop the planning first (`hp planning stop`)."
    ),
    e.ImportRefusedError: (
        "Corrigez le fichier à cet endroit, ou exportez-le à nouveau.", "Correct the file there, or export it again."
    ),
    e.AgentUnreachableError: ("Démarrez-le avec `hp agent`.", "Start it with `hp agent`."),
}  # fmt: skip
"""What to do next, in French and English, when the text of the error does not say it."""

CAUSES: Final = {
    "revoked": "révoqué", "expired": "périmé", "unknown_device": "appareil inconnu", "malformed": "mal fait",
    "not_due": "trop tôt", "not_proven": "non prouvé", "other_certificate": "un autre certificat",
    "other_key": "une autre clé", "too_big": "trop grand", "weak_key": "clé faible",
    "weak_signature": "signature faible",
}  # fmt: skip
"""Why a certificate is refused, in French."""

COMPLETE: Final = frozenset(
    {
        e.BadCredentialsError,
        e.BadPinError,
        e.BadCodeError,
        e.NotVouchedError,
        e.ControllerInServiceError,
        e.LockedError,
        e.EnrolmentRefusedError,
        e.PlanningNotInServiceError,
    }
)
"""Errors whose French words say all that their English text says."""

USAGE: Final = (
    (r"Missing option '(.+)'\.", r"il manque l'option \1."),
    (r"Missing argument '(.+)'\.", r"il manque \1."),
    (r"No such option:? ?'?([^\s'.]+)'?\.?(.*)", r"l'option \1 n'existe pas.\2"),
    (r"No such command '(.+?)'\.(.*)", r"la commande '\1' n'existe pas.\2"),
    (r"Invalid value for '?(.+?)'?: File '(.+)' does not exist\.", r"\1 : le fichier '\2' n'existe pas."),
    (r"Invalid value for '?(.+?)'?: Path '(.+)' does not exist\.", r"\1 : '\2' n'existe pas."),
    (r"Invalid value for '?(.+?)'?: (.+) is not in the range (.+)\.", r"\1 : \2 n'est pas dans \3."),
    (r"Invalid value: (.+)", r"valeur refusée : \1"),
    (r"Invalid value for '?(.+?)'?: (.+)", r"valeur refusée pour \1 : \2"),
    (r"Option '(.+?)' requires an argument\.", r"l'option \1 veut une valeur."),
    (r"Option '(.+?)' does not take a value\.", r"l'option \1 ne prend pas de valeur."),
    (r"Got unexpected extra arguments? \((.+)\)", r"mots en trop : \1"),
)
"""What click says of a command that is badly written, and the French for it."""

VALUES: Final = (
    (r"(?<= : )(.+) is not one of (.+)\.", r"\1 n'est pas l'un de \2"),
    (r"(?<= : )(.+) is not (?='.+'\.)", r"\1 n'est pas "),
    (r"(?<= : )(.+) is not a valid integer(?: range)?\.", r"\1 n'est pas un nombre entier"),
    (r"(?<= : )(.+) is not a valid float(?: range)?\.", r"\1 n'est pas un nombre"),
    (r"(?<= : )(.+) does not match the formats? (.+)\.", r"\1 n'est pas une date comme \2"),
    (r"(?<= : )(?:File|Path|Directory) (.+) is a directory\.", r"\1 est un dossier"),
    (r"(?<= : )(?:File|Path|Directory) (.+) is a file\.", r"\1 est un fichier"),
    (r"(?<= : )(?:File|Path|Directory) (.+) does not exist\.", r"\1 n'existe pas"),
    (r"(?<= : )(?:File|Path|Directory) (.+) is not readable\.", r"\1 ne peut pas être lu"),
    (r"Did you mean one of: ", "Peut-être : "),
    (r"Did you mean (.+)\?", r"Peut-être \1 ?"),
)
"""What click says of a value, after its sentence of USAGE was put into French, and the French for it."""

SHOWN: Final = ("path", "reason")
"""Details that a person needs, when the text does not name them: which file, what the system said."""


def sentence(error: e.HPError, *, french: bool) -> str:
    """One line: what, why, what to do next, and the name of the error for who looks it up."""
    name = type(error).__name__.removesuffix("Error")
    text = " ".join(error.text.split()).rstrip(".")
    text = in_french(text) if french else text
    told = [str(error.details[key]) for key in SHOWN if error.details.get(key)]
    text += "".join(f" ({one})" for one in told if one not in text)
    named = isinstance(error, e.BadCredentialsError) and bool(
        error.details.get("field")
    )  # its own text says which secret is meant
    what = _of(FRENCH, error) if french and not named else None
    if what is None:
        first = (text or (type(error).__doc__ or name).splitlines()[0]).rstrip(".")
    else:
        first = _filled(what, error) + (f" : {text}" if text and type(error) not in COMPLETE else "")
    nexts = None if named else _of(NEXT, error)
    todo = _filled(nexts[0 if french else 1], error) if nexts else ""
    if error.details.get("seconds") == 0:
        todo = "Demandez à un administrateur." if french else "Ask an administrator."
    if isinstance(error, e.ImportRefusedError) and not error.details.get("line"):
        todo = ""  # the text says what to do, since it is not one place that is wrong
    if isinstance(error, e.NotAllowedError) and ": " in text:
        todo = ""  # what comes after is what to do
    if "`hp " in text or (todo and todo.rstrip(".").casefold() in first.casefold()):
        todo = ""  # the text says it
    return f"{first}. {todo}".rstrip() + f" [{name}]"


def usage_in_french(text: str) -> str:
    """What is wrong with the words of a command; click's own sentence when it is not known here."""
    for english, french in USAGE:
        found = re.fullmatch(english, text, re.DOTALL)
        if found is not None:
            told = found.expand(french)
            for said, instead in VALUES:
                told = re.sub(said, instead, told)
            return told
    return text


def _of(table: Mapping[type[e.HPError], T], error: e.HPError) -> T | None:
    """The entry of the nearest class."""
    return next((table[kind] for kind in type(error).__mro__ if kind in table), None)


def _filled(template: str, error: e.HPError) -> str:
    known = {"cause": "?", "seconds": "?"} | {key: str(value) for key, value in error.details.items()}
    if isinstance(error, e.CertificateRefusedError):
        known["cause"] = CAUSES.get(known["cause"], known["cause"])
    return template.format_map(known)
