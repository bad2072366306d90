"""What is installed, under which names, and what is said where a part is missing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
COMMANDS = {"silta": ("training", "train"), "silta-dashboard": ("dashboard", "dashboard")}
BLOCK = """
import runpy, sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocked())
sys.argv = {argv!r}
runpy.run_module({package!r}, run_name="__main__", alter_sys=False)
"""


def pins() -> dict[str, str]:
    """Name -> version of constraints.txt; every line is an exact version."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    told = [line for line in lines if line and not line.startswith("#")]
    for line in told:
        assert re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line), f"no exact pin: {line}"
    return dict(line.split("==") for line in told)


def closure(requirements: list[str]) -> set[str]:
    """Canonical names of what the requirements bring along, read off what is installed."""
    found: set[tuple[str, str]] = set()
    todo = [(Requirement(text), "") for text in requirements]
    while todo:
        wanted, extra = todo.pop()
        if wanted.marker and not wanted.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(wanted.name)
        for part in {"", *wanted.extras} - {e for n, e in found if n == name}:
            found.add((name, part))
            needs = metadata.requires(name) or []
            todo += [(Requirement(text), part) for text in needs]
    return {name for name, _ in found}


@pytest.mark.parametrize("extra", EXTRAS)
def test_every_direct_dependency_is_pinned_inside_its_range(extra: str):
    for text in EXTRAS[extra]:
        wanted = Requirement(text)
        version = pins().get(canonicalize_name(wanted.name))
        assert version, f"constraints.txt does not pin {wanted.name}"
        assert wanted.specifier.contains(version), f"{wanted} excludes the tested {version}"


def all_extras() -> list[str]:
    """What `make test` installs."""
    return [text for extra in EXTRAS.values() for text in extra]


def test_every_transitive_dependency_is_pinned():
    brought = closure(all_extras())
    assert len(brought) > 100
    assert brought - set(pins()) == set()


def test_what_is_installed_here_is_what_is_pinned():
    told = pins()
    brought = closure(all_extras())
    here = {name: metadata.version(name).partition("+")[0] for name in brought}
    assert {n: v for n, v in here.items() if told.get(n) != v} == {}


def test_the_package_that_stole_credentials_is_never_asked_for():
    direct = {canonicalize_name(Requirement(text).name) for e in EXTRAS.values() for text in e}
    assert "lightning" not in direct | set(pins())
    assert "pytorch-lightning" in direct


def test_dashboard_extra_brings_no_torch():
    assert {"torch", "transformers", "pytorch-lightning"} & closure(EXTRAS["dashboard"]) == set()


def test_base_installation_needs_nothing():
    assert PROJECT["dependencies"] == []


def test_commands_and_modules_are_the_same():
    for command, (package, _) in COMMANDS.items():
        assert PROJECT["scripts"][command] == f"{package}.__main__:main"


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        ("silta", "typer"),
        ("silta", "pydantic"),
        ("silta-dashboard", "typer"),
        ("silta-dashboard", "streamlit"),
        ("silta-dashboard", "mlflow"),
    ],
)
def test_a_missing_extra_is_named(command: str, missing: str, tmp_path: Path):
    package, extra = COMMANDS[command]
    argv = [command, "plan", "none.yaml"] if command == "silta" else [command, "serve"]
    code = BLOCK.format(missing=missing, argv=argv, package=package)
    told = {**os.environ, "PYTHONPATH": str(ROOT)}
    line = [sys.executable, "-c", code]
    done = subprocess.run(line, cwd=tmp_path, env=told, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2, done.stdout + done.stderr
    assert f"{command} needs the {extra} extra: pip install 'silta[{extra}]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_the_wheel_holds_the_two_packages_and_their_data_and_nothing_else(tmp_path: Path):
    """Built without isolation, so that no registry is asked."""
    line = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q"]
    tree = copy(tmp_path / "tree")
    done = subprocess.run([*line, "-w", str(tmp_path), str(tree)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("silta-*.whl")
    names = {Path(name) for name in ZipFile(wheel).namelist()}
    tops = {name.parts[0] for name in names if not name.parts[0].endswith(".dist-info")}
    assert tops == {"training", "dashboard"}
    assert not [name for name in names if "__pycache__" in name.parts]
    kinds = {".py", ".csv", ".tsv", ".yaml", ".json", ".safetensors", ".model"}
    wanted = {p for p in tree_files() if p.parts[0] in tops and p.suffix in kinds}
    assert wanted - names == set()


def tree_files() -> list[Path]:
    """Tracked and new files of the project, relative to its root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in told.split("\0") if name and (ROOT / name).is_file()]


def copy(target: Path) -> Path:
    """The project's files in a folder of their own: a build leaves nothing in the checkout."""
    for name in tree_files():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes((ROOT / name).read_bytes())
    return target
