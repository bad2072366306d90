"""A lighter start: what Lightning imports and only might need is read when it is asked for."""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

NAME = "torchmetrics"
NEEDED = {"Metric": "metric", "MetricCollection": "collections", "__version__": "__about__"}
"""What Lightning asks it for, and where it is."""


def lightly() -> None:
    """To be called before Lightning is imported, which imports all of torchmetrics for two classes:
    measures of sound and pictures, SciPy's signals and its statistics, matplotlib, a second and a
    half of every process.

    The package is there as ever, but that it cannot draw: the first name asked of it that is not in
    `NEEDED` runs the rest of its import. Where it is made otherwise than expected, all of it is
    imported at once.
    """
    spec = None if NAME in sys.modules else find_spec(NAME)
    if spec is None or spec.loader is None:
        return
    package = module_from_spec(spec)
    sys.modules[NAME] = package
    try:
        begin(package, spec)
    except (ImportError, AttributeError, OSError):
        for name in [one for one in sys.modules if one.partition(".")[0] == NAME]:
            del sys.modules[name]


def begin(package: ModuleType, spec: ModuleSpec) -> None:
    """The needed names of a package whose own code has not run, and how it runs later."""
    told: dict[str, Any] = vars(package)
    told["_logger"] = logging.getLogger(NAME)  # its modules take it from the package
    imports = undrawn(spec)
    utilities = import_module(f"{NAME}.utilities")  # before the classes, which it imports, too
    vars(utilities)["imports"] = imports
    told |= {name: getattr(import_module(f"{NAME}.{part}"), name) for name, part in NEEDED.items()}

    def rest(name: str) -> Any:
        told.pop("__getattr__", None)
        assert spec.loader is not None
        spec.loader.exec_module(package)
        return getattr(package, name)

    told["__getattr__"] = rest


def undrawn(package: ModuleSpec) -> ModuleType:
    """The package's list of what is installed, without matplotlib, before anything of it asks."""
    name = f"{NAME}.utilities.imports"
    place = Path(str(package.origin)).parent.joinpath("utilities", "imports.py")
    spec = spec_from_file_location(name, place)
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    vars(module)["_MATPLOTLIB_AVAILABLE"] = False
    return module
