"""Users of an account, and who may open which planning, from a shell."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from hpserver.administration.user_sheet import COLUMNS, Plan, read_sheet, write_sheet
from hpserver.cli.office.deed import Ask, Deed, every_row
from hpserver.cli.office.profiles import one_profile
from hpserver.cli.options import in_file, new_file
from hpserver.cli.running import read_secret, write_file
from hpserver.cli.screen import Screen, colon, instant, language, say, told_value, tr, word
from hpserver.cli.words.french.translate import in_french
from hpserver.errors import HPError, ImportRefusedError
from hpserver.protocol.catalogue import administration as w

STATUSES: Final = ("superadmin", "base_admin", "user")
LANGUAGES: Final = ("", "fr", "en")
MEASURES: Final = ("", "none", "notification", "pin")
PROGRESS_EVERY: Final = 25
"""Users added between two words about it: each takes the time of a password hash."""

NOTED: Final = ("title", "email", "phone", "mobile", "ldap", "cas", "wsfed", "saml")
"""What is noted of a user, each an option of its name."""

TITLES: Final[Mapping[str, tuple[str, str]]] = COLUMNS | {
    "user": ("Numéro", "Number"), "enabled": ("Actif", "Enabled"), "measure": ("Mesure", "Measure"),
    "must_change": ("Mot de passe à changer", "Must change the password"),
    "last_sign_in": ("Dernière connexion", "Last sign-in"), "language": ("Langue des courriels", "Language of mail"),
}  # fmt: skip
"""Field of a user -> what it is called on a screen, in French and English."""

login_argument = click.argument("login")
planning_argument = click.argument("planning")


async def list_users(screen: Screen, ask: Ask) -> None:
    """List the users."""
    titles = {
        "login": tr("Identifiant", "Login"), "name": tr("Nom", "Name"), "first_name": tr("Prénom", "First name"),
        "status": tr("Statut", "Status"), "measure": tr("Mesure", "Measure"), "enabled": tr("Actif", "Enabled"),
        "profiles": tr("Profils", "Profiles"),
    }  # fmt: skip
    rows = [{name: getattr(one, name) for name in titles} for one in await all_users(ask)]
    shown = [row | {"profiles": _profiles(row["profiles"])} for row in rows]
    screen.table(shown if screen.json else [_in_words(row) for row in shown], titles)


def _in_words(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as people read it."""
    return row | {name: word(str(row[name])) for name in ("status", "measure") if name in row}


async def show_user(screen: Screen, ask: Ask, login: str) -> None:
    """Show one user: yourself when no login is given."""
    page: w.Users = await ask(w.GetUser(login))
    [user] = page.rows
    value = msgspec.structs.asdict(user) | {"profiles": dict(user.profiles)}
    told = _in_words(value | {"profiles": _profiles(user.profiles), "last_sign_in": instant(user.last_sign_in / 1000)})
    titles = {name: tr(*TITLES[name]) if name in TITLES else name for name in told}
    colon = tr(" : ", ": ")
    lines = [f"{titles[name]}{colon}{told_value(one)}" for name, one in told.items() if one not in {"", None}]
    screen.show(value, "\n".join(lines))


async def add_user(
    screen: Screen, /, ask: Ask, login: str, profiles: tuple[str, ...],
    initial_password_file: Path | None, initial_pin_file: Path | None, **said: Any,
) -> None:  # fmt: skip
    """Add a user, and assign profiles. Without a password one is made, good for one sign-in within seven days."""
    if bool(initial_pin_file) != (said["measure"] == "pin"):
        raise click.UsageError(
            tr(
                "--measure pin et --initial-pin-file vont ensemble.",
                "--measure pin and --initial-pin-file go together.",
            )
        )
    given = [_assignment(one) for one in profiles]
    for planning, profile in given:  # nothing is kept before all can be
        await _check_profile(ask, planning, profile, said["status"])
    password, pin = read_secret(initial_password_file), read_secret(initial_pin_file)
    made: w.Issued = await ask(w.AddUser(login, password=password, pin=pin, **said))
    for planning, profile in given:
        await ask(w.Assign(planning, made.login, profile))
    screen.show(
        _issued(made) | {"status": said["status"]}, f"{made.login} ({word(said['status'])}){_told_password(made)}"
    )


