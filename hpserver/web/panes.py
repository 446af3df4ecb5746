"""The panes of the console: each asks the office what there is, and shows it."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal

from starlette.responses import Response

from hpserver.base.registry import KINDS
from hpserver.errors import HPError, NotAllowedError, QuotaExceededError
from hpserver.hosting.house_ca import warnings_of
from hpserver.hosting.keyring import utc_now
from hpserver.identity.login import MEASURES
from hpserver.identity.profiles import read_rights
from hpserver.protocol import password_rules
from hpserver.protocol.catalogue import administration as w
from hpserver.web import rights
from hpserver.web.confirming import DEEDS
from hpserver.web.live import stream
from hpserver.web.page import fragment, render
from hpserver.web.visit import BACK, COOKIE, DONE_COOKIE, Visit

Pane = Callable[[Visit], Awaitable[Response]]

TABS: Final = ("assignments", "users", "profiles", "licences", "delegation", "security")
OF_THE_ACCOUNT: Final = frozenset({"delegation", "security"})
"""Tabs that base administrators do not have."""

ZONES: Final = (
    "Europe/Paris", "Europe/Brussels", "Europe/Zurich", "Europe/Luxembourg", "Africa/Algiers", "Africa/Casablanca",
    "Africa/Dakar", "Africa/Tunis", "America/Cayenne", "America/Guadeloupe", "America/Martinique", "America/Montreal",
    "Indian/Mayotte", "Indian/Reunion", "Pacific/Noumea", "Pacific/Tahiti", "UTC",
)  # fmt: skip
"""Where schools are that work in French; any other IANA name is given on the command line."""

MAX_DONE: Final = 300
"""Characters of what was done: whoever sits at a browser can write its cookies."""

MAY: Final = 5
"""The month from which the school year to plan is the next one."""

EVENTS: Final = 100
"""Of the audit log on one page."""


async def home(visit: Visit) -> Response:
    """Go to what is to be done first: configure, create the superadministrator, activate; else the plannings."""
    if visit.who.status != "base_admin":
        if not await _superadmins(visit):
            return visit.see("/configuration" if visit.is_manager and not visit.request.query_params else "/controller")
        hosting = await _hosting(visit)
        if hosting.desired != "up":
            return visit.see("/controller")
    return visit.see("/plannings")


async def configuration(visit: Visit) -> Response:
    """The controller's domain and port, the plannings with theirs."""
    hosting = await _hosting(visit)
    return _page(visit, "configuration", hosting=hosting, zones=ZONES, dns=await _dns(visit))


async def controller(visit: Visit) -> Response:
    """The controller in service or not, the users, their profiles, the places, the security of the account."""
    if visit.who.may_all and not await _superadmins(visit):
        lines = password_rules.checklist("", [visit.account.domain])
        return render(visit, "first_superadmin.html", pane="controller", lines=lines)
    wanted = visit.request.query_params.get("tab", TABS[0])
    tab = wanted if wanted in TABS and (visit.who.may_all or wanted not in OF_THE_ACCOUNT) else TABS[0]
    values: dict[str, Any] = {"hosting": await _hosting(visit), "tab": tab, "planning": ""}
    plannings = await _administered(visit, values["hosting"])
    values["mine"] = plannings
    if tab in {"assignments", "profiles", "licences"} and plannings:
        chosen = visit.request.query_params.get("planning", plannings[0])
        values["planning"] = chosen if chosen in plannings else plannings[0]
        values["profiles"] = await visit.served.carry_out(visit.who, w.ListProfiles(values["planning"]))
        values["assignments"] = await _every(visit, lambda after: w.ListAssignments(values["planning"], after))
        values["templates"] = await _every(visit, w.ListTemplates, "name")
    if tab == "profiles" and plannings:
        values |= await _profiles(visit, values["planning"], values["assignments"])
    if tab in {"assignments", "users"}:
        values["users"] = await _every(visit, w.ListUsers)
    if tab == "users":
        values["one"] = next((u for u in values["users"] if u.login == visit.request.query_params.get("user")), None)
        values["adding"] = visit.request.query_params.get("new") == "1"
        values["lines"] = password_rules.checklist("", [visit.account.domain])
    if tab == "delegation":
        values |= await _delegation(visit, values["hosting"])
    if tab == "security":
        values["security"] = await visit.served.carry_out(visit.who, w.GetSecurity())
        values["measures"] = MEASURES
    return _page(visit, "controller", **values)


