"""Where things live, and what an operator may set: one TOML file and the environment, read once, passed down.

It knows names and defaults, not what they are used for.
"""

import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from hpserver.errors import ConfigurationError

MAX_SOCKET_PATH = 107
"""Bytes of the path of a Unix socket: `sun_path` holds 108, one of them the final zero (unix(7))."""

PRIVATE_DIRECTORY = 0o700
_OTHERS = 0o077
_NAME_IN_SOCKET = 20
_LONGEST_SOCKET = len("/plannings/123456789012-.sock.secret") + _NAME_IN_SOCKET
MAX_RUN_DIRECTORY = MAX_SOCKET_PATH - _LONGEST_SOCKET
"""Bytes of the path of the run directory, so that every socket inside has a path short enough."""

UPLOAD_QUOTA_MIB = 10_240
"""Mebibytes of the bases of one account: a large university has 30 MiB a year."""

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Level = Literal["debug", "info", "warning", "error"]


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some settings under one heading of the file. An unknown name is an error, never ignored."""


class Listen(Group, frozen=True):
    """`[listen]`: where the TCP ports of controllers and plannings are opened."""

    host: str = "127.0.0.1"


class Ports(Group, frozen=True):
    """`[ports]`: the range that controllers and plannings are allocated from.

    21200 is the port of a controller that users know. The range ends below the ephemeral one: in it, a listener can
    lose its port to an outgoing connection of the machine.
    """

    first: Port = 21200
    last: Port = 32767


class Controller(Group, frozen=True):
    """`[controller]`: `port` is the one proposed to the first hosting account."""

    port: Port = 21200


class Log(Group, frozen=True):
    """`[log]`: the least grave level that is written; `to` = "files" gives each child its file in `logs/`."""

    level: Level = "info"
    to: Literal["output", "files"] = "output"


class Limits(Group, frozen=True):
    """`[limits]`: what one process takes at most before it refuses more.

    `connections` are those of one process, within 80 % of its descriptors. `hash_threads` work on passwords,
    `hash_queue` may wait for them. A planning server that needs more than `planning_mib` mebibytes of its own ends and
    is started again, instead of the kernel choosing whom to end; 0 bounds none. No session lasts longer than
    `session_seconds`, nor longer than `idle_seconds` when nobody does anything, whatever its school wishes.
    """

    connections: Annotated[int, msgspec.Meta(ge=1)] = 10_000
    hash_threads: Annotated[int, msgspec.Meta(ge=1, le=64)] = 2
    hash_queue: Annotated[int, msgspec.Meta(ge=1)] = 64
    planning_mib: Annotated[int, msgspec.Meta(ge=0, le=1 << 30)] = 0
    session_seconds: Annotated[int, msgspec.Meta(ge=1, le=43_200)] = 43_200
    idle_seconds: Annotated[int, msgspec.Meta(ge=1, le=43_200)] = 43_200


class Backups(Group, frozen=True):
    """`[backups]`: of every base, every so many minutes when it changed; 0 takes none.

    Kept are the `recent` newest, the last of `daily` days and the last of `weekly` weeks. With `recipient`, the file
    of a public key, they are sealed for who has the private one. `folder` is elsewhere than in the state directory.
    """

    every_minutes: Annotated[int, msgspec.Meta(ge=0, le=10_080)] = 60
    recent: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 24
    daily: Annotated[int, msgspec.Meta(ge=0, le=1_000)] = 14
    weekly: Annotated[int, msgspec.Meta(ge=0, le=1_000)] = 8
    recipient: str = ""
    folder: str = ""


class Uploads(Group, frozen=True):
    """`[uploads]`: mebibytes that the bases of an account and the uploads under way take together; 0 takes none."""

    quota_mib: Annotated[int, msgspec.Meta(ge=0, le=10_000_000)] = UPLOAD_QUOTA_MIB


class Web(Group, frozen=True):
    """`[web]`: the port of the hosting console, before the range of `[ports]`; 0 has none."""

    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 21190


class Mail(Group, frozen=True):
    """`[mail]`: the relay that letters leave by; without `host` there is no mail.

    The relay is always spoken to in TLS with a verified certificate: `ca_file` names who vouches for it when the
    system's list does not. The password is the first line of `password_file`, which nobody else may read.
    """

    host: str = ""
    port: Port = 587
    security: Literal["starttls", "tls"] = "starttls"
    sender: str = ""
    user: str = ""
    password_file: str = ""
    ca_file: str = ""
    language: Literal["fr", "en"] = "fr"


class Settings(Group, frozen=True):
    """Everything an operator may set. Strongest first: `HP_GROUP__NAME`, the file, the defaults here."""

    listen: Listen = Listen()
    ports: Ports = Ports()
    controller: Controller = Controller()
    log: Log = Log()
    limits: Limits = Limits()
    backups: Backups = Backups()
    uploads: Uploads = Uploads()
    mail: Mail = Mail()
    web: Web = Web()


class Paths(msgspec.Struct, frozen=True):
    """The two directories of an installation, and the name of everything inside them.

    `state` survives a restart of the machine (databases, bases, certificates); `run` need not (sockets).
    """

    state: Path
    run: Path

    @property
    def settings(self) -> Path:
        """The settings file used when `HP_CONFIG` names no other and the system has none."""
        return self.state / "hpserver.toml"

    @property
    def directory(self) -> Path:
        """The database of accounts, users and plannings."""
        return self.state / "directory.sqlite"

    @property
    def certs(self) -> Path:
        """Keys and certificates of the installation; the room `certs` names what is inside."""
        return self.state / "certs"

    @property
    def bases(self) -> Path:
        """The bases of every account, a folder each."""
        return self.state / "bases"

    @property
    def backups(self) -> Path:
        """The backups of every account, a folder for each base, unless the settings name another place."""
        return self.state / "backups"

    @property
    def uploads(self) -> Path:
        """What was received of files that are to become bases, a folder for each account."""
        return self.state / "uploads"

    @property
    def tasks(self) -> Path:
        """How the long actions of every account go, and the copies of bases that wait to be fetched."""
        return self.state / "tasks"

    @property
    def trash(self) -> Path:
        """The bases that were deleted, for as long as they can be put back."""
        return self.state / "trash"

    @property
    def audit(self) -> Path:
        """The audit logs, a file for each account."""
        return self.state / "audit"

    @property
    def scratch(self) -> Path:
        """Where processes put what they need for a moment, unless `TMPDIR` names another place."""
        return self.state / "scratch"

    @property
    def outbox(self) -> Path:
        """Letters that wait to leave, a folder for each account."""
        return self.state / "outbox"

    @property
    def logs(self) -> Path:
        """One file per child, when the settings ask for files."""
        return self.state / "logs"

    @property
    def of_children(self) -> tuple[Path, ...]:
        """All that a controller or a planning server writes: no key, no certificate, no setting, no code."""
        database = [self.directory.with_name(self.directory.name + end) for end in ("", "-wal", "-shm", ".lock")]
        folders = (self.bases, self.backups, self.uploads, self.tasks, self.trash, self.audit, self.outbox, self.logs)
        return (*database, *folders, self.scratch, self.run, Path(os.devnull))

    @property
    def agent_lock(self) -> Path:
        """Held as long as an agent lives; holds its pid."""
        return self.run / "agent.lock"

    @property
    def agent_socket(self) -> Path:
        """Where the agent listens to the CLI."""
        return self.run / "agent.sock"

    @property
    def signer_socket(self) -> Path:
        """Where the signer listens to controllers and the CLI."""
        return self.run / "signer.sock"

    def base(self, account: str, base: str) -> Path:
        """Name the file of a base. Raises ConfigurationError when a name could lead elsewhere."""
        return self.bases / _inside(account) / f"{_inside(base)}.hpbase"

    def log(self, account: str, planning: str = "") -> Path:
        """Name the log file of a controller, or of a planning server."""
        return self.logs / f"{_short(f'{account}-{planning}' if planning else account, limit=100)}.log"

    @property
    def signer_log(self) -> Path:
        """The log file of the signer."""
        return self.logs / "signer.log"

    @property
    def web_log(self) -> Path:
        """The log file of the web process."""
        return self.logs / "web.log"

    def controller_socket(self, account: str) -> Path:
        """Name the socket where an account's controller listens to our other processes."""
        return _fitting(self.run / "controllers" / f"{_inside(account)}.sock")

    def planning_socket(self, account: str, planning: str) -> Path:
        """Name the socket where a planning server listens to its controller."""
        name = _short(planning, limit=_NAME_IN_SOCKET)
        return _fitting(self.run / "plannings" / f"{_inside(account)}-{name}.sock")

    def make(self) -> None:
        """Create the directories, 0700, or check those there are.

        Raises:
            ConfigurationError: one is not ours, is open to others, or cannot be made; the text says what to do.
        """
        ours = (self.state, self.run, self.bases, self.audit, self.logs)
        # What is not there at its start is hidden from a child.
        theirs = (self.backups, self.uploads, self.tasks, self.scratch, self.outbox)
        for path in (*ours, *theirs, self.run / "controllers", self.run / "plannings"):
            _make_private(path)