async def change_user(screen: Screen, /, ask: Ask, login: str, **said: Any) -> None:
    """Change what is said of a user; what is not said stays."""
    if all(one is None for one in said.values()):
        raise click.UsageError(
            tr("rien à modifier : donnez au moins une option.", "nothing to change: give an option.")
        )
    done: w.Done = await ask(w.ChangeUser(login, **said))
    screen.show({"login": login, "closed": done.closed}, tr(f"{login} modifié.", f"{login} changed."))


async def enable_user(screen: Screen, ask: Ask, login: str) -> None:
    """Let a user in again."""
    await ask(w.SetUserEnabled(login, enabled=True))
    screen.show({"login": login, "enabled": True}, tr(f"{login} peut se connecter.", f"{login} may sign in."))


async def disable_user(screen: Screen, ask: Ask, login: str) -> None:
    """Let a user in no longer; their sessions are closed at once, everywhere."""
    done: w.Done = await ask(w.SetUserEnabled(login, enabled=False))
    told = tr(
        f"{login} ne peut plus se connecter ; sessions fermées : {done.closed}.",
        f"{login} may no longer sign in; sessions closed: {done.closed}.",
    )
    screen.show({"login": login, "enabled": False, "closed": done.closed}, told)


async def delete_user(screen: Screen, ask: Ask, login: str) -> None:
    """Forget a user, their profiles and registered devices."""
    done: w.Done = await ask(w.DeleteUser(login))
    screen.show({"login": login, "closed": done.closed}, tr(f"{login} supprimé.", f"{login} deleted."))


async def reset_password(screen: Screen, ask: Ask, login: str) -> None:
    """Make a password that is good for one sign-in within seven days, and open what failures locked."""
    made: w.Issued = await ask(w.ResetPassword(login))
    screen.show(_issued(made) | {"closed": made.closed}, f"{made.login}{_told_password(made)}")


async def reset_measure(screen: Screen, ask: Ask, login: str) -> None:
    """Have a user choose a security measure, and a PIN, at the next sign-in."""
    done: w.Done = await ask(w.ResetMeasure(login))
    told = tr(f"{login} choisira une mesure de sécurité.", f"{login} will choose a security measure.")
    screen.show({"login": login, "closed": done.closed}, told)


async def unlock(screen: Screen, ask: Ask, login: str) -> None:
    """Forget how often a user's password and PIN were tried in vain."""
    await ask(w.Unlock(login))
    screen.show({"login": login}, tr(f"{login} peut de nouveau essayer.", f"{login} may try again."))


async def assign(screen: Screen, ask: Ask, login: str, planning: str, profile: str) -> None:
    """Give a user a profile in a planning."""
    profile = (await one_profile(ask, planning, profile)).name
    done: w.Done = await ask(w.Assign(planning, login, profile))
    value = {"login": login, "planning": planning, "profile": profile, "closed": done.closed}
    screen.show(value, f"{login}{colon()}{planning} = {profile}")


async def unassign(screen: Screen, ask: Ask, login: str, planning: str) -> None:
    """Take a user's profile in a planning away; their sessions there are closed at once."""
    done: w.Done = await ask(w.Unassign(planning, login))
    told = tr(f"{login} n'a plus de profil dans {planning}.", f"{login} has no profile in {planning} any more.")
    screen.show({"login": login, "planning": planning, "closed": done.closed}, told)


async def list_assigned(screen: Screen, ask: Ask, planning: str) -> None:
    """List who may open a planning, and with which profile."""
    found = await every_row(ask, lambda last: w.ListAssignments(planning, last.login if last else ""))
    rows = [msgspec.structs.asdict(one) for one in found]
    titles = {
        "login": tr("Identifiant", "Login"), "name": tr("Nom", "Name"), "first_name": tr("Prénom", "First name"),
        "status": tr("Statut", "Status"), "enabled": tr("Autorisé", "Enabled"), "profile": tr("Profil", "Profile"),
    }  # fmt: skip
    screen.table(rows if screen.json else [_in_words(row) for row in rows], titles)


