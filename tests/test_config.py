"""Where things live, and what may be set."""

import os
from pathlib import Path

import pytest

from hpserver.config import (
    MAX_RUN_DIRECTORY,
    MAX_SOCKET_PATH,
    Paths,
    find_paths,
    parse_settings,
    read_settings,
    secret_beside,
)
from hpserver.errors import ConfigurationError

ACCOUNT = "123456789012"


def test_state_and_run_are_where_the_environment_says() -> None:
    """An operator can put an installation anywhere."""
    assert find_paths({"HP_STATE": "/srv/hp", "HP_RUN": "/srv/r"}) == Paths(Path("/srv/hp"), Path("/srv/r"))
    assert find_paths({"HP_STATE": "/srv/hp"}).run == Path("/srv/hp/run")


def test_service_uses_the_directories_systemd_made() -> None:
    """A hardened unit may write nowhere else."""
    given = {"STATE_DIRECTORY": "/var/lib/private/hp", "RUNTIME_DIRECTORY": "/run/hp"}
    assert find_paths(given) == Paths(Path("/var/lib/private/hp"), Path("/run/hp"))


def test_long_state_directory_gets_a_short_run_directory_of_its_own() -> None:
    """Two installations deep in the tree never share sockets, and both can open theirs."""
    one, two = (find_paths({"HP_STATE": f"/srv/{'x' * 90}/{name}"}).run for name in "ab")
    assert one != two
    assert one.parent == Path("/tmp")  # noqa: S108  only its name is read
    assert len(os.fsencode(one)) <= MAX_RUN_DIRECTORY


def test_run_directory_too_long_for_sockets_is_refused_with_the_remedy() -> None:
    """The kernel's own error would say `AF_UNIX path too long` of a path nobody gave."""
    with pytest.raises(ConfigurationError, match="set HP_RUN"):
        find_paths({"HP_RUN": "/" + "r" * MAX_RUN_DIRECTORY})


def test_relative_path_is_refused() -> None:
    """A state directory that depends on where a command was typed would be two installations."""
    with pytest.raises(ConfigurationError, match="absolute"):
        find_paths({"HP_STATE": "state"})


@pytest.mark.parametrize("planning", ["planning01", "p" * 200, "Année en cours", "../../etc", "a/b"])
def test_every_socket_fits_whatever_the_planning_is_called(planning: str) -> None:
    """A planning's name never decides whether its server can listen, nor leads out of the directory."""
    paths = Paths(Path("/state"), Path("/" + "r" * (MAX_RUN_DIRECTORY - 1)))
    sock = paths.planning_socket(ACCOUNT, planning)
    assert sock.parent == paths.run / "plannings"
    assert len(os.fsencode(secret_beside(sock))) <= MAX_SOCKET_PATH


def test_socket_that_would_not_fit_is_refused() -> None:
    """A path made by hand meets the same limit, with the same remedy."""
    with pytest.raises(ConfigurationError, match="set HP_RUN"):
        Paths(Path("/s"), Path("/" + "r" * 100)).controller_socket(ACCOUNT)


@pytest.mark.parametrize("name", ["", "..", ".hidden", "a/b", "a\0b"])
def test_name_that_leads_elsewhere_names_no_base(name: str) -> None:
    """The name of a base comes from a person: it never leaves the folder of its account."""
    with pytest.raises(ConfigurationError, match="cannot name a file"):
        Paths(Path("/s"), Path("/r")).base(ACCOUNT, name)


def test_named_paths_are_those_of_the_manual() -> None:
    """docs/operations.md tells these names to people who make backups."""
    paths = Paths(Path("/s"), Path("/r"))
    assert paths.base(ACCOUNT, "2026") == Path(f"/s/bases/{ACCOUNT}/2026.hpbase")
    assert paths.directory == Path("/s/directory.sqlite")
    assert paths.certs == Path("/s/certs")
    assert paths.agent_socket == Path("/r/agent.sock")
    assert paths.agent_lock == Path("/r/agent.lock")
    assert paths.controller_socket(ACCOUNT) == Path(f"/r/controllers/{ACCOUNT}.sock")
    assert secret_beside(paths.agent_socket) == Path("/r/agent.sock.secret")
    assert paths.log(ACCOUNT, "planning01") == Path(f"/s/logs/{ACCOUNT}-planning01.log")


def test_directories_are_made_private_and_checked(tmp_path: Path) -> None:
    """Sockets and bases in a directory open to others would be everybody's."""
    paths = Paths(tmp_path / "deep" / "state", tmp_path / "run")
    paths.make()
    paths.make()
    assert paths.run.stat().st_mode & 0o777 == 0o700
    assert paths.state.stat().st_mode & 0o777 == 0o700
    paths.run.chmod(0o755)
    with pytest.raises(ConfigurationError, match="chmod 700"):
        paths.make()


def test_directory_that_is_a_link_is_refused(tmp_path: Path) -> None:
    """In /tmp anyone could have put a link there first."""
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigurationError, match="not a directory of this user"):
        Paths(tmp_path / "state", tmp_path / "run").make()


def test_defaults_hold_with_no_file_at_all(tmp_path: Path) -> None:
    """A first start needs no file."""
    settings = read_settings(Paths(tmp_path, tmp_path), {})
    assert (settings.listen.host, settings.controller.port, settings.log.level) == ("127.0.0.1", 21200, "info")
    assert settings.ports.last < 32768


def test_environment_wins_over_file_over_default(tmp_path: Path) -> None:
    """One rule of precedence, the one people expect."""
    (tmp_path / "hpserver.toml").write_text("[controller]\nport = 22000\n[listen]\nhost = '::1'\n")
    paths = Paths(tmp_path, tmp_path)
    assert read_settings(paths, {}).controller.port == 22000
    settings = read_settings(paths, {"HP_CONTROLLER__PORT": "23000", "HP_STATE": "/elsewhere", "OTHER__X": "1"})
    assert (settings.controller.port, settings.listen.host, settings.log.level) == (23000, "::1", "info")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[controller]\nprt = 1", "`prt` - at `$.controller`"),
        ("[controler]\nport = 1", "`controler`"),
        ("[controller]\nport = 70000", "at `$.controller.port`"),
        ("[controller]\nport = '21200'", "at `$.controller.port`"),
        ("controller = 3", "at `$.controller`"),
        ("[log]\nlevel = 'loud'", "at `$.log.level`"),
        ("[ports]\nfirst = 30000\nlast = 20000", "ports.first"),
        ("[controller", "the settings: "),
    ],
)
def test_mistake_in_the_file_is_an_error_that_names_the_key(text: str, named: str) -> None:
    """A typing error that is silently ignored is found out a year later."""
    with pytest.raises(ConfigurationError) as caught:
        parse_settings(text, {})
    assert named in caught.value.text


@pytest.mark.parametrize("variable", ["HP_CONTROLLER__PRT", "HP_CONTROLER__PORT", "HP_CONTROLLER__PORT"])
def test_mistake_in_the_environment_is_an_error_that_names_the_variable(variable: str) -> None:
    """The variable is what the operator must change: the error names it."""
    with pytest.raises(ConfigurationError, match=variable):
        parse_settings("", {variable: "many"})


def test_named_file_must_exist(tmp_path: Path) -> None:
    """Defaults in place of the file that was asked for would be another server."""
    paths = Paths(tmp_path, tmp_path)
    with pytest.raises(ConfigurationError, match="HP_CONFIG names"):
        read_settings(paths, {"HP_CONFIG": str(tmp_path / "none.toml")})
    (tmp_path / "latin.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_settings(paths, {"HP_CONFIG": str(tmp_path / "latin.toml")})