async def _profiles(visit: Visit, planning: str, assignments: list[Any]) -> dict[str, Any]:
    """Return the profiles of a planning, and one with what it gives, or would give as its boxes are ticked now."""
    query = visit.request.query_params
    rows = await rights.every_profile(visit, planning)
    one = next((row for row in rows if row.name == query.get("profile")), None)
    values: dict[str, Any] = {"rows": rows, "one": one, "say": rights, "actions": rights.DRAWN, "all_kinds": KINDS}
    if one is not None:
        values["trying"] = "see" in query and not one.built_in
        values["rights"] = rights.read(query) if values["trying"] else read_rights(one.rights)
        values["gives"] = rights.given(one, values["rights"])
        values["seen"] = rights.seen(values["gives"])
        values["holders"] = [row.login for row in assignments if row.profile == one.name]
    return values


async def _delegation(visit: Visit, hosting: w.Hosting) -> dict[str, Any]:
    found = await visit.served.carry_out(visit.who, w.ListProviders())
    assert isinstance(found, w.Providers)
    chosen = visit.request.query_params.get("provider")
    name, port = visit.served.name, visit.served.accounts.settings.web.port
    return {
        "providers": found.rows,
        "one_provider": next((one for one in found.rows if one.name == chosen), None),
        "stopped": hosting.desired != "up" and hosting.state in {"stopped", "failed"},
        "services": (f"https://{name}:{port}{BACK}{name}", f"http://127.0.0.1:*{BACK}{name}"),
    }


async def plannings(visit: Visit) -> Response:
    """The plannings: in service or not, their bases; one that is chosen can be given a base."""
    values = await _of_plannings(visit)
    rows = {row.name: row for row in values["hosting"].plannings}
    creating, sending = (rows.get(visit.request.query_params.get(name, "")) for name in ("create", "upload"))
    values |= {"creating": creating, "sending": sending, "year": _year(dt.date.today())}  # noqa: DTZ011  a school's own day
    return _page(visit, "plannings", **values)


async def client(visit: Visit) -> Response:
    """How people's machines are set up: the file with the settings, and the settings themselves."""
    return _page(visit, "client", hosting=await _hosting(visit), root=visit.served.accounts.keyring.root())


async def security(visit: Visit) -> Response:
    """Devices, sessions, certificates and the audit log."""
    mine = await visit.served.sessions.listed()
    values = {
        "devices": await _every(visit, lambda after: w.ListDevices("", True, after or 0), "device", 0),
        "sessions": (await visit.served.carry_out(visit.who, w.ListSessions("", True))),
        "logins": {one.user: one.login for one in await _every(visit, w.ListUsers)},
        "console": [one for one in mine if one.user in {0, visit.who.user} or visit.who.may_all],
        "events": await visit.served.carry_out(visit.who, w.ListEvents(0, EVENTS, True)),
        "warnings": await warnings_of(visit.served.directory, visit.served.keyring, visit.account, utc_now()),
    }
    return _page(visit, "security", **values)


async def tasks(visit: Visit) -> Response:
    """The long actions: under way, and ended within a week."""
    return _page(visit, "tasks", **await _tasks(visit))


async def state(visit: Visit) -> Response:
    """What runs now, and how the last backups went."""
    return _page(visit, "state", **await _state(visit))


async def accessibility(visit: Visit) -> Response:
    """The statement on accessibility that public bodies publish."""
    return render(visit, "accessibility.html", pane="")


async def live(visit: Visit) -> Response:
    """Send the part of a pane that lives again whenever it has become another."""
    if visit.served.bell.is_full(visit.account.number):
        raise QuotaExceededError("Too many pages are open.", seconds=10)
    pane = visit.request.url.path.rpartition("/")[2]
    made = LIVE[pane]

    async def part() -> str | None:
        try:
            visit.device = await visit.served.device(visit.request.scope["state"]["certificate"])
        except HPError:
            return None
        found = await visit.served.who(visit.kept(COOKIE), visit.on, used=False)
        if found is None:
            return None
        visit.session, visit.actor = found
        try:
            return fragment(visit, f"live_{pane}.html", pane=pane, deeds=DEEDS, **await made(visit))
        except HPError:
            return None

    return stream(visit.served.bell, visit.account.number, part)