async def export_users(screen: Screen, ask: Ask, file: Path) -> None:
    """Write all users and their profiles as a table, which `import` reads; `-` for standard output."""
    found = await all_users(ask)
    write_file(file, write_sheet(found, language()), private=True)
    if str(file) != "-":
        told = tr(f"Utilisateurs écrits : {len(found)}", f"Users written: {len(found)}")
        screen.show({"file": str(file), "users": len(found)}, told)


async def import_users(screen: Screen, ask: Ask, file: Path, passwords: Path | None, *, dry_run: bool) -> None:
    """Add and change the users of a table; whom it does not name stays. See with --dry-run first what it would do.

    New users get passwords that are good for one sign-in within seven days, written to the file of --passwords.
    """
    plan = read_sheet(file.read_bytes(), await all_users(ask))
    _tell_plan(plan, every=dry_run and not screen.json)
    counts = {"added": len(plan.add), "changed": len(plan.change), "assigned": len(plan.assign), "same": plan.same}
    if plan.wrong and not dry_run:
        raise ImportRefusedError("repair these lines first", lines=len(plan.wrong))
    if plan.add and passwords is None and not dry_run:
        raise click.UsageError(
            tr("--passwords : où écrire les mots de passe des nouveaux.", "--passwords: where those of new users go.")
        )
    made = list[w.Issued]()
    if not dry_run:
        wishes = plan.wishes()
        for done, wish in enumerate(wishes, 1):
            try:
                outcome = await ask(wish)
            except HPError:
                _tell_stop(wish, done - 1, len(wishes), passwords if made else None)
                raise
            if isinstance(outcome, w.Issued):
                made.append(outcome)
                _write_passwords(passwords, made)
            if done % PROGRESS_EVERY == 0:
                say(f"{done} / {len(wishes)}")
    told = tr(
        "ajoutés {added}, modifiés {changed}, profils donnés {assigned}, inchangés {same}",
        "added {added}, changed {changed}, profiles given {assigned}, as they were {same}",
    )
    value = counts | {"wrong": len(plan.wrong), "ignored": plan.ignored, "dry_run": dry_run}
    screen.show(value, told.format(**counts))
    if plan.wrong:
        raise ImportRefusedError("some lines were not understood", lines=len(plan.wrong))


def _tell_stop(wish: w.AddUser | w.ChangeUser | w.Assign, done: int, of: int, passwords: Path | None) -> None:
    """Say where an import stopped, and what is left of it: what was done stays."""
    what = _planned(wish).strip()
    say(tr(
        f"Arrêté à : {what} ; ce qui était avant est fait ({done} sur {of}). Corrigez le fichier, puis "
        "importez-le encore : ce qui est fait n'est pas refait.",
        f"Stopped at: {what}; what came before is done ({done} of {of}). Correct the file, then import "
        "it again: what is done is not done twice.",
    ))  # fmt: skip
    if passwords is not None:
        say(tr(
            f"Les mots de passe de qui est déjà ajouté sont dans {passwords} : gardez ce fichier, donnez-en un autre.",
            f"The passwords of who was added are in {passwords}: keep that file, and give another one.",
        ))  # fmt: skip


def _tell_plan(plan: Plan, *, every: bool) -> None:
    """Say what of a table is not understood, and `every` wish it comes to."""
    if plan.ignored:
        titles = ", ".join(plan.ignored)
        say(tr(f"Colonnes inconnues, non reprises : {titles}", f"Unknown columns, not taken over: {titles}"))
    for one in plan.wrong:
        field, why = tr(*COLUMNS[one.field]), tr(in_french(one.text), one.text)
        say(tr(f"Ligne {one.line}, {field} : {why}", f"Line {one.line}, {field}: {why}"))
    for wish in plan.wishes() if every else ():
        say(_planned(wish))


def _planned(wish: w.AddUser | w.ChangeUser | w.Assign) -> str:
    """A line of what would be done."""
    if isinstance(wish, w.AddUser):
        return f"+ {wish.login}"
    if isinstance(wish, w.Assign):
        return f"  {wish.login}{tr(' : ', ': ')}{wish.planning} = {wish.profile}"
    said = msgspec.structs.asdict(wish)
    changed = [tr(*titles) for name, titles in COLUMNS.items() if name != "login" and said.get(name) is not None]
    return f"~ {wish.login}{tr(' : ', ': ')}{', '.join(changed)}"


