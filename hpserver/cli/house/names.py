"""`hp controller domain`, `hp planning domain` and others, `hp hosting show` and `dns`: how what is hosted is found."""

import click
import msgspec

from hpserver.cli.house.installation import open_accounts
from hpserver.cli.options import account_option
from hpserver.cli.running import asynchronous
from hpserver.cli.screen import Screen, colon, desired_word, instant, state_word, told_value, tr
from hpserver.directory.names import decoded
from hpserver.protocol.catalogue import administration as w
from hpserver.reaching import carry_out


@click.command("domain")
@click.argument("domain", default="")
@account_option
@click.pass_obj
@asynchronous
async def controller_domain(screen: Screen, domain: str, account: str) -> None:
    """Give the controller another domain, below the one of the account; without DOMAIN, that one again.

    What clients know goes on leading here: the domain that the account was opened with stays. Write the new one in your
    DNS first: `hp hosting dns` gives the lines.
    """
    told = await _hosting(account, w.NameController(domain))
    value = {"domain": told.domain, "zone": told.zone, "port": told.port}
    screen.show(value, f"{decoded(told.domain)}, port {told.port}")


@click.command("domain")
@click.argument("name")
@click.argument("domain", default="")
@account_option
@click.pass_obj
@asynchronous
async def planning_domain(screen: Screen, name: str, domain: str, account: str) -> None:
    """Give a planning a domain of its own below that of the account; without DOMAIN, it has none but its first one."""
    await _set(screen, account, w.SetPlanning(name, domain=domain))


@click.command("timezone")
@click.argument("name")
@click.argument("timezone")
@account_option
@click.pass_obj
@asynchronous
async def planning_timezone(screen: Screen, name: str, timezone: str, account: str) -> None:
    """Say in which time zone the next bases of a planning are made, as Europe/Paris."""
    await _set(screen, account, w.SetPlanning(name, timezone=timezone))


@click.command("net")
@click.argument("name")
@click.option("--on/--off", "net", required=True, help="Whether the licence is for it.")
@account_option
@click.pass_obj
@asynchronous
async def planning_net(screen: Screen, name: str, net: bool, account: str) -> None:
    """Say whether the licence of a planning is for the web publication too."""
    await _set(screen, account, w.SetPlanning(name, net=net))


@click.command("show")
@click.argument("account", default="")
@click.pass_obj
@asynchronous
async def show_hosting(screen: Screen, account: str) -> None:
    """Show what is hosted: the controller, every planning with its names, its base and when it was written last."""
    told = await _hosting(account, w.GetHosting())
    if screen.json:
        screen.show(_value(told), "")
        return
    click.echo(f"{told.name}{colon()}{decoded(told.domain)}, port {told.port}, {state_word(told.state)}")
    titles = {
        "name": tr("Nom", "Name"), "publication_name": "Publication", "domain": tr("Domaine", "Domain"),
        "port": "Port", "timezone": tr("Fuseau", "Time zone"), "net": ".net", "base": "Base",
        "desired": tr("Souhaité", "Desired"), "state": tr("État", "State"),
        "saved_at": tr("Dernière saisie", "Last edit"),
    }  # fmt: skip
    screen.table([_shown(one) for one in told.plannings], titles)


@click.command("dns")
@click.argument("account", default="")
@click.option("--address", "addresses", multiple=True, help="Where clients reach this machine; repeat it for IPv6.")
@click.option("--hosts", is_flag=True, help="The lines of a hosts file, not of a zone.")
@click.pass_obj
@asynchronous
async def show_dns(screen: Screen, account: str, addresses: tuple[str, ...], hosts: bool) -> None:
    """Show what is to be written in the school's DNS, so that every name of the account leads here."""
    async with open_accounts() as accounts:
        told = await carry_out(accounts, await accounts.account(account), w.GetDns(addresses))
    assert isinstance(told, w.Dns)
    screen.show(msgspec.structs.asdict(told), "\n".join(told.hosts if hosts else told.zone))


async def _hosting(account: str, wish: w.AnyWish) -> w.Hosting:
    async with open_accounts() as accounts:
        told = await carry_out(accounts, await accounts.account(account), wish)
    assert isinstance(told, w.Hosting)
    return told


async def _set(screen: Screen, account: str, wish: w.SetPlanning) -> None:
    told = await _hosting(account, wish)
    row = next(one for one in told.plannings if one.name == wish.planning)
    value = {"name": row.name, "domain": row.domain, "port": row.port, "timezone": row.timezone, "net": row.net}
    text = f"{row.name}{colon()}{decoded(row.domain)}, port {row.port}, {row.timezone}"
    screen.show(value, f"{text}, .net{colon()}{told_value(row.net)}")


def _value(told: w.Hosting) -> dict[str, object]:
    return msgspec.structs.asdict(told) | {"plannings": [msgspec.structs.asdict(one) for one in told.plannings]}


def _shown(one: w.PlanningRow) -> dict[str, object]:
    return msgspec.structs.asdict(one) | {
        "domain": decoded(one.domain), "desired": desired_word(one.desired), "state": state_word(one.state),
        "saved_at": instant(one.saved_at / 1000),
    }  # fmt: skip
