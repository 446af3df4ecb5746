"""How an account is protected, from a shell."""

from typing import Any, Final

import click
import msgspec

from hpserver.cli.office.deed import Ask, Deed
from hpserver.cli.screen import Screen, colon, tr, word
from hpserver.protocol.catalogue import administration as w

MEASURES: Final = ("none", "notification", "pin")


async def show_security(screen: Screen, ask: Ask) -> None:
    """Show which measures users may choose, when passwords are old, and how long sessions last."""
    _show(screen, await ask(w.GetSecurity()))


async def set_security(screen: Screen, /, ask: Ask, measures: tuple[str, ...], **said: Any) -> None:
    """Protect the account another way; what is not said stays."""
    _show(screen, await ask(w.SetSecurity(measures=measures or None, **said)))


def _show(screen: Screen, one: w.Security) -> None:
    titles = {
        "measures": tr("mesures permises", "measures allowed"),
        "renewal": tr("changement des mots de passe anciens", "change of old passwords"),
        "renewal_days": tr("ancien après (jours)", "old after (days)"),
        "session_hours": tr("durée d'une session (heures)", "life of a session (hours)"),
        "idle_minutes": tr("sans activité (minutes, 0 : sans limite)", "without activity (minutes, 0: no limit)"),
        "sessions": tr("sessions par personne (0 : sans limite)", "sessions of one user (0: no limit)"),
        "codes": tr("code par courriel si le PIN est oublié", "code by mail when the PIN is forgotten"),
    }
    value = msgspec.structs.asdict(one)
    measures = ", ".join(map(word, one.measures))
    told = value | {
        "measures": measures,
        "renewal": tr("non demandé", "not asked for") if one.renewal == "none" else word(one.renewal),
        "codes": tr("oui", "yes") if one.codes else tr("non", "no"),
    }
    screen.show(value, "\n".join(f"{title}{colon()}{told[name]}" for name, title in titles.items()))


SECURITY: Final = (
    Deed("show", show_security),
    Deed(
        "set",
        set_security,
        (
            click.option(
                "--measure", "measures", multiple=True, type=click.Choice(MEASURES), help="Allowed; repeat it."
            ),
            click.option("--renewal", type=click.Choice(("none", "notify", "force")), default=None),
            click.option("--renewal-days", type=click.IntRange(1, 3650), default=None),
            click.option("--session-hours", type=click.IntRange(1, 12), default=None),
            click.option("--idle-minutes", type=click.IntRange(0, 720), default=None, help="0 for no limit."),
            click.option("--sessions", type=click.IntRange(0, 1000), default=None, help="Of one user; 0 for no limit."),
            click.option("--codes/--no-codes", default=None, help="By mail, to who forgot a PIN."),
        ),
    ),
)
