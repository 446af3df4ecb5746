"""What is said of rights, names, passwords, certificates and connections, in French."""

from typing import Final

SENTENCES: Final = {
    # rights
    "the profile {profile} may not change {kind} {key}: {why}. Ask an administrator of the planning":
        "le profil {profile} ne permet pas de modifier {kind} {key} : {why}",
    "the profile {profile} may not {why}. Ask an administrator of the planning":
        "le profil {profile} ne permet pas de {why}",
    "bring in or list bases": "apporter des bases ni de les lister",
    "bring in files": "apporter des fichiers",
    "There is such a template: a superadministrator may replace it":
        "Ce modèle existe déjà : un superadministrateur peut le remplacer",
    "Too much was asked in this minute": "Trop de demandes en une minute",
    "Your account is not what it was: sign in again": "Votre compte n'est plus ce qu'il était : reconnectez-vous",
    "take branches over": "reprendre des branches",
    "put anything where it clashes": "placer quoi que ce soit en conflit",
    "take back what {who} did": "annuler ce qu'a fait {who}",
    "changing objects of that kind is not among its rights":
        "modifier les objets de ce genre n'est pas parmi ses droits",
    "it is, or would be, outside the categories of that profile":
        "cela est, ou serait, hors des rubriques de ce profil",
    "it is not for that profile": "ce n'est pas pour ce profil",
    "{kind} {key} is tied to something that the profile {profile} may not see. Ask an administrator of the planning":
        "{kind} {key} est lié à quelque chose que le profil {profile} ne voit pas",
    "revision {revision} changed something that the profile {profile} may not see":
        "la révision {revision} a changé quelque chose que le profil {profile} ne voit pas",
    "{why}. Ask an administrator of the planning": "{why}. Demandez à un administrateur du planning",
    "no right is known for {what}": "aucun droit n'est connu pour {what}",
    "the history is for profiles that see the whole base: {profile} sees a part of it":
        "l'historique est pour les profils qui voient toute la base : {profile} en voit une partie",
    "the profile {profile} does not edit": "le profil {profile} ne permet aucune modification",
    "rights take at most {count} bytes": "des droits font au plus {count} octets",
    "not rights: {why}": "ce ne sont pas des droits : {why}",
    "this user has no profile in this planning": "cet utilisateur n'a pas de profil dans ce planning",
    "there is no profile {what} in {where}": "il n'y a pas de profil {what} dans {where}",
    "the profile {what} exists already in {where}": "le profil {what} existe déjà dans {where}",
    "a planning has at most {count} profiles": "un planning a au plus {count} profils",
    "{count} users have the profile {what}: give them another":
        "{count} utilisateur(s) ont le profil {what} : donnez-leur-en un autre",
    "every planning has the profile {what}: it cannot be changed":
        "tout planning a le profil {what} : il ne se modifie pas",
    "{who} has no profile in {where}": "{who} n'a pas de profil dans {where}",
    "{who} is of another account": "{who} est d'un autre compte",
    "{who} has the status of a plain user: Administration is for administrators":
        "{who} a le statut de simple utilisateur : Administration est pour les administrateurs",
    # administration
    "Your status does not allow this: ask a superadministrator":
        "Votre statut ne le permet pas : demandez à un superadministrateur",
    "This base was last in a planning that you do not administer: a superadministrator loads it":
        "Cette base était en dernier dans un planning que vous n'administrez pas : un superadministrateur la charge",
    "The code is not right, or no longer": "Le code n'est pas le bon, ou ne l'est plus",
    "No code can be sent to you: ask an administrator for another PIN":
        "Aucun code ne peut vous être envoyé : demandez un autre code PIN à un administrateur",
    "The password is asked for again before this": "Le mot de passe est redemandé avant cela",
    "places are reserved for a profile, not for a type": "des places se réservent pour un profil, pas pour un type",
    "no more places can be reserved than there are": "on ne réserve pas plus de places qu'il n'y en a",
    "This is the last superadministrator: make another one first":
        "C'est le dernier superadministrateur : faites-en un autre d'abord",
    "{what} is no language of letters: fr or en": "{what} n'est pas une langue de courriel : fr ou en",
    "{what} is no status: {among}": "{what} n'est pas un statut : {among}",
    "{what} is no security measure: none, notification or pin":
        "{what} n'est pas une mesure de sécurité : none, notification ou pin",
    "a user has a family name": "un utilisateur a un nom de famille",
    "{what} is no e-mail address": "{what} n'est pas une adresse électronique",
    "who uses the console has an e-mail address": "qui utilise la console a une adresse électronique",
    "{who} has the profile Administration in {where}: give another one first":
        "{who} a le profil Administration dans {where} : donnez-en d'abord un autre",
    "The ParamClient file speaks for another school than the one that signed it":
        "Le fichier ParamClient parle pour un autre établissement que celui qui l'a signé",
    "A device renews the certificate it connects with":
        "Un appareil renouvelle le certificat avec lequel il se connecte",
    "A certificate is renewed for the key it has": "Un certificat se renouvelle pour la clé qu'il a",
    "It is too early to renew this certificate": "Il est trop tôt pour renouveler ce certificat",
    "A ParamClient file speaks for the account that signs it":
        "Un fichier ParamClient parle pour le compte qui le signe",
    "This school had its certificates of this minute": "Cet établissement a eu ses certificats de cette minute",
    "Too many certificates are being signed": "Trop de certificats sont en cours de signature",
    "a table of users has at most {count} MB": "une liste d'utilisateurs fait au plus {count} Mo",
    "a table of users has at most {count} lines": "une liste d'utilisateurs a au plus {count} lignes",
    "the first line names no column of logins: Identifiant, or Login":
        "la première ligne ne nomme pas de colonne d'identifiants : Identifiant, ou Login",
    "{what} is not written planning=profile": "{what} ne s'écrit pas planning=profil",
    "not a table: {why}": "ce n'est pas un tableau : {why}",
    "the operator is no user: give a login": "l'opérateur n'est pas un utilisateur : donnez un identifiant",
    "{what} is no status": "{what} n'est pas un statut",
    "{what} is too long": "{what} est trop long",
    "a new user has a family name": "un nouvel utilisateur a un nom de famille",
    "{what} is neither yes nor no": "{what} n'est ni oui ni non",
    "repair these lines first": "corrigez d'abord ces lignes",
    "some lines were not understood": "des lignes n'ont pas été comprises",
    "This ParamClient file is of another installation: if that is right, remove {path} first":
        "Ce fichier ParamClient est d'une autre installation : si c'est voulu, supprimez d'abord {path}",
    "The next certificate is not for this device's key":
        "Le certificat suivant n'est pas pour la clé de cet appareil",
    "The certificate of this device ended on {date}: enrol it again with a new ParamClient file":
        "Le certificat de cet appareil s'est terminé le {date} : inscrivez-le à nouveau avec un nouveau ParamClient",
    # signing in
    "A measure was chosen for this account meanwhile: sign in again": (
        "Une mesure a été choisie entre-temps pour ce compte : reconnectez-vous"
    ),
    "The school does not allow this measure": "L'établissement ne permet pas cette mesure",
    "The login or the password is not right": "L'identifiant ou le mot de passe n'est pas le bon",
    "Too many failures": "Trop d'échecs",
    "too many attempts": "trop de tentatives",
    "The PIN is not right": "Le code PIN n'est pas le bon",
    "this device is not registered: the PIN is needed": "cet appareil n'est pas enregistré : il faut le code PIN",
    "A login has 1 to {count} characters, all of which can be seen":
        "Un identifiant a de 1 à {count} caractères, tous visibles",
    "A PIN is {count} to {count_most} digits": "Un code PIN a de {count} à {count_most} chiffres",
    "The PIN is one of those tried first: a date, a year, a run, a figure":
        "Ce code PIN est de ceux qu'on essaie d'abord : une date, une année, une suite, une figure",
    "The new password is the old one": "Le nouveau mot de passe est l'ancien",
    "The password was good for a time that is over: ask for another one":
        "Le mot de passe valait pour un temps qui est passé : demandez-en un autre",
    "A password needs more: {why}": "Il manque au mot de passe : {why}",
    "at least 12 characters": "au moins 12 caractères",
    "at least one letter": "au moins une lettre",
    "at least one digit": "au moins un chiffre",
    "at least one special character": "au moins un caractère spécial",
    "upper and lower case letters": "des majuscules et des minuscules",
    "more than four different characters": "plus de quatre caractères différents",
    "not a common password": "pas un mot de passe courant",
    "not just a name known here": "pas seulement un nom connu ici",
    "{who} is the last administrator of {where}": "{who} est le dernier administrateur de {where}",
    "Your own password and measure are changed with `hp client password` and `hp client measure`":
        "Votre mot de passe et votre mesure se changent avec `hp client password` et `hp client measure`",
    "Nobody shuts themselves out": "Personne ne s'exclut soi-même",
    "Nobody gives themselves the profile Administration": "Personne ne se donne le profil Administration",
    "A password has at most {count} characters": "Un mot de passe a au plus {count} caractères",
    "Too many passwords are being checked": "Trop de mots de passe sont en cours de contrôle",
    "The ticket is for another planning or epoch": "Le ticket est pour un autre planning ou une autre époque",
    "The ticket is admitted already": "Le ticket est déjà admis",
    "Too many tickets wait to be spent": "Trop de tickets attendent leur usage",
    "The ticket was used, is too old, or is not yours": "Le ticket a servi, est trop ancien, ou n'est pas le vôtre",
    "there is no session with the controller: connect and log in first":
        "il n'y a pas de session avec le contrôleur : connectez-vous d'abord",
    "this user must choose a security measure first": "cet utilisateur doit d'abord choisir une mesure de sécurité",
    "this user must change the password first": "cet utilisateur doit d'abord changer son mot de passe",
    "log in first": "connectez-vous d'abord",
    "No valid login within {count} s": "Pas de connexion valable en {count} s",
    "The session has lasted its time": "La session a duré son temps",
    "Nothing was done in this session for too long": "Rien n'a été fait dans cette session depuis trop longtemps",
    "This user has more than {count} sessions: the oldest one was closed":
        "Cet utilisateur a plus de {count} sessions : la plus ancienne a été fermée",
    "This session was closed, by you elsewhere or by an administrator":
        "Cette session a été fermée, par vous ailleurs ou par un administrateur",
    "There is no such session": "Il n'y a pas de telle session",
    "Say whose sessions are to be closed": "Dites de qui fermer les sessions",
    "There is no such device": "Il n'y a pas de tel appareil",
    "There is no such device for this user": "Cet utilisateur n'a pas enregistré cet appareil",
    "The device is not registered for you alone: ask a superadministrator":
        "Cet appareil n'est pas enregistré pour vous seul : demandez à un superadministrateur",
    "{what} is none of none, notify, force": "{what} n'est ni none, ni notify, ni force",
    "Places of the profile {name}: {count}, taken by {who}": "places du profil {name} : {count}, prises par {who}",
    "Places of the profile {name}: {count}": "places du profil {name} : {count}",
    "Places of this planning: {count}, taken by {who}": "places de ce planning : {count}, prises par {who}",
    "Places of this planning: {count}": "places de ce planning : {count}",
    "Too many are coming in": "Trop de monde arrive à la fois",
    "No longer trusted": "N'a plus la confiance d'ici",
    "A device has a name": "Un appareil a un nom",
    "The device is not known here": "L'appareil n'est pas connu ici",
    "There is no such planning for you: an administrator lets you in (`hp user assign`), superadmins too":
        "Il n'y a pas de tel planning pour vous : un administrateur vous y fait entrer (`hp user assign`), "
        "même un superadministrateur",
    "You have no profile in any planning: an administrator gives one with `hp user assign`":
        "Vous n'avez de profil dans aucun planning : un administrateur en donne un avec `hp user assign`",
    # names
    "{what} is no domain name": "{what} n'est pas un nom de domaine",
    "{what} has a character that no domain name has": "{what} a un caractère qu'aucun nom de domaine n'a",
    "{what} is read in two ways by programs: write it without that letter":
        "{what} est lu de deux façons selon les programmes : écrivez-le sans cette lettre",
    "{what} is a name of the server itself: choose another one":
        "{what} est un nom du serveur lui-même : choisissez-en un autre",
    "{what} is not below {where}: its certificate would not hold":
        "{what} n'est pas sous {where} : son certificat ne vaudrait pas",
    "the domain of an account has {count} characters at most":
        "le domaine d'un compte a au plus {count} caractère(s)",
    "{what} is an address, not a domain name": "{what} est une adresse, pas un nom de domaine",
    "a {noun} has 1 to {count} characters": "un nom ({noun}) a de 1 à {count} caractères",
    "a {noun} has no invisible character": "un nom ({noun}) n'a pas de caractère invisible",
    "{what} is no name for a {noun}": "{what} ne peut pas être un nom ({noun})",
    "a {noun} has {count} digits": "un numéro ({noun}) a {count} chiffres",
    "{count} ports wanted, {count_free} free from {count_first} to {count_last}":
        "{count} port(s) voulu(s), {count_free} libre(s) de {count_first} à {count_last}",
    "port {count} is taken, or not from {count_first} to {count_last}":
        "le port {count} est pris, ou n'est pas de {count_first} à {count_last}",
    # certificates
    "This device is enrolled already: remove {path} to enrol it again":
        "Cet appareil est déjà inscrit : supprimez {path} pour l'inscrire à nouveau",
    "The ParamClient file has no ticket: ask for one that enrols a device":
        "Le fichier ParamClient n'a pas de ticket : demandez-en un qui inscrit un appareil",
    "{path} has no {name} file: enrol this device with the one of your school":
        "{path} n'a pas de fichier {name} : inscrivez cet appareil avec celui de votre établissement",
    "A ParamClient file has at most {count} bytes": "Un fichier ParamClient fait au plus {count} octets",
    "The ParamClient file is of format {count}, this program reads {count_known}":
        "Le fichier ParamClient est au format {count}, ce programme lit le {count_known}",
    "The ParamClient file was changed since it was signed: ask for another one":
        "Le fichier ParamClient a été modifié depuis sa signature : demandez-en un autre",
    "This is not a ParamClient file: {why}": "Ce n'est pas un fichier ParamClient : {why}",
    "this account has no intermediate here": "ce compte n'a pas d'autorité intermédiaire ici",
    "the enrolment ticket is unknown, spent or too old": "le ticket d'inscription est inconnu, épuisé ou trop ancien",
    "The name of an installation has 1 to 64 bytes": "Le nom d'une installation a de 1 à 64 octets",
    "The certificate is not an account's intermediate": "Le certificat n'est pas celui d'un compte",
    "A server certificate names at least one host": "Le certificat d'un serveur nomme au moins une adresse",
    "A device key is letters, digits, '-' and '_'":
        "La clé d'un appareil est faite de lettres, chiffres, « - » et « _ »",
    "Only P-256 keys are certified": "Seules les clés P-256 sont certifiées",
    "A domain is lower-case labels of letters, digits and '-'":
        "Un domaine est fait de minuscules, de chiffres et de « - »",
    "The authority's certificate is not valid now: check the clock, or renew the authority":
        "Le certificat de l'autorité n'est pas valable maintenant : vérifiez l'horloge, ou renouvelez l'autorité",
    "The host is outside the account's domain": "L'adresse est hors du domaine du compte",
    "A server needs the intermediate of its account": "Un serveur a besoin de l'autorité intermédiaire de son compte",
    "The certificate and its key cannot be loaded: check both files, and that they belong together":
        "Le certificat et sa clé ne se chargent pas : vérifiez les deux fichiers, et qu'ils vont ensemble",
    "Others may enter the directory of keys: run `chmod 700 {path}`":
        "D'autres peuvent entrer dans le dossier des clés : lancez `chmod 700 {path}`",
    "Others may read the key: run `chmod 600 {path}`": "D'autres peuvent lire la clé : lancez `chmod 600 {path}`",
    "A file stands where the directory of keys must be": "Un fichier est là où doit être le dossier des clés",
    "The key is not an elliptic curve key": "La clé n'est pas une clé à courbe elliptique",
    "The passphrase of a key is empty": "La phrase secrète d'une clé est vide",
    "The key cannot be read: it is damaged, or its passphrase is missing, wrong or not needed":
        "La clé ne se lit pas : elle est abîmée, ou sa phrase secrète manque, est fausse ou de trop",
    "The certificates cannot be read": "Les certificats ne se lisent pas",
    "The key is missing, or is not a regular file": "La clé manque, ou n'est pas un simple fichier",
    "The key cannot be read": "La clé ne se lit pas",
    "The device's certificate is not accepted": "Le certificat de l'appareil n'est pas accepté",
    "Devices are identified by the intermediates of one account":
        "Les appareils sont reconnus par les autorités d'un seul compte",
    "The request is too long": "La demande est trop longue",
    "The request is signed with a weak hash": "La demande est signée avec un condensé trop faible",
    "The request is not signed by its own key": "La demande n'est pas signée par sa propre clé",
    "The request is not PKCS#10": "La demande n'est pas au format PKCS#10",
    "The request's key cannot be read": "La clé de la demande ne se lit pas",
    "The server's certificate is not trusted": "Le certificat du serveur n'a pas la confiance de cet appareil",
    "The server refused this device's certificate": "Le serveur a refusé le certificat de cet appareil",
    # the line
    "The line broke": "La ligne est coupée",
    "The line broke: {why}": "La ligne est coupée : {why}",
    "The server closed the line": "Le serveur a coupé la ligne",
    "The server is leaving: connect again": "Le serveur s'arrête : reconnectez-vous",
    "this server is leaving: connect again": "ce serveur s'arrête : reconnectez-vous",
    "The controller is leaving: connect again": "Le contrôleur s'arrête : reconnectez-vous",
    "The line is closed": "La ligne est fermée",
    "The server does not answer": "Le serveur ne répond pas",
    "No answer in {seconds} s": "Pas de réponse en {seconds} s",
    "The transfer brought nothing in {seconds} s": "Le transfert n'a rien apporté en {seconds} s",
    "The server answers no ping": "Le serveur ne répond plus",
    "The peer answers no ping": "L'autre bout ne répond plus",
    "The server does not read": "Le serveur ne lit pas",
    "The deadline passed; a write may still happen": "Le délai est passé ; une écriture peut encore se faire",
    "The deadline passed; the request may still be done": "Le délai est passé ; la demande peut encore être faite",
    "More than {count} events waited to be read; some are lost":
        "Plus de {count} événements attendaient d'être lus ; il s'en est perdu",
    "{what} does not answer {other}": "{what} ne répond pas à {other}",
    "{what} may not be said in {state}": "{what} ne peut pas être dit à ce moment ({state})",
    "a planning session is entered once: make another one":
        "on entre une seule fois dans une session : ouvrez-en une autre",
    "The session was left": "La session a été quittée",
    "transaction {count} is missing": "il manque la transaction {count}",
    "transaction {count} does not fit: {why}": "la transaction {count} ne va pas : {why}",
    "the file became shorter while it was sent": "le fichier a raccourci pendant son envoi",
    "The planning is not in service now": "Le planning n'est pas en service",
}  # fmt: skip
"""English -> French."""
