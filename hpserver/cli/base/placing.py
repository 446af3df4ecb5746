"""A new base in a planning: whether it may be, and that it is. Knows no file it may come from."""

from hpserver.base.planning import Planning
from hpserver.cli.house.installation import open_accounts
from hpserver.cli.screen import Screen, tr
from hpserver.directory.model import Planning as PlanningRow
from hpserver.reaching import wake_agent


async def check_free(account: str, planning: str, name: str) -> None:
    """Find out whether a new base may be put into a planning, before its file is read."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        await accounts.check_free(found, await accounts.planning(found, planning), name)


async def put_in_service(screen: Screen, account: str, planning: str, name: str, content: Planning) -> None:
    """Make a new base of a planning, and say so."""
    async with open_accounts() as accounts:
        found = await accounts.account(account)
        chosen = await accounts.create_base(found, await accounts.planning(found, planning), name, content)
        awake = await wake_agent(accounts.paths)
    show_made(screen, chosen, content.counts(), awake=awake)


def show_made(screen: Screen, chosen: PlanningRow, counts: dict[str, int], *, awake: bool) -> None:
    """Say that a base was made, with what is in it, and whether there is an agent to put it in service."""
    value = {"planning": chosen.name, "base": chosen.base, "desired": chosen.desired, "counts": counts}
    text = tr(f"{chosen.name} : {chosen.base} créée", f"{chosen.name}: {chosen.base} created")
    if not awake:
        text += tr(", en service dès `hp agent`", ", in service once `hp agent` runs")
    screen.show(value, text)
