"""`hp controller`, `hp planning` and `hp status`: what should run, and what runs."""

import asyncio
import datetime as dt
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import click

from hpserver.cli.house.ca import warn
from hpserver.cli.house.installation import open_accounts
from hpserver.cli.house.names import controller_domain, planning_domain, planning_net, planning_timezone
from hpserver.cli.house.removal import delete_planning, rename_planning
from hpserver.cli.options import account_option
from hpserver.cli.running import asynchronous
from hpserver.cli.screen import Screen, colon, desired_word, is_french, say, state_word, tr
from hpserver.directory import names
from hpserver.directory.model import Account, Desired, Planning, controller_subject, planning_subject
from hpserver.errors import AgentUnreachableError, ConfigurationError, DeadlineExceededError
from hpserver.hosting.accounts import Accounts
from hpserver.hosting.figures import figures
from hpserver.hosting.house_ca import Ending, warnings_of
from hpserver.hosting.keyring import utc_now
from hpserver.protocol.catalogue import administration as w
from hpserver.protocol.internal import ProcessStatus
from hpserver.reaching import agent_status, carry_out, wake_agent

WAIT_SECONDS: Final = 30.0
"""How long `start` and `stop` wait for the agent to make it so."""

LOOK_SECONDS: Final = 0.1
"""Between two looks at what runs."""

NO_AGENT: Final = "no agent"
"""Why nothing runs, for programs, when there is nobody to ask."""

DONE: Final = {"up": ("live", "failed"), "down": ("stopped", "failed", "")}
"""What ends the wait for a wish."""

Row = dict[str, Any]
Running = Mapping[str, ProcessStatus]

wait_option = click.option("--wait/--no-wait", default=True, help="Wait until it is so.")


@click.group()
def controller() -> None:
    """The controller of an account: its TCP port, who is who."""


@controller.command("start")
@account_option
@wait_option
@click.pass_obj
@asynchronous
async def start_controller(screen: Screen, account: str, wait: bool) -> None:
    """Put the controller in service; one that had failed is tried again."""
    await _wish_controller(screen, account, "up", wait=wait)


@controller.command("stop")
@account_option
@wait_option
@click.pass_obj
@asynchronous
async def stop_controller(screen: Screen, account: str, wait: bool) -> None:
    """Stop the controller; plannings in service stay so."""
    await _wish_controller(screen, account, "down", wait=wait)


@controller.command("status")
@account_option
@click.pass_obj
@asynchronous
async def controller_status(screen: Screen, account: str) -> None:
    """Say whether the controller is in service."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        _show_rows(screen, [_controller_row(found, await _running(accounts))])


controller.add_command(controller_domain)


@click.group()
def planning() -> None:
    """The plannings of an account, each served by one planning server."""


@planning.command("create")
@click.argument("name")
@click.argument("publication_name")
@account_option
@click.pass_obj
@asynchronous
async def create_planning(screen: Screen, name: str, publication_name: str, account: str) -> None:
    """Add a planning, with a port of its own."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        await carry_out(accounts, found, w.AddPlanning(name, publication_name))
        made = await accounts.planning(found, names.planning(name))
    value = {"name": made.name, "publication_name": made.publication_name, "port": made.port}
    screen.show(value, f"{made.name}{colon()}{made.publication_name}, port {made.port}")


@planning.command("list")
@account_option
@click.pass_obj
@asynchronous
async def list_plannings(screen: Screen, account: str) -> None:
    """List the plannings of an account, their bases and what is wished; needs no agent."""
    async with open_accounts() as accounts:
        rows = [
            {"name": p.name, "publication": p.publication_name, "port": p.port, "base": p.base, "desired": p.desired}
            for p in await accounts.plannings(await accounts.account(account))
        ]
    titles = {
        "name": tr("Nom", "Name"), "publication": "Publication", "port": "Port", "base": "Base",
        "desired": tr("Souhaité", "Desired"),
    }  # fmt: skip
    screen.table(
        rows if screen.json else [row | {"desired": desired_word(str(row["desired"]))} for row in rows], titles
    )


planning.add_command(rename_planning)
planning.add_command(planning_domain)
planning.add_command(planning_timezone)
planning.add_command(planning_net)
planning.add_command(delete_planning)


@planning.command("start")
@click.argument("name")
@account_option
@wait_option
@click.pass_obj
@asynchronous
async def start_planning(screen: Screen, name: str, account: str, wait: bool) -> None:
    """Put a planning in service; one that had failed is tried again."""
    await _wish_planning(screen, account, name, "up", wait=wait)


@planning.command("stop")
@click.argument("name")
@account_option
@wait_option
@click.pass_obj
@asynchronous
async def stop_planning(screen: Screen, name: str, account: str, wait: bool) -> None:
    """Stop a planning: its users are told, everything acknowledged is on disk."""
    await _wish_planning(screen, account, name, "down", wait=wait)