def for_the_manager() -> NotAllowedError:
    """Return why nobody else sees the pane Configuration."""
    return NotAllowedError("The pane Configuration is for the hosting manager.")


def _page(visit: Visit, pane: str, **values: Any) -> Response:
    done = visit.kept(DONE_COOKIE)
    answer = render(visit, f"{pane}.html", pane=pane, deeds=DEEDS, done=done[:MAX_DONE], **values)
    if done:
        visit.keep(answer, DONE_COOKIE, "")
    return answer


async def _hosting(visit: Visit) -> w.Hosting:
    told = await visit.served.carry_out(visit.who, w.GetHosting())
    assert isinstance(told, w.Hosting)
    return told


async def _state(visit: Visit) -> dict[str, Any]:
    bases = await _every(visit, w.ListBases, "name")
    return {"hosting": await _hosting(visit), "bases": bases}


async def _of_hosting(visit: Visit) -> dict[str, Any]:
    hosting = await _hosting(visit)
    return {"hosting": hosting, "mine": await _administered(visit, hosting)}


async def _tasks(visit: Visit) -> dict[str, Any]:
    told = await visit.served.carry_out(visit.who, w.ListTasks())
    assert isinstance(told, w.Tasks)
    return {"tasks": told.rows}


async def _of_plannings(visit: Visit) -> dict[str, Any]:
    return await _of_hosting(visit) | await _tasks(visit)


async def _administered(visit: Visit, hosting: w.Hosting) -> list[str]:
    """Return the names of the plannings that who asks may administer."""
    plannings = [one.name for one in hosting.plannings]
    if visit.who.may_all:
        return plannings
    told: Any = await visit.served.carry_out(visit.who, w.GetUser())
    theirs = {planning for planning, profile in told.rows[0].profiles if profile == "Administration"}
    return [one for one in plannings if one in theirs]


async def _every(visit: Visit, wish: Any, by: str = "login", first: Any = "") -> list[Any]:
    """Return every row of a list, page by page."""
    found: list[Any] = []
    more = True
    while more:
        page: Any = await visit.served.carry_out(visit.who, wish(getattr(found[-1], by) if found else first))
        found, more = [*found, *page.rows], page.more
    return found


async def _superadmins(visit: Visit) -> bool:
    return any(one.status == "superadmin" and one.enabled for one in await _every(visit, w.ListUsers))


def _year(today: dt.date) -> tuple[str, str, str]:
    """Return first Monday, last Sunday and name of the school year that is nearest to begin, from May on the next."""
    begins = today.year if today.month >= MAY else today.year - 1
    first = dt.date(begins, 9, 1)
    monday = first - dt.timedelta(days=first.weekday())
    last = dt.date(begins + 1, 7, 5)
    sunday = last - dt.timedelta(days=(last.weekday() + 1) % 7)
    return monday.isoformat(), sunday.isoformat(), f"Base {begins}-{begins + 1}"


async def _dns(visit: Visit) -> w.Dns | None:
    """Return what a school's DNS has to know; None when this machine knows no address of its own."""
    try:
        told = await visit.served.carry_out(visit.who, w.GetDns())
    except HPError:
        return None
    assert isinstance(told, w.Dns)
    return told


PANES: Final[dict[str, Pane]] = {
    "configuration": configuration,
    "controller": controller,
    "plannings": plannings,
    "client": client,
    "security": security,
    "tasks": tasks,
    "state": state,
}
"""Every pane by the last part of its path, in the guide's order."""

NEEDS: Final[dict[str, Literal["licence", "manager"]]] = {"configuration": "manager"}
"""Panes that not everybody has who is signed in."""

LIVE: Final[dict[str, Callable[[Visit], Awaitable[dict[str, Any]]]]] = {
    "configuration": _of_hosting,
    "controller": _of_hosting,
    "plannings": _of_plannings,
    "tasks": _tasks,
    "state": _state,
}
"""The panes with a part that lives, and what it shows."""