def secret_beside(sock: Path) -> Path:
    """Name the file, 0600, that holds the secret of this start of whoever listens on a socket."""
    return sock.with_name(f"{sock.name}.secret")


def find_paths(environ: Mapping[str, str] = os.environ) -> Paths:
    """Say where this installation lives.

    State: `HP_STATE`; else `STATE_DIRECTORY` (systemd); else `/var/lib/hpserver` for root; else XDG state.
    Run: `HP_RUN`; else, under `HP_STATE`, its folder `run` or, when that path is too long for sockets, a private
    directory in /tmp named after it; else `RUNTIME_DIRECTORY`; else `/run/hpserver` for root; else XDG runtime.

    Raises:
        ConfigurationError: a path is not absolute, or the run directory is too long for sockets.
    """
    state, run = environ.get("HP_STATE", ""), environ.get("HP_RUN", "")
    home, root = Path(environ.get("HOME") or "/"), os.geteuid() == 0
    if not run and state:
        run = f"{state}/run"
        if len(os.fsencode(run)) > MAX_RUN_DIRECTORY:
            run = _short_run(state)
    run = run or environ.get("RUNTIME_DIRECTORY", "") or ("/run/hpserver" if root else "")
    run = run or (f"{xdg}/hp" if (xdg := environ.get("XDG_RUNTIME_DIR", "")) else _short_run(str(home)))
    state = state or environ.get("STATE_DIRECTORY", "") or ("/var/lib/hpserver" if root else "")
    state = state or f"{environ.get('XDG_STATE_HOME') or home / '.local/state'}/hp"
    for path in (state, run):
        if not Path(path).is_absolute():
            raise ConfigurationError(f"HP_STATE and HP_RUN must be absolute paths, not {path}.", path=path)
    if len(os.fsencode(run)) > MAX_RUN_DIRECTORY:
        raise ConfigurationError(
            f"The run directory {run} is too long for Unix sockets: set HP_RUN to a path of at most"
            f" {MAX_RUN_DIRECTORY} bytes.",
            path=run,
        )
    return Paths(Path(state), Path(run))


