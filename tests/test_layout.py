"""The shape of the house: folders, sizes, imports, and what may not be named."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BESIDE = "../" + "shared"  # put together here, so that this file does not name it either
CUSTOMER = {"training", "mlflow", "dashboard", "docker-compose.yml"}
OURS = {"pyproject.toml", "constraints.txt", "Makefile", "README.md", "LICENSE", "CITATION.cff"}
MAY_BE = {"compose.s3.yaml", ".env.example", ".dockerignore", ".gitignore", "LICENSES"}
FOLDERS = {".ci", "benchmarks", "tests"}
EXCUSE = "Longer than 250 lines because"
BANNED = {"utils", "common", "core", "helpers", "manager"}
BLOCKER = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocked())
"""


@cache
def files() -> tuple[Path, ...]:
    """Files of the project, relative to its root: tracked ones and new ones that git would take."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(Path(name) for name in told.split("\0") if name and (ROOT / name).is_file())


def modules(*packages: str) -> Iterator[Path]:
    """The Python files of the project, or of some of its top folders."""
    for path in files():
        if path.suffix == ".py" and (not packages or path.parts[0] in packages):
            yield path


def python(code: str, block: Iterable[str] = ()) -> subprocess.CompletedProcess[str]:
    """Run code in a new interpreter at the root, where none of `block` can be imported."""
    command = [sys.executable, "-c", BLOCKER.format(names=set(block)) + code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_top_level_is_as_agreed():
    top = {path.parts[0] for path in files()}
    agreed = CUSTOMER | OURS | FOLDERS
    assert agreed - top == set(), "missing at the top"
    assert top - agreed - MAY_BE == set(), "agree on new top-level names first"


def test_mlflow_folder_holds_no_python_and_never_shadows_the_package():
    assert [path for path in files() if path.parts[0] == "mlflow" and path.suffix == ".py"] == []
    done = python("import mlflow; print(mlflow.__version__, mlflow.__file__)")
    assert done.returncode == 0, done.stderr
    version, file = done.stdout.split()
    assert version.startswith("3.") and not Path(file).is_relative_to(ROOT / "mlflow")


def test_modules_are_short_or_say_why_not():
    for path in modules():
        text = (ROOT / path).read_text(encoding="utf-8")
        lines = text.count("\n")
        excused = EXCUSE in (ast.get_docstring(ast.parse(text)) or "")
        assert lines <= 250 or excused, f"{path}: {lines} lines; docstring lacks '{EXCUSE} ...'"


def test_names_say_something():
    vague = [path for path in modules() if BANNED & {*path.parts[:-1], path.stem}]
    assert vague == []


def test_only_ci_run_names_the_folder_beside_the_checkout():
    naming = [p for p in files() if BESIDE.encode() in (ROOT / p).read_bytes()]
    assert set(naming) <= {Path(".ci/run")}


def test_views_folder_is_not_streamlits_magic_name():
    assert not (ROOT / "dashboard" / "pages").exists()


def test_dashboard_files_shadow_no_package():
    """Streamlit puts dashboard/ first on sys.path: a plotly.py there would hide the real one."""
    taken = set(sys.stdlib_module_names) | {"mlflow", "streamlit", "plotly", "pandas", "numpy"}
    top = {path.stem for path in modules("dashboard") if len(path.parts) == 2}
    folders = {path.parts[1] for path in modules("dashboard") if len(path.parts) > 2}
    assert (top | folders) & taken <= {"__init__", "__main__"}


def test_import_contracts_hold():
    """Beside this interpreter lies lint-imports; the contracts are in pyproject.toml."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("package", ["spec", "catalogue"])
def test_vocabulary_imports_the_standard_library_only(package: str):
    """The contract in pyproject.toml lists packages; this one allows none at all."""
    allowed = set(sys.stdlib_module_names) | {"training"}
    found = [path for path in modules("training") if path.parts[1] == package]
    assert found, f"training/{package} has no module"
    for path in found:
        assert imported(path) <= allowed, f"{path} imports {imported(path) - allowed}"


def imported(path: Path) -> set[str]:
    """Top-level names that a module imports, at any depth of its code."""
    names: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add((node.module or "").partition(".")[0])
    return names


def names_of(package: str) -> list[str]:
    """Importable names of a package's modules, without `__main__` (running) and `app` (a page)."""
    dotted = [".".join(path.with_suffix("").parts) for path in modules(package.partition(".")[0])]
    dotted = [name.removesuffix(".__init__") for name in dotted]
    unwanted = (f"{package}.__main__", f"{package}.app")
    mine = [name for name in dotted if f"{name}.".startswith(f"{package}.")]
    return [name for name in mine if name not in unwanted]


@pytest.mark.parametrize(
    "package",
    ["training.spec", "training.catalogue", "training.plan", "training.cli", "dashboard"],
)
def test_starts_without_torch(package: str):
    """Planning and the dashboard need no torch: every module loads where it cannot be imported."""
    names = names_of(package)
    assert names, f"{package} holds no module"
    code = f"import importlib\nfor name in {names!r}: importlib.import_module(name)\n"
    done = python(code, block={"torch", "pytorch_lightning", "transformers"})
    assert done.returncode == 0, done.stderr[-2000:]
