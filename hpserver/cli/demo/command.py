"""`hp demo`: the main job from nothing, step by step, on real data; then it stays up to be tried."""

import asyncio
import os
import signal
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final, cast

import click

from hpserver.cli.demo.house import LOOPBACK, House
from hpserver.cli.demo.school import DOMAIN, NAME, Person, Source, people, sources
from hpserver.cli.demo.story import (
    EDITS_PER_WRITER,
    DemoFailedError,
    hold,
    refused_wish,
    show_clash,
    show_diagnosis,
    show_merge,
    show_placement,
    show_undo,
    write_through_a_crash,
)
from hpserver.cli.house.installation import open_accounts
from hpserver.cli.running import asynchronous
from hpserver.cli.screen import colon, language, quoted, tr
from hpserver.cli.words.when import written
from hpserver.client import Credentials, PlanningSession, School, enrol
from hpserver.client.console import Bridge, Workstation
from hpserver.config import Paths
from hpserver.directory.model import Account, Measure, Status, controller_subject, planning_subject
from hpserver.errors import HPError
from hpserver.hosting import console_keeping
from hpserver.hosting.accounts import Accounts
from hpserver.reaching import wake_agent

STEPS: Final = 14
TRIAL_SECONDS: Final = 86_400.0
"""Life of the ParamClient file left for who tries: a day."""

DEVICE: Final = "Bureau"
"""The guide's own name for a registered device."""

WEB: Final = "web"
"""The subject of the process that has the console."""

CONSOLE_FILE: Final = "Console"


@click.command()
@click.option("--check", is_flag=True, help="Run everything without a person, then stop; exit 0 or say what failed.")
@click.option("--state", type=click.Path(path_type=Path), default=None, help="Folder; `demo-state` here by default.")
@click.pass_context
@asynchronous
async def demo(ctx: click.Context, check: bool, state: Path | None) -> None:
    """Show the main job: one school, two plannings in service, two clients, a crash, nothing lost."""
    async with AsyncExitStack() as stack:
        folder = state or (Path(stack.enter_context(tempfile.TemporaryDirectory())) if check else Path("demo-state"))
        house = House(folder)
        stack.callback(house.stop)
        try:
            await Demo(house, stays=not check).run()
        except (DemoFailedError, HPError, TimeoutError) as error:
            click.echo(f"\n{tr('ÉCHEC', 'FAILED')}{colon()}{error or type(error).__name__}", err=True)
            click.echo(house.last_words(), err=True)
            ctx.exit(1)
        if not check:
            await _stay()
    click.echo(tr("Tout s'est arrêté proprement.", "Everything stopped cleanly."))


