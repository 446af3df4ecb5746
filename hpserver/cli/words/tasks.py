"""Long actions as people read them, in French and English. Knows no account."""

from typing import Final

from hpserver.cli.words.errors import sentence
from hpserver.errors import HPError

Told = tuple[str, str]

KINDS: Final[dict[str, Told]] = {
    "controller.start": ("Activer le contrôleur", "Start the controller"),
    "controller.stop": ("Désactiver le contrôleur", "Stop the controller"),
    "plannings.start": ("Mettre en service", "Put in service"),
    "plannings.stop": ("Arrêter le serveur", "Stop the server"),
    "bases.create": ("Créer une base", "Create a base"),
    "bases.load": ("Charger une base", "Load a base"),
    "bases.upload": ("Envoyer une base", "Upload a base"),
    "bases.export": ("Récupérer une base", "Take a copy of a base"),
    "bases.import": ("Importer une base", "Import a base"),
    "bases.restore": ("Restaurer une sauvegarde", "Restore a backup"),
    "bases.transfer": ("Transférer la base", "Transfer the base"),
    "bases.backup": ("Sauvegarder une base", "Back up a base"),
    "bases.verify": ("Vérifier une sauvegarde", "Verify a backup"),
}
"""What each is called, as the guide does."""

STATES: Final[dict[str, Told]] = {
    "running": ("En cours", "Under way"),
    "done": ("Terminée", "Done"),
    "failed": ("En échec", "Failed"),
    "cancelled": ("Annulée", "Cancelled"),
    "interrupted": ("Interrompue : le programme qui s'en occupait s'est arrêté", "Interrupted: its program ended"),
}
"""How each is, or ended."""

STEPS: Final[dict[str, Told]] = {
    "wished": ("Demandée", "Asked for"),
    "receiving": ("Réception du fichier", "Receiving the file"),
    "checking": ("Contrôle d'intégrité", "Checking its integrity"),
    "writing": ("Écriture", "Writing"),
    "ready": ("Prête", "Ready"),
}
"""What each comes to."""


def failure(code: int, text: str, details: dict[str, str | int], *, french: bool) -> str:
    """Return why one failed as a sentence, "" when it did not."""
    if not code:
        return text
    error = HPError.by_code.get(code, HPError)(text)
    error.details = dict(details)
    return sentence(error, french=french).rpartition(" [")[0]


def progress(done: int, of: int) -> str:
    """Return how far it is: a part of a hundred, or what was dealt with; nothing before it began."""
    if of:
        return f"{min(100, 100 * done // of)} %"
    return f"{done / (1 << 20):.1f} Mio" if done else ""
