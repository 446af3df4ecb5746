"""What each deed is called on a page, what is asked before it, what is said after, and the command that does the same.

Texts are French, as everywhere in the console's source; `{name}` stands for a field of the wish.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from starlette.responses import Response

from hpserver.web import rights


class Deed(msgspec.Struct, frozen=True):
    """One deed. `command` is the line of `hp` that does the same.

    With `confirm` it is asked about before, when the form has all that the question names. `done` is said after, on
    the page it came from; `outcome` is a page of its own, `file` an answer of its own. With `wakes` the agent looks
    at once. `gather` makes fields of the wish of other fields of the form; `tells` says, with the question, what
    would follow. One with a `path` is asked for there alone.
    """

    title: str
    command: str
    done: str = ""
    confirm: str = ""
    outcome: str = ""
    file: Callable[[Any, Any], Response] | None = None
    wakes: bool = False
    gather: Callable[[Any, Any], Awaitable[dict[str, str]]] | None = None
    tells: Callable[[Any, Any], Awaitable[list[str]]] | None = None
    path: str = ""


def _letter(visit: Any, outcome: Any) -> Response:
    name = f"ParamClient-{visit.account.domain}.hpparam"
    return Response(
        outcome.content,
        media_type="application/octet-stream",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


DEEDS: Final[dict[str, Deed]] = {
    # --- configuration ---
    "controller.name": Deed(
        "Domaine du contrôleur", "hp controller domain {domain}", "Le domaine du contrôleur a été modifié.",
        "Associer le contrôleur au domaine {domain} ? Celui d'origine continue de fonctionner.", wakes=True,
    ),
    "plannings.add": Deed(
        "Ajouter un planning", 'hp planning create {planning} "{publication_name}"',
        "Le planning {planning} a été ajouté.", wakes=True,
    ),
    "plannings.rename": Deed(
        "Modification du nom du planning", "hp planning rename {planning} {name}",
        "Le planning {planning} s'appelle désormais {name}.",
        "Confirmez-vous le nom {name} pour le planning {planning} ?", wakes=True,
    ),
    "plannings.remove": Deed(
        "Supprimer le planning", "hp planning delete {planning}", "Le planning {planning} a été supprimé.",
        "Supprimer le planning {planning} et les profils qui y sont donnés ? Sa base reste.", wakes=True,
    ),
    "plannings.set": Deed(
        "Modification du nom de domaine", "hp planning domain {planning} {domain}",
        "Le planning {planning} a été modifié.",
        "Confirmez-vous l'association du nom de domaine {domain} au planning {planning} ?", wakes=True,
    ),
    "plannings.publication": Deed(
        "Nom de publication", 'hp planning rename {planning} --publication "{publication_name}"',
        "Le nom de publication est désormais {publication_name}.",
    ),
    # --- in service ---
    "controller.start": Deed(
        "Activer le contrôleur", "hp controller start", "Le contrôleur va être en service.", wakes=True
    ),
    "controller.stop": Deed(
        "Désactiver le contrôleur", "hp controller stop", "Le contrôleur va être arrêté.",
        "Désactiver le contrôleur ? Personne ne pourra plus se connecter ; les plannings en service le restent.",
        wakes=True,
    ),
    "plannings.start": Deed(
        "Mettre en service", "hp planning start {planning}", "Le planning {planning} va être en service.", wakes=True
    ),
    "plannings.stop": Deed(
        "Arrêter le serveur", "hp planning stop {planning}", "Le planning {planning} va être arrêté.",
        "Arrêter le planning {planning} ? Les personnes connectées sont prévenues ; rien de saisi n'est perdu.",
        wakes=True,
    ),
    "bases.create": Deed(
        "Créer une base",
        'hp base create {planning} "{base}" --first-monday {first_monday} --last-sunday {last_sunday}',
        "La base {base} a été créée et va être en service.", wakes=True,
    ),
    "bases.load": Deed(
        "Charger une base", 'hp base load {planning} "{base}"', "La base {base} est chargée.", wakes=True
    ),
    "bases.unload": Deed(
        "Retirer la base", "hp base unload {planning}", "Aucune base n'est plus chargée dans {planning}.", wakes=True
    ),
    "bases.upload": Deed(
        "Envoyer une base", 'hp base upload {planning} FILE "{base}"',
        "La base {base} est là : elle peut être chargée.", path="/upload",
    ),
    "bases.export": Deed(
        "Récupérer la base", "hp base download {planning}",
        "La copie de la base est en préparation : une fois contrôlée, elle se télécharge ici pendant une heure.",
    ),
    "tasks.cancel": Deed("Annuler la tâche", "hp task cancel {task}", "La tâche est annulée : il n'en reste rien."),
    # --- users ---
    "users.add": Deed("Nouvel utilisateur", 'hp user add {login} --name "{name}"', outcome="issued.html"),
    "users.change": Deed("Modifier l'utilisateur", "hp user change {login}", "L'utilisateur {login} a été modifié."),
    "users.enable": Deed("Autoriser l'utilisateur", "hp user enable {login}", "L'utilisateur {login} a été modifié."),
    "users.delete": Deed(
        "Supprimer l'utilisateur", "hp user delete {login}", "L'utilisateur {login} a été supprimé.",
        "Supprimer l'utilisateur {login} ? Ses sessions sont fermées.",
    ),
    "users.reset_password": Deed(
        "Donner un autre mot de passe", "hp user reset-password {login}", outcome="issued.html",
        confirm="Donner un autre mot de passe à {login} ? Ses sessions sont fermées.",
    ),
    "users.reset_measure": Deed(
        "Réinitialiser la mesure de sécurité", "hp user reset-measure {login}",
        "{login} choisira une mesure de sécurité à la prochaine connexion.",
        "Réinitialiser la mesure de sécurité de {login} ?",
    ),
    "users.unlock": Deed("Débloquer l'utilisateur", "hp user unlock {login}", "{login} peut de nouveau essayer."),
    "assignments.set": Deed(
        "Affecter au profil", "hp user assign {login} {planning} {profile}",
        "{login} a le profil {profile} dans {planning}.",
    ),
    "assignments.remove": Deed(
        "Retirer du profil", "hp user unassign {login} {planning}", "{login} n'a plus de profil dans {planning}."
    ),
    # --- profiles, places, templates ---
    "profiles.places": Deed(
        "Licences", "hp profile places {planning} {holder} {places}", "Les places de {planning} ont été modifiées."
    ),
    "profiles.create": Deed(
        "Nouveau profil", 'hp profile create {planning} "{name}"', "Le profil {name} a été créé dans {planning}.",
        gather=rights.of_form,
    ),
    "profiles.set": Deed(
        "Droits du profil", 'hp profile set {planning} "{name}"', "Les droits du profil {name} ont été modifiés.",
        "Modifier les droits du profil {name} de {planning} ?", gather=rights.of_form, tells=rights.consequences,
    ),
    "profiles.rename": Deed(
        "Renommer le profil", 'hp profile rename {planning} "{name}" "{new_name}"',
        "Le profil {name} s'appelle désormais {new_name}.",
        "Renommer le profil {name} en {new_name} ? Qui l'a le garde, et entre de nouveau dans {planning}.",
    ),
    "profiles.delete": Deed(
        "Supprimer le profil", 'hp profile delete {planning} "{name}"', "Le profil {name} a été supprimé.",
        "Supprimer le profil {name} de {planning} ?",
    ),
    "templates.save": Deed(
        "Enregistrer les affectations du planning sélectionné dans un modèle", "hp template save {planning} {name}",
        "Le modèle {name} a été enregistré.",
    ),
    "templates.apply": Deed(
        "Appliquer un modèle d'affectation", "hp template apply {name} {planning}",
        "Le modèle {name} a été appliqué à {planning}.",
        "Appliquer le modèle {name} au planning {planning} ? Les affectations du modèle remplacent celles du planning.",
    ),
    "templates.delete": Deed(
        "Supprimer le modèle", "hp template delete {name}", "Le modèle {name} a été supprimé.",
        "Supprimer le modèle {name} ?",
    ),
    # --- security ---
    "security.set": Deed("Sécurité", "hp security set", "Les réglages de sécurité ont été modifiés."),
    "providers.add": Deed(
        "Nouvelle configuration CAS", 'hp provider add "{name}" {address}', "La configuration {name} a été ajoutée."
    ),
    "providers.change": Deed(
        "Modifier la configuration", 'hp provider change "{name}"', "La configuration {name} a été modifiée.",
        "Modifier la configuration {name} ? Qui s'est connecté par elle se reconnecte.",
    ),
    "providers.remove": Deed(
        "Supprimer la configuration", 'hp provider remove "{name}"', "La configuration {name} a été supprimée.",
        "Supprimer la configuration {name} ? Qui s'est connecté par elle se reconnecte.",
    ),
    "providers.activate": Deed(
        "Utiliser la configuration", 'hp provider activate "{name}"', "La configuration {name} a été modifiée.",
        "Changer le service qui dit qui se connecte ({name}) ? Il doit connaître les gens par l'identifiant CAS de "
        "leur fiche.",
    ),
    "sessions.close": Deed(
        "Fermer les sessions", "hp session close {login}", "Les sessions de {login} ont été fermées.",
        "Fermer les sessions de {login} ?",
    ),
    "devices.revoke": Deed(
        "Révoquer l'appareil", "hp device revoke {device}", "L'appareil a été révoqué : il ne se connectera plus.",
        "Révoquer l'appareil {device} ? Ses sessions sont fermées, et il ne se connectera plus.",
    ),
    "devices.forget": Deed(
        "Ne plus reconnaître l'appareil", "hp device forget {device} --user {login}",
        "L'appareil n'est plus reconnu : le code PIN y sera demandé.",
    ),
    "devices.rename": Deed("Renommer l'appareil", "hp device rename {device} {name}", "L'appareil s'appelle {name}."),
    "devices.enrolment": Deed("Paramètres de connexion", "hp device enrolment", file=_letter),
    "audit.verify": Deed("Vérifier le journal", "hp audit verify", outcome="verdict.html"),
}  # fmt: skip
"""Every deed that a page offers, by the name of its wish."""
