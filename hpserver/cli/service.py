"""`hp controller` and `hp planning`: what should run, and what runs."""

import asyncio
import time
from typing import Any, Final

import click

from hpserver.cli.installation import agent_status, asynchronous, open_accounts, wake_agent
from hpserver.cli.screen import Screen, say, state_word, tr
from hpserver.directory.model import Account, Desired, controller_subject, planning_subject
from hpserver.errors import AgentUnreachableError, DeadlineExceededError, NotFoundError
from hpserver.hosting.accounts import Accounts

WAIT_SECONDS: Final = 30.0
"""How long `start` and `stop` wait for the agent to make it so."""

DONE: Final = {"up": ("live", "failed"), "down": ("stopped", "failed", "")}
"""What ends the wait for a wish."""

account_option = click.option("--account", default="", help="Number or domain, when there are several accounts.")
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
    """Put the controller in service."""
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
        row = await _observed(accounts, controller_subject(found.number), found.desired)
    _show_rows(screen, [{"name": found.domain, "port": found.port, **row}])


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
        made = await accounts.add_planning(await accounts.account(account), name, publication_name)
    value = {"name": made.name, "publication_name": made.publication_name, "port": made.port}
    screen.show(value, f"{made.name}: {made.publication_name}, port {made.port}")


@planning.command("start")
@click.argument("name")
@account_option
@wait_option
@click.pass_obj
@asynchronous
async def start_planning(screen: Screen, name: str, account: str, wait: bool) -> None:
    """Put a planning in service."""
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
        rows: list[dict[str, Any]] = []
        for one in await accounts.plannings(found):
            if name in {"", one.name}:
                row = await _observed(accounts, planning_subject(one.key), one.desired)
                rows.append(
                    {"name": one.name, "publication": one.publication_name, "port": one.port, "base": one.base, **row}
                )
        if name and not rows:
            raise NotFoundError(f"there is no planning {name!r} in {found.domain}", planning=name)
    _show_rows(screen, rows)


async def _wish_controller(screen: Screen, account: str, desired: Desired, *, wait: bool) -> None:
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        await accounts.wish_controller(found, desired)
        subject = controller_subject(found.number)
        await _settle(screen, accounts, subject, found.domain, desired, wait=wait)


async def _wish_planning(screen: Screen, account: str, name: str, desired: Desired, *, wait: bool) -> None:
    async with open_accounts() as accounts:
        found: Account = await accounts.account(account)
        chosen = await accounts.wish_planning(found, await accounts.planning(found, name), desired)
        await _settle(screen, accounts, planning_subject(chosen.key), chosen.name, desired, wait=wait)


async def _settle(screen: Screen, accounts: Accounts, subject: str, name: str, desired: Desired, *, wait: bool) -> None:
    """Wake the agent and wait until the process is as wished; a failed one is said with its reason."""
    if not await wake_agent(accounts.paths):
        say(tr("Aucun agent ne tourne : ce sera fait dès `hp agent`.", "No agent runs: it will be done by `hp agent`."))
        wait = False
    row = await wait_state(accounts, subject, desired) if wait else await _observed(accounts, subject, desired)
    _show_rows(screen, [{"name": name, **row}])


async def wait_state(accounts: Accounts, subject: str, desired: str, seconds: float = WAIT_SECONDS) -> dict[str, Any]:
    """Wait until a process is as wished, or failed; what it is then. Raises DeadlineExceededError."""
    until = time.monotonic() + seconds
    while True:
        row = await _observed(accounts, subject, desired)
        if row["state"] in DONE[desired]:
            return row
        if time.monotonic() > until:
            raise DeadlineExceededError(f"{subject} is still {row['state'] or 'unknown'}: look at the agent's log")
        await asyncio.sleep(0.1)


async def _observed(accounts: Accounts, subject: str, desired: str) -> dict[str, Any]:
    """What a process is now: from the agent itself, or from what it wrote last when it does not answer."""
    try:
        status = await agent_status(accounts.paths)
    except AgentUnreachableError:
        return {"desired": desired, "state": "stopped", "pid": 0, "reason": "no agent", "counters": {}}
    for one in status.processes:
        if one.subject == subject:
            counters = dict(one.counters)
            return {
                "desired": one.desired, "state": one.state, "pid": one.pid, "epoch": one.epoch,
                "reason": one.reason, "counters": counters,
            }  # fmt: skip
    return {"desired": desired, "state": "stopped" if desired == "down" else "", "pid": 0, "reason": "", "counters": {}}


def _show_rows(screen: Screen, rows: list[dict[str, Any]]) -> None:
    if screen.json:
        screen.table(rows, {})
        return
    shown = [
        {
            **row,
            "state": state_word(row["state"]) + (f" ({row['reason']})" if row["reason"] else ""),
            "sessions": row["counters"].get("sessions", ""),
            "revision": row["counters"].get("revision", ""),
            "pid": row["pid"] or "",
        }
        for row in rows
    ]
    titles = {
        "name": tr("Nom", "Name"),
        "publication": tr("Publication", "Publication"),
        "port": "Port",
        "base": "Base",
        "state": tr("État", "State"),
        "pid": "PID",
        "sessions": "Sessions",
        "revision": tr("Révision", "Revision"),
    }
    known = {field: title for field, title in titles.items() if any(field in row for row in shown)}
    screen.table(shown, known)
