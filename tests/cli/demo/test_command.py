import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ports import free_ports

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("HP_")}


def run_demo(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the demo as a person does, and wait for its end."""
    return subprocess.run(
        [sys.executable, "-m", "hpserver", "demo", "--check", *arguments],
        cwd=tmp_path,
        env=ENVIRONMENT
        | {"PYTHONPATH": str(Path(__file__).resolve().parents[3]), "HP_PORTS__FIRST": str(free_ports(4))}
        | environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


@pytest.mark.slow
def test_the_demo_shows_every_step_with_made_up_data(tmp_path: Path) -> None:
    """Without any data on the machine, a generated school goes through all of it, said in French."""
    done = run_demo(tmp_path, HP_SHARED=str(tmp_path), HP_LANG="fr")

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"^\[ ?(\d+)/14\]", done.stdout, re.MULTILINE) == [str(n) for n in range(1, 15)]
    assert "300 saisies validées" in done.stdout
    assert "Tout s'est arrêté proprement." in done.stdout


@pytest.mark.slow
def test_the_demo_runs_on_real_data(tmp_path: Path, shared_data: Path) -> None:
    """A real HYPERPLANNING export is imported, edited and survives the crash; the folder is kept when one is given."""
    state = tmp_path / "kept"
    done = run_demo(tmp_path, "--state", str(state), HP_SHARED=str(shared_data.parent.resolve()))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "hp2024-promotion-M1.ics" in done.stdout
    assert (state / "ParamClient").stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
def test_the_demo_leaves_a_foreign_folder_alone(tmp_path: Path) -> None:
    """A folder that holds anything else is not touched, and the demo says what to do."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")

    done = run_demo(tmp_path, "--state", str(tmp_path / "mine"))

    assert done.returncode == 1
    assert "choose another --state" in done.stderr
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"
