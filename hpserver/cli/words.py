"""Errors as sentences for people, by code. Knows two languages and nothing of what happened."""

from typing import Final

from hpserver import errors as e

FRENCH: Final[dict[type[e.HPError], str]] = {
    e.CertificateRefusedError: "Le certificat de cet appareil est refusé ({cause}) : demandez un ParamClient.",
    e.BadCredentialsError: "Identifiant ou mot de passe refusé.",
    e.BadPinError: "Code PIN refusé, ou nécessaire sur cet appareil qui n'est pas enregistré.",
    e.LockedError: "Trop d'échecs : réessayez dans {seconds} s, ou demandez à un administrateur.",
    e.BusyError: "Le serveur est occupé : réessayez dans {seconds} s.",
    e.TicketRefusedError: "Le ticket n'est plus valable : ouvrez le planning à nouveau.",
    e.NotAllowedError: "Votre profil ne le permet pas.",
    e.EnrolmentRefusedError: "Le ticket d'inscription a déjà servi ou a expiré : demandez un ParamClient.",
    e.NotFoundError: "Introuvable.",
    e.PlanningNotInServiceError: "Ce planning n'est pas en service.",
    e.AlreadyExistsError: "Ce nom, ce numéro ou ce port est déjà pris.",
    e.InvalidGridError: "La grille horaire n'est pas valable.",
    e.UnknownObjectError: "Cet objet n'existe pas, ou plus, dans la base.",
    e.StillReferencedError: "Suppression impossible : d'autres objets y font référence.",
    e.ClashError: "Placement refusé : quelqu'un ou une salle serait à deux endroits à la fois.",
    e.ConflictError: "Quelqu'un d'autre a modifié la même donnée entre-temps.",
    e.ConnectionLostError: "Connexion perdue, ou personne ne répond à cette adresse.",
    e.DeadlineExceededError: "Pas de réponse dans le temps imparti.",
    e.BaseInUseError: "La base est en service : arrêtez le planning d'abord.",
    e.CorruptBaseError: "La base ne passe pas ses contrôles : restaurez la dernière bonne sauvegarde.",
    e.ImportRefusedError: "Le fichier ne peut pas être lu ; rien n'a été importé.",
    e.AgentUnreachableError: "Aucun agent ne répond sur cette machine : démarrez-le avec `hp agent`.",
}
"""What people read in French; the details follow. English is the text of the error itself."""


def sentence(error: e.HPError, *, french: bool) -> str:
    """One line: what, why, what to do next, and the name of the error for who looks it up."""
    name = type(error).__name__.removesuffix("Error")
    if not french:
        return f"{error.text or (type(error).__doc__ or name).splitlines()[0]} [{name}]"
    for kind in type(error).__mro__:
        if kind in FRENCH:
            return f"{_filled(FRENCH[kind], error)} ({error.text}) [{name}]"
    return f"{error.text} [{name}]"


def _filled(template: str, error: e.HPError) -> str:
    known = {"cause": "?", "seconds": "?"} | {key: str(value) for key, value in error.details.items()}
    return template.format_map(known)