def read_settings(paths: Paths, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings: the file that `HP_CONFIG` names, else the one in the state directory when there is one.

    Raises:
        ConfigurationError: the file is missing (when named), no TOML, or a key or value is not known; the text
            names the key.
    """
    named = environ.get("HP_CONFIG", "")
    file = Path(named) if named else paths.settings
    return parse_settings(_read(file, must_exist=bool(named)), environ, source=str(file))


def parse_settings(text: str, environ: Mapping[str, str], source: str = "the settings") -> Settings:
    """Turn TOML and the variables `HP_GROUP__NAME` into settings. Raises ConfigurationError naming the key."""
    try:
        tree: dict[str, Any] = msgspec.toml.decode(text)
        msgspec.convert(tree, Settings)
    except msgspec.MsgspecError as error:
        raise ConfigurationError(f"{source}: {error}", path=source) from error
    for variable, value in sorted(environ.items()):
        group, _, key = variable.removeprefix("HP_").lower().partition("__")
        if not variable.startswith("HP_") or not key:
            continue
        try:
            msgspec.convert({group: {key: value}}, Settings, strict=False)
        except msgspec.ValidationError as error:
            raise ConfigurationError(f"{variable}: {error}", key=variable) from error
        tree.setdefault(group, {})[key] = value
    settings = msgspec.convert(tree, Settings, strict=False)
    if settings.ports.first > settings.ports.last:
        raise ConfigurationError(f"{source}: ports.first is above ports.last.", key="ports.first")
    return settings


def _read(file: Path, *, must_exist: bool) -> str:
    """Read the file; "" when there is none and none was asked for."""
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        if must_exist:
            raise ConfigurationError(f"HP_CONFIG names {file}, which does not exist.", path=str(file)) from error
        return ""
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise ConfigurationError(f"{file} cannot be read: {why}", path=str(file)) from error


def _short_run(state: str) -> str:
    """Name a private directory in /tmp for the sockets of a state directory whose path is long."""
    digest = hashlib.blake2b(os.fsencode(os.path.realpath(state)), digest_size=6).hexdigest()
    return f"/tmp/hp-{os.geteuid()}-{digest}"  # noqa: S108  made 0700 and its owner checked before any use


def _make_private(path: Path) -> None:
    """Create a directory only its owner may enter, or check that the one there is such."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=PRIVATE_DIRECTORY, exist_ok=True)
        found = path.lstat()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be made: {error.strerror}.", path=str(path)) from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise ConfigurationError(f"{path} is not a directory of this user: remove it.", path=str(path))
    if found.st_mode & _OTHERS:
        raise ConfigurationError(f"Others may enter {path}: run `chmod 700 {path}`.", path=str(path))


def _inside(name: str) -> str:
    """Pass on a name that stays in its folder. Raises ConfigurationError for any other."""
    if not name or name.startswith(".") or "/" in name or "\0" in name:
        raise ConfigurationError(f"{name!r} cannot name a file.", name=name)
    return name


def _short(name: str, limit: int) -> str:
    """Return the name when it is a plain word of at most `limit` bytes, a digest of it otherwise."""
    plain = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    if plain and len(name) <= limit:
        return name
    return hashlib.blake2b(name.encode(), digest_size=_NAME_IN_SOCKET // 2).hexdigest()


def _fitting(sock: Path) -> Path:
    """Pass on a path that a Unix socket, and the secret beside it, may have. Raises ConfigurationError."""
    if len(os.fsencode(secret_beside(sock))) > MAX_SOCKET_PATH:
        raise ConfigurationError(
            f"{sock} is too long for a Unix socket ({MAX_SOCKET_PATH} bytes): set HP_RUN to a shorter path.",
            path=str(sock),
        )
    return sock