@planning.command("status")
@click.argument("name", required=False, default="")
@account_option
@click.pass_obj
@asynchronous
async def planning_status(screen: Screen, name: str, account: str) -> None:
    """Say what every planning, or one of them, is doing now."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        chosen = (await accounts.planning(found, name),) if name else await accounts.plannings(found)
        running = await _running(accounts)
    rows = [_planning_row(one, running) for one in chosen]
    _show_rows(screen, rows)
    if name and not screen.json:
        _show_figures(rows[0]["counters"])


@click.command()
@click.pass_obj
@asynchronous
async def status(screen: Screen) -> None:
    """Say what every controller and planning of every account is doing now."""
    async with open_accounts() as accounts:
        running = await _running(accounts)
        rows: list[Row] = []
        endings: list[Ending] = []
        for account in await accounts.accounts():
            with suppress(ConfigurationError):  # `hp ca status` tells that keys are missing
                endings += await warnings_of(accounts.directory, accounts.keyring, account, utc_now())
            rows.append({"account": account.number, **_controller_row(account, running)})
            rows += [
                {"account": account.number, **_planning_row(one, running)} for one in await accounts.plannings(account)
            ]
    warn(endings)
    if running is None:
        say(tr("Aucun agent ne tourne : démarrez-le avec `hp agent`.", "No agent runs: start it with `hp agent`."))
    _show_rows(screen, rows)


# --- making it so -----------------------------------------------------------------------------------------------


async def _wish_controller(screen: Screen, account: str, desired: Desired, *, wait: bool) -> None:
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        await carry_out(accounts, found, w.StartController() if desired == "up" else w.StopController())
        await _settle(screen, accounts, controller_subject(found.number), found.domain, desired, wait=wait)


async def _wish_planning(screen: Screen, account: str, name: str, desired: Desired, *, wait: bool) -> None:
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        chosen = await accounts.planning(found, name)
        await carry_out(accounts, found, w.StartPlanning(name) if desired == "up" else w.StopPlanning(name))
        await _settle(screen, accounts, planning_subject(chosen.key), chosen.name, desired, wait=wait)


async def _settle(screen: Screen, accounts: Accounts, subject: str, name: str, desired: Desired, *, wait: bool) -> None:
    """Wake the agent and wait until the process is as wished; one that fails is shown, and is the end's status 1."""
    if not await wake_agent(accounts.paths):
        say(tr("Aucun agent ne tourne : ce sera fait dès `hp agent`.", "No agent runs: it will be done by `hp agent`."))
        wait = False
    row = await wait_state(accounts, subject, desired) if wait else await _observed(accounts, subject, desired)
    _show_rows(screen, [{"name": name, **row}])
    if desired == "up" and row["state"] == "failed":
        click.get_current_context().exit(1)


async def wait_state(accounts: Accounts, subject: str, desired: str, seconds: float = WAIT_SECONDS) -> Row:
    """Wait until a process is as wished, or failed; what it is then. Raises DeadlineExceededError."""
    until = time.monotonic() + seconds
    while True:
        row = await _observed(accounts, subject, desired)
        if row["state"] in DONE[desired]:
            return row
        if time.monotonic() > until:
            raise DeadlineExceededError(f"{subject} is still {row['state'] or 'unknown'}: look at the agent's log")
        await asyncio.sleep(LOOK_SECONDS)


# --- what is ----------------------------------------------------------------------------------------------------


async def _running(accounts: Accounts) -> Running | None:
    """What the agent says of every process; None when it does not answer."""
    try:
        return {one.subject: one for one in (await agent_status(accounts.paths)).processes}
    except AgentUnreachableError:
        return None


async def _observed(accounts: Accounts, subject: str, desired: str) -> Row:
    return _process_row(await _running(accounts), subject, desired)


def _process_row(running: Running | None, subject: str, desired: str) -> Row:
    if running is None:
        return {"desired": desired, "state": "stopped", "pid": 0, "reason": NO_AGENT, "counters": {}}
    one = running.get(subject)
    if one is None:
        state = "stopped" if desired == "down" else ""
        return {"desired": desired, "state": state, "pid": 0, "reason": "", "counters": {}}
    return {
        "desired": one.desired, "state": one.state, "pid": one.pid, "epoch": one.epoch,
        "reason": one.reason, "counters": dict(one.counters),
    }  # fmt: skip


def _controller_row(account: Account, running: Running | None) -> Row:
    row = _process_row(running, controller_subject(account.number), account.desired)
    return {"name": account.domain, "port": account.port, **row}


def _planning_row(one: Planning, running: Running | None) -> Row:
    row = _process_row(running, planning_subject(one.key), one.desired)
    return {"name": one.name, "publication": one.publication_name, "port": one.port, "base": one.base, **row}


def _show_rows(screen: Screen, rows: list[Row]) -> None:
    if screen.json:
        screen.table(rows, {})
        return
    shown = [
        {
            **row,
            "state": state_word(row["state"]) + (f" ({_reason(row['reason'])})" if row["reason"] else ""),
            "sessions": row["counters"].get("sessions", ""),
            "revision": row["counters"].get("revision", ""),
            "pid": row["pid"] or "",
        }
        for row in rows
    ]
    titles = {
        "account": tr("Hébergement", "Account"),
        "name": tr("Nom", "Name"),
        "publication": "Publication",
        "port": "Port",
        "base": "Base",
        "state": tr("État", "State"),
        "pid": "PID",
        "sessions": "Sessions",
        "revision": tr("Révision", "Revision"),
    }
    known = {field: title for field, title in titles.items() if any(field in row for row in shown)}
    screen.table(shown, known)


def _show_figures(counters: Mapping[str, int]) -> None:
    """Show what is in the base of a planning in service, and when it was edited last."""
    for title, shown in figures(counters, french=is_french()):
        click.echo(f"\n{title}")
        for label, count in shown:
            click.echo(f"  {label}{colon()}{count}")
    if at_ms := counters.get("last_entry_ms", 0):
        at = dt.datetime.fromtimestamp(at_ms / 1000).astimezone()
        click.echo(tr(f"\nDernière saisie le {at:%d/%m/%Y %H:%M}", f"\nLast edit on {at:%Y-%m-%d %H:%M}"))


def _reason(reason: str) -> str:
    return tr("aucun agent", reason) if reason == NO_AGENT else reason
