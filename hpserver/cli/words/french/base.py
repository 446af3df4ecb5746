"""What the rules of a base and of a planning in service say, in French."""

from typing import Final

SENTENCES: Final = {
    # branches
    "nothing of {branch} is to be taken over": "il n'y a rien à reprendre de {branch}",
    "what transaction {count} did fits no answer: take a snapshot, and go on from its revision":
        "la transaction {count} ne tient dans aucune réponse : rechargez la base, et repartez de sa révision",
    "revision {count} fits no answer: take a snapshot":
        "la révision {count} ne tient dans aucune réponse : rechargez la base",
    # objects and their fields
    "{field} names what does not exist": "{field} nomme ce qui n'existe pas",
    "{field} of {kind} {key}: {why}": "{kind} {key}, {field} : {why}",
    "{field} of {kind}: {why}": "{kind}, {field} : {why}",
    "{kind} {key}: {why}": "{kind} {key} : {why}",
    "there is no kind {what}": "il n'y a pas de genre d'objet {what}",
    "there is no kind {what}: one of {among}": "il n'y a pas de genre d'objet {what} : {among}",
    "there is no {kind} {key}": "il n'y a pas de {kind} {key}",
    "{kind} {key} does not exist": "{kind} {key} n'existe pas",
    "{kind} {key}, named by {field} of {kind_by} {key_by}, does not exist":
        "{kind} {key} n'existe pas : {kind_by} {key_by}, {field}",
    "{kind} {key} is still named by {field} of {kind_by} {key_by}":
        "{kind} {key} sert encore : {kind_by} {key_by}, {field}",
    "exactly one of {fields} is to be given": "il faut exactement un de {fields}",
    "names the same object twice": "nomme deux fois le même objet",
    "{weeks} exceed {count} weeks": "{weeks} dépasse les {count} semaines",
    "activity {key} has no meeting in week {count}": "le cours {key} n'a pas de séance en semaine {count}",
    "activity {key} does not exist": "le cours {key} n'existe pas",
    "{count} steps from place {count_place} do not lie within one working day":
        "{count} pas à partir de la place {count_place} ne tiennent pas dans une journée ouvrée",
    "lasts longer than a day": "dure plus d'une journée",
    "there are {count} weeks": "il y a {count} semaine(s)",
    "{date} is not in the calendar": "{date} n'est pas une date du calendrier",
    "this key cannot be given": "cette clé ne peut pas être donnée",
    "an object with this key exists": "un objet a déjà cette clé",
    "{field} is needed": "{field} est nécessaire",
    "a cohort has at most {count} groups": "une promotion a au plus {count} TD ou options",
    "this placeholder is not, or no longer, free": "cette clé provisoire n'est pas libre, ou ne l'est plus",
    "no object of this transaction has this placeholder": "aucun objet de cette transaction n'a cette clé provisoire",
    "more than {count} objects would go: do it in several":
        "plus de {count} objets disparaîtraient : faites-le en plusieurs fois",
    "{count} changes in one transaction, at most {count_most}":
        "{count} modification(s) en une transaction, au plus {count_most}",
    "not a journal entry: {why}": "ce n'est pas une ligne du journal : {why}",
    "not a transaction: {why}": "ce n'est pas une transaction : {why}",
    "{what} cannot be classified": "{what} ne se classe pas par rubriques",
    "{what} has no custom fields": "{what} n'a pas de champs personnalisés",
    "{what} is a field of the kind {kind}": "{what} est un champ de {kind}",
    "the category {what} is not for this kind": "la famille {what} n'est pas pour ce genre d'objet",
    "nobody travels from a site to itself": "personne ne va d'un site à lui-même",
    "it closes before it opens": "elle se termine avant de s'ouvrir",
    "there is a mark already": "il y a déjà une note",
    "a group shares its students with itself": "un groupe partage ses étudiants avec lui-même",
    "group {key} is of another cohort": "le TD ou option {key} est d'une autre promotion",
    "{value} is no text": "{value} n'est pas un texte",
    "{value} is no number": "{value} n'est pas un nombre",
    "{value} is no date": "{value} n'est pas une date",
    "{value} is no truth": "{value} n'est ni true ni false",
    "{value} is no {what}": "{value} n'est pas un {what}",
    "there is no rule {what}": "il n'y a pas de règle {what}",
    "a weight is not negative": "un poids n'est pas négatif",
    "the rule {rule} has no parameter {what}": "la règle {rule} n'a pas de paramètre {what}",
    "the rows do not fit together: {why}": "les lignes ne vont pas ensemble : {why}",
    "no such timetable": "il n'y a pas d'emploi du temps de ce genre",
    "there is no timetable of that kind": "il n'y a pas d'emploi du temps de ce genre",
    # what a value may be, in the words of its check
    "Expected `{type}`, got `{got}`": "{type} est attendu, et non {got}",
    "Expected `int` >= {least}": "un nombre entier d'au moins {least} est attendu",
    "Expected `int` <= {most}": "un nombre entier d'au plus {most} est attendu",
    "Expected `{type}` >= {least}": "{type} d'au moins {least} est attendu",
    "Expected `{type}` <= {most}": "{type} d'au plus {most} est attendu",
    "Expected `str` of length >= 1": "un texte est nécessaire",
    "Expected `str` of length <= {count}": "un texte d'au plus {count} caractère(s)",
    "Expected `array` of length <= {count}": "une liste d'au plus {count} élément(s)",
    "Invalid enum value {value}": "{value} n'est pas un des choix",
    # weeks, places, edits
    "a week set is written between brackets, such as [1..6,12]":
        "un ensemble de semaines s'écrit entre crochets, comme [1..6,12]",
    "{what} is neither a week nor a range of weeks": "{what} n'est ni une semaine ni une suite de semaines",
    "{what} does not lie within weeks 1 to {count}": "{what} n'est pas parmi les semaines 1 à {count}",
    "there are no such weeks": "ces semaines n'existent pas",
    "it does not lie within a working day": "cela ne tient pas dans une journée ouvrée",
    "it has none of these weeks in common with activity {key}":
        "il n'a aucune de ces semaines en commun avec le cours {key}",
    "some weeks are to stay, and some to go": "il faut que des semaines restent et que d'autres partent",
    "it has no place in week {count}": "il n'a pas de place en semaine {count}",
    "it has no meeting in week {count}": "il n'a pas de séance en semaine {count}",
    "it has no meeting in these weeks": "il n'a pas de séance dans ces semaines",
    "{field} of {kind} {key} does not exist in the new grid; look at what would be lost, and give it up":
        "{field} de {kind} {key} n'existe pas dans la nouvelle grille ; regardez ce qui serait perdu, et acceptez-le",
    # booking requests, orals
    "it names no room: say which one of the pool is given":
        "elle ne nomme pas de salle : dites laquelle du groupe est donnée",
    "room {key} was not asked for: reassign the request":
        "la salle {key} n'était pas demandée : réaffectez la demande",
    "say which rooms are given instead": "dites quelles salles sont données à la place",
    "it says not when: nothing can be booked": "elle ne dit pas quand : rien ne peut être réservé",
    "activity {key} has no meeting in these weeks": "le cours {key} n'a pas de séance dans ces semaines",
    "it is validated already": "elle est déjà validée",
    "it is refused already": "elle est déjà refusée",
    "it is reassigned already": "elle est déjà réaffectée",
    "it is {state} already": "elle est déjà {state}",
    "activity {key} is elsewhere in week {count}: move it first":
        "le cours {key} est ailleurs en semaine {count} : déplacez-le d'abord",
    "oral_exam {key}: no turn is left for student {key_student}: add a panel or longer ones":
        "oral {key} : plus de passage pour l'étudiant {key_student} : ajoutez un jury, ou allongez-en un",
    # the grid
    "{parameter}: {why}; {why_todo}": "{parameter} : {why} ; {why_todo}",
    "{value} is out of range": "{value} est hors des bornes",
    "choose a year from {count} to {count_last}": "choisissez une année de {count} à {count_last}",
    "{date} is not a Monday": "{date} n'est pas un lundi",
    "choose a Monday": "choisissez un lundi",
    "{date} is not a Sunday": "{date} n'est pas un dimanche",
    "choose a Sunday": "choisissez un dimanche",
    "choose from 1 to {count} weeks": "choisissez de 1 à {count} semaines",
    "no working day, or an eighth one": "aucun jour ouvré, ou un huitième",
    "choose from 1 to {count} working days": "choisissez de 1 à {count} jours ouvrés",
    "cut a sequence in 1, 2, 3, 4, 6 or 12": "coupez une séquence en 1, 2, 3, 4, 6 ou 12",
    "{count} steps a day": "{count} pas par jour",
    "stay from 1 to {count} steps": "restez de 1 à {count} pas",
    "a day of that length does not exist": "une journée de cette durée n'existe pas",
    "stay from 1 minute to 24 hours": "restez d'une minute à 24 heures",
    "a step would not last whole minutes": "un pas ne durerait pas un nombre entier de minutes",
    "choose another division or length": "choisissez une autre division ou une autre durée",
    "start the day from 00:00 to 23:59": "commencez la journée de 00:00 à 23:59",
    "{date} does not open a week before {date_last}": "{date} n'ouvre pas une semaine avant {date_last}",
    "no step starts on day {count} at minute {count_minute}":
        "aucun pas ne commence le jour {count} à la minute {count_minute}",
    "choose the start of a step": "choisissez le début d'un pas",
    "{what} is unknown": "{what} est inconnu",
    "choose an IANA name such as Europe/Paris": "choisissez un nom de l'IANA, comme Europe/Paris",
    # a planning in service
    "{what} cannot hold the character {code}": "{what} ne peut pas contenir le caractère {code}",
    "a text of one line cannot hold the character {code}":
        "un texte d'une ligne ne peut pas contenir le caractère {code}",
    "a text cannot hold the character {code}": "un texte ne peut pas contenir le caractère {code}",
    "internal error, number {number}: nothing was changed": "erreur interne n° {number} : rien n'a été modifié",
    "internal error, number {number}: open the planning again": "erreur interne n° {number} : rouvrez le planning",
    "{count_clashes} clash(es)": "{count_clashes} conflit(s)",
    "{count_clashes} clash(es), {count_breaches} broken rule(s)":
        "{count_clashes} conflit(s), {count_breaches} contrainte(s) non respectée(s)",
    "changed by others meanwhile: {fields}": "modifié par d'autres entre-temps : {fields}",
    "this operation id was used for another transaction: draw a new one":
        "ce numéro d'opération a servi à une autre transaction : tirez-en un autre",
    "The disk does not keep up: try again in a moment": "Le disque ne suit pas : réessayez dans un instant",
    "a transaction has at most {count} bytes of changes": "une transaction a au plus {count} octets de modifications",
    "revision {count} is not within reach: take a snapshot": "la révision {count} est hors d'atteinte : rechargez tout",
    "this transaction takes too many exceptions away with it: do it in several":
        "cette transaction emporterait trop d'exceptions : faites-la en plusieurs fois",
    "this user or device is no longer trusted here": "cet utilisateur ou cet appareil n'a plus la confiance d'ici",
    "enter the planning first": "entrez d'abord dans le planning",
    "this server serves {what}, not {other}": "ce serveur sert {what}, et non {other}",
    "this server is leaving: ask the controller again": "ce serveur s'arrête : demandez encore au contrôleur",
    "At most {count} profiles with a sight of their own are served at once":
        "Au plus {count} profils à vue restreinte sont servis à la fois",
    "row {count} of the journal cannot be read: {why}": "la ligne {count} du journal ne peut pas être lue : {why}",
    "what this profile sees is known from revision {count} on: take a snapshot":
        "ce que voit ce profil est connu depuis la révision {count} : rechargez tout",
    "a session holds at most {count} objects": "une session tient au plus {count} objets",
    "the answer takes {count} bytes, at most {count_most} fit: ask for less":
        "la réponse fait {count} octets, au plus {count_most} tiennent : demandez-en moins",
    "revision {count} was taken back already": "la révision {count} a déjà été annulée",
    "there is nothing to take back, or to do again": "il n'y a rien à annuler ni à rétablir",
    "{kind} {key} is as it was then": "{kind} {key} est comme alors",
    "{kind} {key} did not exist then, and does not now": "{kind} {key} n'existait pas alors, et n'existe pas non plus",
    "{kind} {key} is gone: take back its deletion first":
        "{kind} {key} a disparu : annulez d'abord sa suppression",
    # snapshots
    "not a snapshot of a base": "ce n'est pas le cliché d'une base",
    "not a snapshot: {why}": "ce n'est pas un cliché : {why}",
    "the snapshot has version {count}, this program reads up to {count_most}":
        "le cliché est de version {count}, ce programme lit jusqu'à {count_most}",
    "the snapshot has version {count}, which was never released: this program reads {count_most}":
        "le cliché est de version {count}, jamais publiée : ce programme lit {count_most}",
    "the snapshot has kinds of objects that its version does not have":
        "le cliché a des genres d'objets que sa version n'a pas",
    "{kind}: columns that this version does not have": "{kind} : des colonnes que cette version n'a pas",
    "{count} long questions of yours wait already": "{count} longues questions de vous attendent déjà",
    "{kind}: a key is there twice": "{kind} : une clé y est deux fois",
    "{kind}: the column {what} has not one value per key": "{kind} : la colonne {what} n'a pas une valeur par clé",
    "{kind}: the column {what} is missing": "{kind} : il manque la colonne {what}",
    "the grid is not one: {why}": "la grille n'en est pas une : {why}",
}  # fmt: skip
"""English -> French."""
