"""What is said of the hosting console, its door and its deeds, in French."""

from typing import Final

SENTENCES: Final = {
    "imposed categories are numbers": "les rubriques imposées sont des numéros",
    "{what} is no day: write it as 2026-08-31": "{what} n'est pas un jour : écrivez-le comme 2026-08-31",
    "{what} is no time zone: choose one as Europe/Paris":
        "{what} n'est pas un fuseau horaire : choisissez-en un comme Europe/Paris",
    "The hosting manager does this, at the console":
        "Le responsable de l'hébergement le fait, dans la console",
    "The hosting number or the password is not right":
        "Le numéro d'hébergement ou le mot de passe n'est pas le bon",
    "The invoice number is not right": "Le numéro de facture n'est pas le bon",
    "This hosting is suspended: ask your host": "Cet hébergement est suspendu : demandez à votre hébergeur",
    "This hosting is suspended: nothing of it is put in service":
        "Cet hébergement est suspendu : rien n'y est mis en service",
    "The console is installed on a workstation already: ask your host to let you install another one":
        "La console est déjà installée sur un poste : demandez à votre hébergeur de pouvoir en installer un autre",
    "This is not what a launcher says: {why}": "Ce n'est pas ce que dit un lanceur : {why}",
    "The console is installed on this machine already": "La console est déjà installée sur cette machine",
    "This is not a file of a hosting console: {why}": "Ce n'est pas un fichier de console d'hébergement : {why}",
    "This is not what a launcher says: {what}": "Ce n'est pas ce que dit le lanceur de la console : {what}",
    "nobody is asked anything when all is known": "rien n'est demandé à qui a tout dit",
    "This machine knows no console: give the file your host sent you":
        "Ce poste ne connaît aucune console : donnez le fichier que votre hébergeur vous a envoyé",
    "This file is of another installation: if that is right, remove {folder}":
        "Ce fichier est d'une autre installation : si c'est voulu, supprimez {folder}",
    "{folder} has no certificate: enrol this device with a ParamClient file first":
        "{folder} n'a pas de certificat : inscrivez d'abord cet appareil avec un fichier ParamClient",
    "The certificate is not for this machine's key": "Le certificat n'est pas pour la clé de ce poste",
    "The console is not the one of the file": "La console n'est pas celle du fichier",
    "The console's answer is none: check the address in its file":
        "Ce que la console répond n'est pas une réponse : vérifiez l'adresse dans son fichier",
    "The console does not answer at {host}:{port}": "La console ne répond pas à {host}:{port}",
    "Port {port} of this machine cannot be had: {why}": "Le port {port} de ce poste ne peut pas être pris : {why}",
    "A certificate of this console is needed": "Il faut un certificat de cette console",
    "This certificate is not that of the hosting manager's workstation":
        "Ce certificat n'est pas celui du poste du responsable de l'hébergement",
    "The console is not open to this user: a superadministrator may change that":
        "La console n'est pas ouverte à cet utilisateur : un superadministrateur peut le changer",
    "The hosting manager accepts the licence contract":
        "C'est le responsable de l'hébergement qui accepte le contrat de licence",
    "The two passwords are not the same": "Les deux mots de passe sont différents",
    "The two PINs are not the same": "Les deux codes PIN sont différents",
    "This is longer than a password may be": "C'est plus long que ne peut l'être un mot de passe",
    "The pane Configuration is for the hosting manager":
        "Le volet Configuration est celui du responsable de l'hébergement",
    "Too many pages are open": "Trop de pages sont ouvertes",
    "The console does not ask for this": "La console ne demande pas cela",
    "A field is not as it must be: {why}": "Un champ n'est pas comme il faut : {why}",
    "Something went wrong here: it is in the log of the server":
        "Quelque chose a échoué ici : c'est dans le journal du serveur",
    "No console has this name here": "Aucune console n'a ce nom ici",
    # what comes and goes at length
    "Only the base that is loaded in the planning is yours to take":
        "Vous ne pouvez récupérer que la base chargée dans le planning",
    "there is no base in {planning}: load one first": "il n'y a pas de base dans {planning} : chargez-en une d'abord",
    "There is no task {task}, or no more: `hp task list` shows those there are":
        "Il n'y a pas de tâche {task}, ou plus : `hp task list` montre celles qu'il y a",
    "There is no task {task}, or no more: `hp task list --all` shows those there are":
        "Il n'y a pas de tâche {task}, ou plus : `hp task list --all` montre celles qu'il y a",
    "This task cannot be cancelled: it is over, or nothing of it could be taken back":
        "Cette tâche ne s'annule pas : elle est terminée, ou rien n'en pourrait être repris",
    "the copy does not hold what the base holds": "la copie ne contient pas ce que contient la base",
    "{count} copies are there or under way: fetch one, or cancel one":
        "{count} copies sont prêtes ou en cours : téléchargez-en une, ou annulez-en une",
    "Nothing is taken in here under this number: send the file again":
        "Rien n'est reçu ici sous ce numéro : envoyez le fichier à nouveau",
    "the file is empty: choose an exported base or a backup":
        "le fichier est vide : choisissez une base exportée ou une sauvegarde",
    "{left} MiB are free on the disk, {count} are needed": "il reste {left} Mio sur le disque, il en faut {count}",
    "nothing came any more: send the file again": "plus rien n'est arrivé : envoyez le fichier à nouveau",
    "It was cancelled: nothing of it is left": "C'est annulé : il n'en reste rien",
    "It was interrupted: do it again": "C'est interrompu : recommencez",
    "the form ended before its end: send the file again":
        "l'envoi s'est arrêté avant la fin : envoyez le fichier à nouveau",
    "a form with a file was expected": "un formulaire avec un fichier était attendu",
    "the form has too many parts": "le formulaire a trop de parties",
    "the form cannot be read": "le formulaire ne peut pas être lu",
    "a field of the form is too long": "un champ du formulaire est trop long",
    "The length of the form must be told before it is sent":
        "La longueur du formulaire doit être dite avant son envoi",
    "no file was chosen": "aucun fichier n'a été choisi",
    "The upload was cancelled: nothing of it is left": "L'envoi est annulé : il n'en reste rien",
    "There is no copy to fetch, or no more: ask for another one":
        "Il n'y a pas de copie à télécharger, ou plus : demandez-en une autre",
    "The browser went away: nothing of the file is left": "Le navigateur est parti : il ne reste rien du fichier",
    "The session is over: nothing of the file is left": "La session est terminée : il ne reste rien du fichier",
    "the file was not taken in": "le fichier n'a pas été reçu",
    # delegated sign-in
    "{what} is no address of a service: write it as https://host/path":
        "{what} n'est pas l'adresse d'un service : écrivez-la comme https://hôte/chemin",
    "{what} is no protocol of delegated sign-in: cas":
        "{what} n'est pas un protocole d'authentification déléguée : cas",
    "{what} is none of always, superadmins": "{what} n'est ni always ni superadmins",
    "{what} is no name of an attribute": "{what} n'est pas le nom d'un attribut",
    "there is no configuration {what} of delegated sign-in":
        "il n'y a pas de configuration {what} d'authentification déléguée",
    "the authority is no certificate of an authority in PEM":
        "l'autorité n'est pas un certificat d'autorité au format PEM",
    "An account has {count} configurations at most: remove one":
        "Un compte a {count} configurations au plus : supprimez-en une",
    "The authority holds no certificate in PEM": "L'autorité ne contient aucun certificat au format PEM",
    "The controller is in service: delegated sign-in changes while it is stopped":
        "Le contrôleur est en service : l'authentification déléguée se modifie quand il est arrêté",
    "Passwords of this server are for superadministrators now: sign in with {name}":
        "Le mot de passe de ce serveur est réservé aux superadministrateurs : connectez-vous avec {name}",
    "The identity provider does not answer as it must: {why}":
        "Le service d'authentification ne répond pas comme il le faut : {why}",
    "no whole answer in time": "pas de réponse entière à temps",
    "its certificate is not trusted: {reason}": "son certificat n'est pas de confiance : {reason}",
    "an answer of more than {count} bytes": "une réponse de plus de {count} octets",
    "the answer is cut": "la réponse est coupée",
    "status {count}": "statut {count}",
    "neither a success nor a failure of CAS": "ni un succès ni un échec de CAS",
    "The service you signed in at does not vouch for somebody who may come in here":
        "Cette connexion n'est celle d'aucune personne qui puisse entrer ici",
    "Too many people sign in elsewhere at this moment": "Trop de gens se connectent ailleurs en ce moment",
    "This way of signing in is not offered any more: sign in again":
        "Cette façon de se connecter n'est plus proposée : connectez-vous à nouveau",
}  # fmt: skip
"""English sentence -> French, with the same holes."""