async def all_users(ask: Ask) -> list[w.UserRow]:
    """Every user, page by page."""
    found: list[w.UserRow] = await every_row(ask, lambda last: w.ListUsers(last.login if last else ""))
    return found


def _write_passwords(file: Path | None, made: list[w.Issued]) -> None:
    """Write them all again after each: a password is told once, and must not be lost when the next user is refused."""
    assert file is not None
    lines = [f"{one.login};{one.password}\n" for one in made]
    write_file(file, "".join(["login;password\n", *lines]).encode(), private=True)


async def _check_profile(ask: Ask, planning: str, profile: str, status: str) -> None:
    """Raise as the office would once the user is there."""
    await one_profile(ask, planning, profile)
    if profile.casefold() == "administration" and status == "user":
        raise click.BadParameter(
            tr(
                "Administration est pour les administrateurs : --status.",
                "Administration is for administrators: --status.",
            ),
            param_hint="--profile",
        )


def _assignment(text: str) -> tuple[str, str]:
    """Read `planning01=Modification`, before anything is kept."""
    planning, _, name = text.partition("=")
    if not planning or not name:
        raise click.BadParameter(
            f"{text!r}: " + tr("écrivez-le comme planning01=Modification", "write it as planning01=Modification"),
            param_hint="--profile",
        )
    return planning, name


def _issued(made: w.Issued) -> dict[str, Any]:
    return {"login": made.login, "password": made.password, "until": made.until}


def _told_password(made: w.Issued) -> str:
    if not made.password:
        return ""
    until = told_value(instant(made.until / 1000))
    return tr(
        f", mot de passe (montré une fois, pour une seule connexion avant le {until}) : {made.password}",
        f", password (shown once, for one sign-in before {until}): {made.password}",
    )


def _profiles(profiles: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{planning}={profile}" for planning, profile in profiles)


def _noted(*, default: str | None) -> tuple[Callable[[Any], Any], ...]:
    return (
        click.option("--first-name", default=default),
        *(click.option(f"--{name}", default=default) for name in NOTED),
        click.option("--language", type=click.Choice(LANGUAGES), default=default, help="Of letters; by default ours."),
    )


USERS: Final = (
    Deed("list", list_users),
    Deed("show", show_user, (click.argument("login", default=""),)),
    Deed(
        "add",
        add_user,
        (
            login_argument,
            click.option("--name", required=True, help="Family name."),
            *_noted(default=""),
            click.option("--status", type=click.Choice(STATUSES), default="user"),
            click.option("--console", is_flag=True, help="May use the hosting console; wants --email."),
            click.option("--initial-password-file", type=in_file, help="One line; made by default."),
            click.option("--measure", type=click.Choice(MEASURES), default="", help="Chosen at sign-in if empty."),
            click.option("--initial-pin-file", type=in_file, help="The PIN, with --measure pin."),
            click.option(
                "--profile", "profiles", multiple=True, metavar="PLANNING=PROFILE",
                help="For example planning01=Modification.",
            ),
        ),
    ),
    Deed(
        "change",
        change_user,
        (
            login_argument,
            click.option("--name", default=None),
            *_noted(default=None),
            click.option("--status", type=click.Choice(STATUSES), default=None),
            click.option("--console/--no-console", default=None),
        ),
    ),
    Deed("enable", enable_user, (login_argument,)),
    Deed("disable", disable_user, (login_argument,)),
    Deed("delete", delete_user, (login_argument,)),
    Deed("reset-password", reset_password, (login_argument,)),
    Deed("reset-measure", reset_measure, (login_argument,)),
    Deed("unlock", unlock, (login_argument,)),
    Deed("export", export_users, (click.argument("file", type=new_file),)),
    Deed(
        "import",
        import_users,
        (
            click.argument("file", type=in_file),
            click.option("--passwords", type=new_file, help="Made, to be written."),
            click.option("--dry-run", is_flag=True, help="Only say what it would do."),
        ),
    ),
    Deed("assign", assign, (login_argument, planning_argument, click.argument("profile"))),
    Deed("unassign", unassign, (login_argument, planning_argument)),
    Deed("assigned", list_assigned, (planning_argument,)),
)  # fmt: skip
