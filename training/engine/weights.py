"""Where a run's first weights come from: shipped, from the hub or a copy of it, or drawn."""

from __future__ import annotations

from pathlib import Path

import training.miniature
from training import catalogue
from training.data import hub
from training.data.errors import DataError, MissingData
from training.engine.runtime import Runtime
from training.spec.run import Run
from training.spec.scale import Scale
from training.spec.source import artificial

SHIPPED = Path(training.miniature.__file__).parent / "encoders"
WEIGHTS = ("*.safetensors", "*.bin")


def of_run(run: Run, runtime: Runtime) -> str:
    """Where the weights of a run without a parent come from; the vocabulary must be there too."""
    scale = catalogue.scale(run.scale)
    if run.parent:
        return run.parent
    if not run.recipe.scratch and not scale.weights.startswith("random"):
        return of_scale(scale, runtime)
    if runtime.data and not artificial(run.source):
        from training.data.vocabulary import model  # it takes a second to import

        model(runtime.data)
    return "random weights"


def of_scale(scale: Scale, runtime: Runtime) -> str:
    """Where a scale's own weights come from. Raises MissingData or DataError."""
    kind, _, name = scale.weights.partition(":")
    if kind != "hub":
        return f"shipped: {shipped(scale).name}"
    copy = local_model(name, runtime)
    if copy is None:
        fetchable(name, runtime)
        return f"{name}: the hub, or its cache"
    if not any(found for one in WEIGHTS for found in copy.glob(one)):
        wrong = f"holds no weights ({', '.join(WEIGHTS)})"
        raise DataError(str(copy), None, wrong, missing_model(name, runtime).todo)
    return str(copy)


def shipped(scale: Scale) -> Path:
    """The folder of a scale's shipped encoder."""
    path = SHIPPED / scale.weights.partition(":")[2]
    if not (path / "config.json").is_file():
        raise MissingData(
            f"the shipped encoder {path.name!r}",
            str(path),
            "make it with `make encoders`, or start from random weights: --set recipe.scratch=true",
            ("make encoders",),
        )
    return path


def local_model(name: str, runtime: Runtime) -> Path | None:
    """The copy of a hub model under --data, if there is one."""
    path = runtime.data / "models" / name.replace("/", "__") if runtime.data else None
    return path if path and path.is_dir() else None


def fetchable(name: str, runtime: Runtime) -> None:
    """Raises MissingData where a hub model is neither on the hub nor in its cache."""
    from huggingface_hub import hf_hub_download

    try:
        hf_hub_download(name, "config.json")
    except Exception as error:  # offline, gone, gated: whatever the hub's client raises
        raise missing_model(name, runtime, hub.gated(error)) from error


def missing_model(name: str, runtime: Runtime, gated: bool = False) -> MissingData:
    """What to say where a published model cannot be had."""
    folder = (runtime.data or Path("DATA")) / "models" / name.replace("/", "__")
    page = f"https://huggingface.co/{name}" if gated else ""
    return MissingData(
        f"the model {name}",
        f"{folder}, the hub and its cache",
        f"{hub.accepting(page)}where there is network: `hf download {name} --local-dir {folder}`, "
        "and name the folder above `models` with --data",
        (*[hub.LOGIN] * gated, f"hf download {name} --local-dir {folder}"),
        page,
    )
