"""French words for a made-up school."""

from collections.abc import Sequence

SUBJECTS = (
    *(
        "Algèbre linéaire",
        "Analyse réelle",
        "Probabilités",
        "Statistiques",
        "Algorithmique",
        "Programmation orientée objet",
    ),
    *(
        "Bases de données",
        "Réseaux",
        "Systèmes d'exploitation",
        "Génie logiciel",
        "Compilation",
        "Intelligence artificielle",
    ),
    *("Mécanique du point", "Électromagnétisme", "Thermodynamique", "Optique", "Électronique", "Automatique"),
    *("Chimie organique", "Chimie des solutions", "Biologie cellulaire", "Génétique", "Physiologie", "Écologie"),
    *(
        "Géologie",
        "Histoire moderne",
        "Histoire contemporaine",
        "Géographie humaine",
        "Littérature française",
        "Linguistique",
    ),
    *("Philosophie", "Sociologie", "Psychologie sociale", "Droit civil", "Droit constitutionnel", "Droit des affaires"),
    *("Microéconomie", "Macroéconomie", "Comptabilité", "Gestion financière", "Marketing", "Ressources humaines"),
    *(
        "Anglais",
        "Allemand",
        "Espagnol",
        "Expression écrite et orale",
        "Projet tutoré",
        "Éducation physique et sportive",
    ),
)
COHORTS = (
    *("L1 Mathématiques", "L1 Informatique", "L1 Physique-Chimie", "L1 Sciences de la vie", "L1 Droit", "L1 Histoire"),
    *("L2 Mathématiques", "L2 Informatique", "L2 Physique-Chimie", "L2 Sciences de la vie", "L2 Droit", "L2 Histoire"),
    *("L3 Mathématiques", "L3 Informatique", "L3 Physique-Chimie", "L3 Sciences de la vie", "L3 Économie-Gestion"),
    *("M1 Informatique", "M1 Droit des affaires", "M2 Informatique"),
)
FAMILY = (
    *("ARNAUD", "AUBERT", "BARBIER", "BENOIT", "BERNARD", "BERTRAND", "BLANC", "BONNET", "BOUCHER", "BOYER", "BRUN"),
    *("CARON", "CHEVALIER", "CLÉMENT", "COLIN", "DA SILVA", "DAVID", "DENIS", "DUBOIS", "DUFOUR", "DUMONT", "DUPONT"),
    *("DURAND", "FABRE", "FAURE", "FONTAINE", "FOURNIER", "GARCIA", "GARNIER", "GAUTHIER", "GIRARD", "GUÉRIN", "HENRY"),
    *("JOLY", "LAMBERT", "LE GALL", "LECLERC", "LEFÈVRE", "LEMAIRE", "LEROY", "LUCAS", "MARCHAND", "MARIE", "MARTIN"),
    *("MASSON", "MATHIEU", "MERCIER", "MEYER", "MICHEL", "MOREAU", "MORIN", "NICOLAS", "NOËL", "PERRIN", "PETIT"),
    *("RENAUD", "RICHARD", "RIVIÈRE", "ROBERT", "ROUSSEAU", "ROUX", "SIMON", "THOMAS", "VIDAL", "VINCENT"),
)
FIRST = (
    *("Adèle", "Alain", "Alice", "Amélie", "Antoine", "Béatrice", "Benoît", "Camille", "Cécile", "Chloé", "Claire"),
    *("Damien", "Élise", "Émile", "Étienne", "Fabien", "Florence", "François", "Gaëlle", "Hélène", "Hugo", "Inès"),
    *("Jérôme", "Julie", "Karim", "Laure", "Léa", "Loïc", "Lucie", "Manon", "Marc", "Mathilde", "Nadia", "Noémie"),
    *("Olivier", "Pascal", "Rachid", "Sébastien", "Sophie", "Thierry", "Valérie", "Yann", "Zoé"),
)
AMPHIS = ("Pasteur", "Curie", "Descartes", "Hugo", "Noether", "Fourier", "Ampère", "Lavoisier", "Germain", "Pascal")
SITES = ("Centre", "Campus nord", "Technopôle")
COLORS = ("#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#edc948", "#b07aa1", "#9c755f", "#ff9da7", "#bab0ac")


def nth(words: Sequence[str], index: int) -> str:
    """Return the word at `index`, numbered from 2 once all have been given."""
    again, place = divmod(index, len(words))
    return words[place] if again == 0 else f"{words[place]} {again + 1}"