class Demo:
    """One run."""

    def __init__(self, house: House, *, stays: bool) -> None:
        self._house, self._stays = house, stays
        self._people = {one.login: one for one in people()}
        self._console_password = ""
        self._step = 0
        self._since = time.monotonic()

    async def run(self) -> None:
        """Every step, in order. Raises DemoFailedError when one does not hold."""
        paths = self._house.make()
        async with open_accounts() as accounts, AsyncExitStack() as stack:
            account = await self._open_account(accounts)
            await self._create_bases(accounts, account)
            await self._add_people(accounts, account)
            await self._start(accounts, account, paths)
            schools = [await self._come_in(accounts, account, stack, login) for login in ("afilaire", "mcurie")]
            entered = [PlanningSession(school, "planning01") for school in schools]
            alain, marie = [await stack.enter_async_context(one) for one in entered]
            title = tr("Un placement fait par Alain apparaît chez Marie", "A placement by Alain appears at Marie's")
            self._show(title, await show_placement(alain, marie))
            title = tr(
                "Un placement impossible est refusé et expliqué", "An impossible placement is refused, explained"
            )
            self._show(title, await show_clash(alain))
            self._show(tr("Ce qui l'empêche, et ce qui suffirait", "What is in the way"), show_diagnosis(alain))
            title = tr("Forcé quand même, puis annulé : l'historique dit tout", "Forced all the same, then undone")
            self._show(title, await show_undo(alain, marie))
            title = tr(
                "Deux saisies simultanées sur un cours fusionnent", "Two simultaneous edits of one activity merge"
            )
            self._show(title, await show_merge(alain, marie))
            await self._show_console(accounts, account, paths)
            first = (await accounts.plannings(account))[0]
            await self._kill(paths, planning_subject(first.key), alain, marie)
            self._say_what_next(await accounts.param_client(account, uses=5, seconds=TRIAL_SECONDS), alain)

    # --- the house ------------------------------------------------------------------------------------------

    async def _open_account(self, accounts: Accounts) -> Account:
        opened = await accounts.open_account(NAME, DOMAIN)
        account, self._console_password = opened.account, opened.console_password
        lines = [
            f"{tr('hébergement', 'hosting')} {account.number}, {tr('facture', 'invoice')} {account.invoice}",
            f"{tr('contrôleur', 'controller')} {account.domain}, port {account.port}",
            *(f"{p.name} {quoted(p.publication_name)}, port {p.port}" for p in opened.plannings),
        ]
        self._show(tr("Compte d'hébergement et autorité de certification", "Hosting account and its authority"), lines)
        return account

    async def _show_console(self, accounts: Accounts, account: Account, paths: Paths) -> None:
        """Install the manager's workstation as its letter says, and ask for the first page over its certificate."""
        await self._house.wait_live(paths, WEB)
        file = self._house.folder / CONSOLE_FILE
        file.write_bytes(console_keeping.address_file(accounts, account, LOOPBACK))
        workstation = Workstation(self._house.folder / "console")
        workstation.keep(file.read_bytes())
        await workstation.install(account.number, self._console_password, account.invoice, tr("Poste", "Desk"))
        server = await Bridge(workstation).open()
        host, port = server.sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(f"GET /sign-in HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        page = await reader.read()
        writer.close()
        server.close()
        hold(page.startswith(b"HTTP/1.1 200"), f"the console does not answer: {page[:80]!r}")
        until = workstation.certificate().not_valid_after_utc
        lines = [
            tr(f"certificat du poste jusqu'au {until:%d/%m/%Y}", f"workstation's certificate until {until:%Y-%m-%d}"),
            f"./run hp console --folder {self._house.folder / 'console'}",
            f"{tr('numéro', 'number')} {account.number}, {tr('mot de passe', 'password')} {self._console_password}",
        ]
        self._show(tr("La console d'hébergement", "The hosting console"), lines)

    async def _create_bases(self, accounts: Accounts, account: Account) -> None:
        lines = []
        found = sources()
        for planning in await accounts.plannings(account):
            source = next(found)
            name = f"Base {source.planning.grid.first_monday.year} {planning.name[-2:]}"
            await accounts.create_base(account, planning, name, source.planning)
            lines.append(f"{planning.name}{colon()}{name}, {_summary(source)}")
        self._show(tr("Deux bases", "Two bases"), lines)

    async def _add_people(self, accounts: Accounts, account: Account) -> None:
        plannings = {one.name: one for one in await accounts.plannings(account)}
        for one in self._people.values():
            chosen: Measure = "" if one.status == "user" else "pin"
            user = await accounts.add_user(
                account, one.login, name=one.name, first_name=one.first_name, password=one.password,
                status=cast("Status", one.status), measure=chosen, pin=one.pin,
            )  # fmt: skip
            for planning, profile in one.profiles:
                await accounts.assign(plannings[planning], user, profile)
        word = tr("mot de passe", "password")
        lines = [f"{p.login:9} {p.status:10} {word} {p.password}  PIN {p.pin}" for p in self._people.values()]
        self._show(tr("Un superadministrateur, trois utilisateurs", "A superadmin, three users"), lines)

    async def _start(self, accounts: Accounts, account: Account, paths: Paths) -> None:
        await accounts.wish_controller(account, "up")
        pid = await self._house.start(paths)
        await wake_agent(paths)
        live = tr("En service", "in service")
        controller = await self._house.wait_live(paths, controller_subject(account.number))
        lines = [f"agent pid {pid}", f"{tr('contrôleur', 'controller')} pid {controller.pid}{colon()}{live}"]
        for planning in await accounts.plannings(account):
            one = await self._house.wait_live(paths, planning_subject(planning.key))
            lines.append(f"{planning.name} pid {one.pid}{colon()}{live}")
        self._show(tr("Mise en service par l'agent", "Put in service by the agent"), lines)

    # --- coming in ------------------------------------------------------------------------------------------

    async def _come_in(self, accounts: Accounts, account: Account, stack: AsyncExitStack, login: str) -> School:
        person = self._people[login]
        param_client = await accounts.param_client(account)
        folder = self._house.folder / f"device-{login}"
        credentials = await enrol(param_client, folder, f"Poste de {person.first_name}")
        until = credentials.certificate().not_valid_after_utc
        await _first_sign_in(credentials, person)
        asked = await _sign_in(credentials, person, register=DEVICE)
        hold(asked == 1, "the PIN was not asked on a device that is not registered")
        school = await stack.enter_async_context(School(credentials))
        user = await school.log_in(person.login, person.password)
        hold(user.registered, "the device is not registered")
        names = [f"{quoted(p.publication_name)} ({p.profile})" for p in await school.plannings()]
        hold(len(names) == len(person.profiles), f"{len(person.profiles)} plannings are due, listed: {names}")
        lines = [
            tr(f"appareil inscrit, certificat jusqu'au {until:%d/%m/%Y}", f"device enrolled until {until:%Y-%m-%d}"),
            tr("première connexion : mesure choisie, code PIN", "first sign-in: measure chosen, PIN"),
            tr("appareil inconnu : PIN, puis reconnu : ", "unknown device: PIN, then registered: ") + quoted(DEVICE),
            tr("appareil reconnu, sans PIN : ", "known device, no PIN: ") + ", ".join(names),
        ]  # fmt: skip
        self._show(tr(f"{person.first_name} se connecte", f"{person.first_name} connects"), lines)
        return school

    # --- the crash ------------------------------------------------------------------------------------------

    async def _kill(self, paths: Paths, subject: str, alain: PlanningSession, marie: PlanningSession) -> None:
        before = await self._house.wait_live(paths, subject)
        crash = await write_through_a_crash(
            alain, marie,
            kill=lambda: os.kill(before.pid, signal.SIGKILL),
            back=lambda: self._house.wait_live(paths, subject, other_than=before.pid),
        )  # fmt: skip
        after = await self._house.wait_live(paths, subject, other_than=before.pid)
        revisions = f"{crash.first}-{crash.last}"
        lines = [
            f"pid {before.pid} -> {after.pid}, "
            + tr(f"époque + {after.epoch - before.epoch}", f"epoch + {after.epoch - before.epoch}"),
            tr(
                f"{2 * EDITS_PER_WRITER} saisies validées, révisions {revisions} sans trou ni doublon",
                f"{2 * EDITS_PER_WRITER} edits acknowledged, revisions {revisions} without gap or double",
            ),
            f"{crash.seconds:.1f} s, " + tr("panne comprise", "crash included"),
            f"{tr('reconnexions', 'reconnections')}{colon()}{alain.reconnections} + {marie.reconnections}",
        ]
        self._show(tr("kill -9 en pleine saisie : rien de perdu", "kill -9 in mid-edit: nothing lost"), lines)

    def _say_what_next(self, content: bytes, alain: PlanningSession) -> None:
        file = self._house.folder / "ParamClient"
        file.touch(mode=0o600)
        file.write_bytes(content)
        device = self._house.folder / "device"
        lines = [
            f"export HP_STATE={os.environ['HP_STATE']}",
            "./run hp planning status",
            f"./run hp client enrol {file} --device {device}",
            f"./run hp client open planning01 --login jsorel --device {device}",
            f"./run hp client watch planning01 --login mcurie --device {device}",
            *_main_jobs(alain, device),
            tr(f"journal : {self._house.log}", f"log: {self._house.log}"),
        ]
        if not self._stays:
            lines = [
                tr("sans --check, `./run demo` reste en service", "without --check, `./run demo` stays in service")
            ]
        self._show(tr("À essayer dans un autre terminal", "To try in another terminal"), lines)

    def _show(self, title: str, lines: list[str]) -> None:
        self._step += 1
        now = time.monotonic()
        click.echo(f"[{self._step:2}/{STEPS}] {title}  ({now - self._since:.2f} s)")
        for line in lines:
            click.echo(f"        {line}")
        self._since = now


def _main_jobs(alain: PlanningSession, device: Path) -> list[str]:
    """What a planner does with a base, on what there is in this one."""
    assert alain.replica is not None
    assert alain.entered is not None
    wished, at = refused_wish(alain)
    grid, base = alain.replica.planning.grid, alain.entered.base
    here = f"--login mcurie --device {device}"
    return [
        f'./run hp client diagnose planning01 {wished} --at "{written(at, grid, language())}" --repairs {here}',
        f"./run hp client cancel planning01 {wished} --dry-run {here}",
        f"./run hp client cancel planning01 {wished} {here}",
        f"./run hp client history planning01 activity {wished} {here}",
        f"./run hp client undo planning01 {here}",
        f'./run hp base branch create "{base}" Essai',
        f'./run hp base export "{base}" --out base.hpx',
        f'./run hp base backup "{base}"',
    ]


async def _stay() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    click.echo(tr("Reste en service jusqu'à Ctrl+C.", "Stays in service until Ctrl+C."))
    await stop.wait()


async def _first_sign_in(credentials: Credentials, person: Person) -> None:
    async def choose(measures: tuple[str, ...]) -> tuple[str, str]:
        hold("pin" in measures, f"the PIN is not among the measures offered: {measures}")
        return "pin", person.pin

    async with School(credentials) as school:
        await school.log_in(person.login, person.password, choose=choose)


async def _sign_in(credentials: Credentials, person: Person, register: str) -> int:
    """Sign in and register the device; how often the PIN was asked."""
    asked = 0

    async def pin() -> str:
        nonlocal asked
        asked += 1
        return person.pin

    async with School(credentials) as school:
        await school.log_in(person.login, person.password, pin=pin)
        await school.register_device(register)
    return asked


def _summary(source: Source) -> str:
    counts = source.planning.counts()
    return (
        f"{counts['activity']} {tr('cours', 'activities')}, {counts['instructor']} {tr('enseignants', 'instructors')},"
        f" {counts['room']} {tr('salles', 'rooms')}, {source.planning.grid.weeks} {tr('semaines', 'weeks')}"
        f" ({source.origin})"
    )
