"""What is said of accounts, plannings, bases on disk, branches, backups and settings, in French."""

from typing import Final

SENTENCES: Final = {
    "Nothing can be changed here now": "Rien ne peut être modifié ici pour le moment",
    "Another command of this machine changes the account":
        "Une autre commande de cette machine modifie le compte",
    "there is no base in {path}": "il n'y a pas de base dans {path}",
    "no deleted base is called {base}: `hp base trash` lists them":
        "aucune base supprimée ne s'appelle {base} : `hp base trash` les montre",
    "another process reads {file}: try again": "un autre processus lit {file} : réessayez",
    "{base} is a branch: its base knows it by its name": "{base} est une branche : sa base la connaît par son nom",
    "{base} has branches: {names}; take them over or drop them first":
        "{base} a des branches : {names} ; reprenez-les ou oubliez-les d'abord",
    # names and addresses
    "{what} is taken: {why}": "{what} est déjà pris : {why}",
    "the controller of {domain} answers for it": "le contrôleur de {domain} y répond",
    "it is a name of the planning {planning}": "c'est un nom du planning {planning}",
    "it is below the domain {domain}": "c'est sous le domaine {domain}",
    "{what} is no IP address: write one as 192.0.2.10": "{what} n'est pas une adresse IP : écrivez-la comme 192.0.2.10",
    "this machine knows no address of its own: say which one clients reach it by":
        "cette machine ne se connaît pas d'adresse : dites par laquelle les clients la joignent",
    "there is a planning {planning} already": "il y a déjà un planning {planning}",
    "the controller of {domain} is in service: `hp controller stop` first":
        "le contrôleur de {domain} est en service : `hp controller stop` d'abord",
    "{folder} holds something already: name a new folder":
        "{folder} contient déjà quelque chose : donnez un nouveau dossier",
    "there is nothing of {user} to take back: say whose (--user) or which (--revision, `hp base history`)":
        "rien à annuler de {user} : dites de qui (--user), ou laquelle (--revision, voir `hp base history`)",
    "{what} is what all profiles of one type are called": "{what} désigne tous les profils d'un même type",
    # accounts, plannings, bases
    "there is no account yet: create one with `hp hosting create`":
        "il n'y a pas encore de compte : créez-en un avec `hp hosting create`",
    "there are several accounts: name one by its number or domain":
        "il y a plusieurs comptes : désignez-en un par son numéro ou son domaine",
    "no account has the number or domain {what}": "aucun compte n'a le numéro ou le domaine {what}",
    "there is no planning {what} in {where}": "il n'y a pas de planning {what} dans {where}",
    "there is no user {what} in {where}": "il n'y a pas d'utilisateur {what} dans {where}",
    "there is no base {what} in {where}": "il n'y a pas de base {what} dans {where}",
    "{what} has no base: create or load one first": "{what} n'a pas de base : créez-en ou chargez-en une d'abord",
    "{what} is in service": "{what}",
    "the base {what} is loaded in {where}": "la base {what} est chargée dans {where}",
    "{what} is loaded in {where}: load another base there first":
        "{what} est chargée dans {where} : chargez-y d'abord une autre base",
    "there is a base {what} already: choose another name, or --replace":
        "il y a déjà une base {what} : choisissez un autre nom, ou --replace",
    "there is a base {what} already: choose another name": "il y a déjà une base {what}",
    "there is a base {what} already": "il y a déjà une base {what}",
    "an account has at most {count} bases": "un compte a au plus {count} bases",
    "the login is taken already": "cet identifiant sert déjà",
    "the domain is taken already": "ce domaine sert déjà",
    "the {what} is taken already": "{what} sert déjà",
    "there is no template {what}": "il n'y a pas de modèle {what}",
    "there is no such {what}": "il n'y a pas de {what} de ce nom",
    "nothing can be started as {what}": "rien ne peut être démarré sous le nom {what}",
    "{what} is still {state}: look at the agent's log":
        "{what} en est encore à {state} : regardez le journal de l'agent",
    "{what} stays failed: look at the agent's log": "{what} reste en échec : regardez le journal de l'agent",
    "no agent answers on this machine: start it with `hp agent`": "démarrez-le avec `hp agent`",
    "The agent of this installation runs already: process {count}":
        "L'agent de cette installation tourne déjà : processus {count}",
    "The agent answers GetStatus and Wake": "L'agent ne répond qu'à GetStatus et Wake",
    "The process that starts the others could not start: see the lines above":
        "Le processus qui démarre les autres n'a pas pu démarrer : voyez les lignes plus haut",
    "The process that starts the others cannot start: see the lines above":
        "Le processus qui démarre les autres ne peut pas démarrer : voyez les lignes plus haut",
    "A child reports, and says nothing else": "Un processus enfant rend compte, et ne dit rien d'autre",
    "TCP port {count} on {host} {why}": "port TCP {count} sur {host} : {why}",
    "another process serves {what}": "un autre processus sert {what}",
    # history, branches, grids
    "there is no revision {count}: the base is at {count_now}":
        "il n'y a pas de révision {count} : la base est à la {count_now}",
    "there is no revision {count}": "il n'y a pas de révision {count}",
    "this is another base: begin with a snapshot":
        "c'est une autre base : repartez d'un instantané",
    "the base was put back: revision {count} is the last that still stands":
        "la base a été restaurée : la révision {count} est la dernière qui vaut encore",
    "revision {count} took nothing back: there is nothing to do again":
        "la révision {count} n'a rien annulé : il n'y a rien à rétablir",
    "more than {count} transactions changed the same since revision {count_then}: restore the objects instead":
        "plus de {count} transactions ont modifié la même chose depuis la révision {count_then} : restaurez les objets",
    "more than {count} transactions changed it since revision {count_then}":
        "plus de {count} transactions l'ont modifié depuis la révision {count_then}",
    "{what} is no revision and no moment: write 1234 or '2026-11-24 10:00'":
        "{what} n'est ni une révision ni un moment : écrivez 1234 ou « 2026-11-24 10:00 »",
    "taking {what} over would put somebody in two places at once: force it, or change it":
        "reprendre {what} mettrait quelqu'un à deux endroits à la fois : forcez, ou modifiez la branche",
    "{base} took {branch} over at revision {count}, and was interrupted before the branch knew: let it know "
    "(`branch refresh --revision {count_last}`), or take that back (`undo --revision`)":
        "{base} a repris {branch} à la révision {count}, puis a été interrompue avant que la branche le sache : "
        "faites-le-lui savoir (`branch refresh --revision {count_last}`), ou annulez cela (`undo --revision`)",
    "{branch} is a branch of {base}, not of {other}": "{branch} est une branche de {base}, pas de {other}",
    "revision {count} took nothing of {branch} over": "la révision {count} n'a rien repris de {branch}",
    "{what} is no branch of another base": "{what} n'est la branche d'aucune base",
    "{what} is no branch of {base}, which {where} serves": "{what} n'est pas une branche de {base}, que {where} sert",
    "{what} does not say where the branch comes from: {why}": "{what} ne dit pas d'où vient la branche : {why}",
    "the branch {what} is in service itself": "la branche {what} est elle-même en service",
    "{base} has another grid now, without the place or weeks of {objects} in {branch}: move them there first":
        "{base} a une autre grille, sans la place ni les semaines de {objects} dans {branch} : déplacez-les d'abord",
    "{objects} in {branch}: move them there first": "{objects} dans {branch} : déplacez-les d'abord",
    "{branch} is a branch: change the grid of {base}, then bring the branch up to date, or drop it":
        "{branch} est une branche : changez la grille de {base}, puis mettez la branche à jour, ou supprimez-la",
    "{count} losses: look at them, and ask again if they are meant":
        "{count} perte(s) : regardez-les, puis recommencez si elles sont voulues",
    "{what} was brought onto another grid {count} times: drop the former ones":
        "{what} a changé {count} fois de grille : supprimez les anciennes",
    "row {count} has format {count_format}, this program reads {count_known}: upgrade it":
        "la ligne {count} est au format {count_format}, ce programme lit le {count_known} : mettez-le à jour",
    "row {count} of the journal does not fit the base: {why}":
        "la ligne {count} du journal ne va pas à la base : {why}",
    "the history of the document does not lead to its base": "l'historique du document ne mène pas à sa base",
    # files, uploads, backups
    "{count} clashes or broken rules: nothing was written; --force accepts them":
        "{count} conflit(s) ou contrainte(s) non respectée(s) : rien n'a été écrit ; --force les accepte",
    "{path} is no X25519 key: make one with `hp base backup-key`":
        "{path} n'est pas une clé X25519 : faites-en une avec `hp base backup-key`",
    "{path} is no private key for backups, or its passphrase is another one":
        "{path} n'est pas la clé privée de sauvegardes, ou sa phrase secrète est une autre",
    "the backup is damaged, or sealed for another key":
        "la sauvegarde est abîmée, ou scellée pour une autre clé",
    "{path} is the record of a backup: name the backup itself, {name}":
        "{path} est la fiche d'une sauvegarde : nommez la sauvegarde elle-même, {name}",
    "{path} is sealed: give the private key with --key": "{path} est scellée : donnez la clé privée avec --key",
    "the backup does not hold what the base holds": "la sauvegarde ne contient pas ce que la base contient",
    "the disk does not give back what was written": "le disque ne rend pas ce qui a été écrit",
    "this is no file of at most {count} bytes": "ce n'est pas un fichier d'au plus {count} octets",
    "the file needs more time or memory than a file may, or is made to do harm":
        "le fichier demande trop de temps ou de mémoire, ou est fait pour nuire",
    "the file needs more time or memory than a file may": "le fichier demande trop de temps ou de mémoire",
    "the file needs more memory than a file may": "le fichier demande trop de mémoire",
    "the file is made to do harm": "le fichier est fait pour nuire",
    "the file could not be read in {seconds} s": "le fichier n'a pas pu être lu en {seconds} s",
    "{count} bytes at {count_at}, when {count_there} of {count_all} are there":
        "{count} octets à {count_at}, alors que {count_there} sur {count_all} sont là",
    "a file of {count} bytes: from 1 to {count_most} can be sent":
        "un fichier de {count} octets : de 1 à {count_most} peuvent être envoyés",
    "{count} uploads are under way: finish or cancel one": "{count} envoi(s) en cours : terminez ou annulez-en un",
    "{count} bytes, and {count_left} are left of the quota": "{count} octets, et il en reste {count_left} du quota",
    "the disk refused: {why}": "le disque refuse : {why}",
    "no space is left on the disk": "le disque est plein",
    "nothing is left of that upload: start it again": "il ne reste rien de cet envoi : recommencez-le",
    "that operation is another upload": "cette opération est un autre envoi",
    "{count} chunks wait for the disk: wait for their answers": "{count} morceau(x) attendent le disque : patientez",
    "there is no such upload here: start it again": "il n'y a pas d'envoi de ce nom ici : recommencez-le",
    "the upload was cancelled": "l'envoi a été annulé",
    "an entry is not as it was written": "un événement n'est pas tel qu'il a été écrit",
    "an entry is missing": "il manque un événement",
    "entries are missing at the end": "il manque des événements à la fin",
    "there is no device with the number or serial {what}":
        "il n'y a pas d'appareil de numéro ou de numéro de série {what}",
    "the audit log is broken at {count}: {why}": "le journal d'audit est rompu à la ligne {count} : {why}",
    "internal error: the server's log says more": "erreur interne : le journal du serveur en dit plus",
    # settings of this machine
    "{path} asks for a cost that is not approved: remove it, the usual one is taken then":
        "{path} demande un coût qui n'est pas admis : supprimez-le, le coût habituel sera pris",
    "{path} cannot be read: remove it, the usual cost is taken then":
        "{path} ne se lit pas : supprimez-le, le coût habituel sera pris",
    "The run directory {path} is too long for Unix sockets: set HP_RUN to a path of at most {count} bytes":
        "Le dossier {path} est trop long pour des sockets Unix : mettez dans HP_RUN un chemin d'au plus {count} octets",
    "{path} is too long for a Unix socket ({count} bytes): set HP_RUN to a shorter path":
        "{path} est trop long pour une socket Unix ({count} octets) : mettez dans HP_RUN un chemin plus court",
    "{path}: ports.first is above ports.last": "{path} : ports.first est plus grand que ports.last",
    "{path} is not a directory of this user: remove it":
        "{path} n'est pas un dossier de cet utilisateur : supprimez-le",
    "Others may enter {path}: run `chmod 700 {path}`":
        "D'autres peuvent entrer dans {path} : lancez `chmod 700 {path}`",
    "{what} cannot name a file": "{what} ne peut pas nommer un fichier",
    "HP_STATE and HP_RUN must be absolute paths, not {path}":
        "HP_STATE et HP_RUN doivent être des chemins absolus, et non {path}",
    "There is no mail relay: set host and sender under [mail]":
        "Il n'y a pas de relais de courriel : renseignez host et sender dans [mail]",
    "mail.ca_file holds no certificate": "mail.ca_file ne contient pas de certificat",
    "mail.password_file cannot be read": "mail.password_file ne se lit pas",
    "mail.sender is no address that letters can come from": "mail.sender n'est pas une adresse d'expéditeur",
    "Others may read the password: run `chmod 600 {path}`":
        "D'autres peuvent lire le mot de passe : lancez `chmod 600 {path}`",
    "no letter can be written to this address": "aucun courriel ne peut être écrit à cette adresse",
    "Too many letters wait for the mail relay": "Trop de courriels attendent le relais",
    "Too many codes were asked for from here": "Trop de codes ont été demandés depuis ici",
    "The letter could not be kept": "Le courriel n'a pas pu être gardé",
    "The mail relay did not take the letter": "Le relais n'a pas pris le courriel",
    "The mail relay refuses this letter": "Le relais refuse ce courriel",
    "{path} cannot be read: {why}": "{path} ne se lit pas : {why}",
    "{path} cannot be written: {why}": "{path} ne s'écrit pas : {why}",
    "{path} cannot be made: {why}": "{path} ne peut pas être créé : {why}",
    "HP_CONFIG names {path}, which does not exist": "HP_CONFIG nomme {path}, qui n'existe pas",
    "{setting}: {why} - at `{path}`": "{setting} : {why}",
    "No such file or directory": "ce fichier ou ce dossier n'existe pas",
    "Permission denied": "accès refusé",
    "Is a directory": "c'est un dossier",
    "Not a directory": "ce n'est pas un dossier",
    "File exists": "le fichier existe déjà",
    "Read-only file system": "le système de fichiers est en lecture seule",
    "No space left on device": "le disque est plein",
    "Address already in use": "l'adresse est déjà prise",
    "{path} must hold one line: the secret": "{path} doit tenir en une ligne : le secret",
    "{path} is no text in UTF-8": "{path} n'est pas un texte en UTF-8",
    "{path} holds something else than a demo: choose another --state":
        "{path} contient autre chose qu'une démonstration : choisissez un autre --state",
    "No {count} free ports in a row from {count_first} to {count_last}":
        "Pas {count} ports libres de suite de {count_first} à {count_last}",
    "The agent does not start; its last words are in {path}":
        "L'agent ne démarre pas ; ses derniers mots sont dans {path}",
    "{what} is not in service; the log is in {path}": "{what} n'est pas en service ; le journal est dans {path}",
    "{what} failed: {why}; the log is in {path}": "{what} a échoué : {why} ; le journal est dans {path}",
    "a clash was accepted": "un conflit a été accepté",
    "a conflict went unseen": "une modification simultanée est passée inaperçue",
    "no activity can be moved in this base": "aucun cours ne peut être déplacé dans cette base",
    "no two activities share an instructor in this base": "aucun enseignant n'a deux cours dans cette base",
    "no activity has a choice of rooms in this base": "aucun cours n'a le choix de la salle dans cette base",
    # what is typed
    "there is no {kind} of the key or name {what}": "il n'y a pas de {kind} de cette clé ou de ce nom : {what}",
    "{what} may be {count} of kind {kind}: {choices}": "{what} peut être {count} objets ({kind}) : {choices}",
    "{count} minutes are no whole steps of {count_step}": "{count} minutes ne font pas des pas entiers de {count_step}",
    "the timetable has weeks 1 to {count}": "l'emploi du temps a les semaines 1 à {count}",
    "activity {key} does not fit within a working day there": "le cours {key} n'y tient pas dans une journée ouvrée",
    "{kind} has no field {what}: one of {fields}": "{kind} n'a pas de champ {what} : {fields}",
    "a value is needed": "il faut une valeur",
    "{what} is no field=value": "{what} ne s'écrit pas CHAMP=VALEUR",
    "{field} is given twice": "{field} est donné deux fois",
    "weeks: {why}": "semaines : {why}",
    "{kind} needs {fields}": "{kind} : il manque {fields}",
    "{kind} needs exactly one of {fields}": "{kind} : il faut exactement un de {fields}",
    "a meeting is what differs in a week of its activity: use cancel, move, assign-room or lock with --weeks":
        "une séance est ce qui diffère dans une semaine de son cours : utilisez cancel, move, assign-room ou lock "
        "avec --weeks",
    "{what} is no date: write it as 2026-11-24 or 24/11/2026":
        "{what} n'est pas une date : écrivez 24/11/2026 ou 2026-11-24",
    "{what} is no day and hour: write it as 'tue 10:00' or '2026-11-24 10:00'":
        "{what} n'est pas un jour et une heure : écrivez « mardi 10h00 » ou « 24/11/2026 10:00 »",
    "{date} is outside the timetable, {date_first} to {date_last}":
        "{date} est hors de l'emploi du temps, du {date_first} au {date_last}",
    "week {what} is not one of the weeks 1 to {count}": "la semaine {what} n'est pas parmi les semaines 1 à {count}",
    "the keys in {what} cannot be removed: remove them":
        "les clés de {what} ne peuvent pas être supprimées : supprimez-les",
    "{what} cannot be removed: remove it": "{what} ne peut pas être supprimé : supprimez-le",
}  # fmt: skip
"""English -> French."""
