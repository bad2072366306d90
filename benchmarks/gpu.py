"""Silta on one H200, against its goals: `python benchmarks/gpu.py [PART ...]`.

Parts take a few minutes each: ceilings, xl, xxl, small (base and large), evaluation, mlm. Every
measurement is written as soon as it is there, to `benchmarks/results/gpu.json` with machine,
versions and date, and is not made again: started anew, it goes on where it was stopped (`--again`
begins the named parts afresh). Goals H1 to H10 (`gpu_goals.py`) are told as met or missed, and by
how much, at each end and by `--report`. Lengths are those of `gpu_models.py`, weights random.
Without a GPU it says so and ends well. `--rehearse` runs the same code on the CPU with narrow
models of both architectures, judges nothing and leaves no results.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bench import RESULTS, ROOT, SCHEMA, machine

sys.path[:0] = [str(ROOT)]
PATH = RESULTS / "gpu.json"
Measure = Callable[[], Mapping[str, Any]]


class Book:
    """Figures in a file, written at once; what is there is not measured again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: dict[str, Any] = {}
        if path.exists():
            self.known = json.loads(path.read_text())["figures"]

    def forget(self, names: Iterator[str]) -> None:
        for name in list(names):
            self.known.pop(name, None)

    def measure(self, name: str, work: Measure) -> None:
        """Figures, or in their place why there are none."""
        if name in self.known and "error" not in self.known[name]:
            return
        began = time.time()
        try:
            told = dict(work())
        except Exception as error:  # what does not fit or run must not hide the rest
            told = {"error": f"{type(error).__name__}: {str(error)[:300]}"}
        self.known[name] = told | {"took_s": round(time.time() - began, 1), "machine": here()}
        self.write()

    def write(self) -> None:
        from gpu_goals import judged

        goals = [one.document() for one in judged(self.known)]
        whole = {"schema": SCHEMA, "name": "gpu", "goals": goals, "figures": self.known}
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(json.dumps(whole, indent=1) + "\n")


def here() -> dict[str, Any]:
    """The machine and its GPU."""
    import torch

    told: dict[str, Any] = machine()
    if torch.cuda.is_available():
        told["gpu"] = torch.cuda.get_device_name()
        told["cuda"] = torch.version.cuda
    return told


def report(book: Book) -> None:
    """Every goal that can be judged, and memory beside what was foreseen."""
    from gpu_goals import judged

    for one in judged(book.known):
        print(one.line())
    for name, told in book.known.items():
        if told.get("foreseen_gib") and told.get("peak_gib"):
            print(
                f"memory {told['peak_gib']:6.1f} GiB, foreseen {told['foreseen_gib']:6.1f}  {name}"
            )
        if "error" in told:
            print(f"no figure for {name}: {told['error']}")


def carry_out(book: Book, place: Any, wanted: list[str], quiet: bool = False) -> None:
    """The named parts, or all."""
    from gpu_parts import parts

    for part, measures in parts(place).items():
        for name, work in measures.items() if part in wanted or not wanted else ():
            place.forget()
            book.measure(name, work)
            if not quiet:
                print(f"{part:11} {name}: {shown(book.known[name])}", flush=True)


def shown(told: Mapping[str, Any]) -> str:
    some = {key: value for key, value in told.items() if isinstance(value, (int, float, str))}
    return ", ".join(
        f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in some.items()
    )


def rehearse(wanted: list[str]) -> int:
    """Every measurement at a tiny size; 1 where one could not be made. No figure is told."""
    import torch
    from gpu_models import Place

    with tempfile.TemporaryDirectory() as folder:
        book = Book(Path(folder) / "gpu.json")
        carry_out(book, Place(torch.device("cpu"), rehearsal=True), wanted, quiet=True)
        failed = {name: told["error"] for name, told in book.known.items() if "error" in told}
    for name, why in failed.items():
        print(f"{name}: {why}")
    print(f"rehearsed {len(book.known)} measurements on the CPU, {len(failed)} of which failed")
    return 1 if failed else 0


def main() -> int:
    """0 without a GPU; 1 where a rehearsal fails."""
    parser = argparse.ArgumentParser(description="Silta on one H200, against its goals.")
    parser.add_argument("part", nargs="*", help="default: all")
    parser.add_argument("--rehearse", action="store_true", help="on the CPU, at tiny sizes")
    parser.add_argument("--again", action="store_true", help="what was measured, too")
    parser.add_argument("--report", action="store_true", help="goals and figures that are there")
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    os.environ["SILTA_CHECKPOINT_EVERY"] = "1000000"  # a checkpoint of XL would take longer
    if asked.report:
        report(Book(PATH))
        return 0
    import torch

    if asked.rehearse:
        return rehearse(asked.part)
    if not torch.cuda.is_available():
        print("gpu: no GPU on this machine, nothing was measured (--rehearse runs it on the CPU)")
        return 0
    from gpu_models import Place
    from gpu_parts import alone, parts

    place, book = Place(torch.device("cuda")), Book(PATH)
    if asked.alone:
        print(json.dumps(dict(alone(place, asked.alone))))
        return 0
    known = parts(place)
    if unknown := set(asked.part) - set(known):
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    if asked.again:
        book.forget(name for part in asked.part or known for name in known[part])
    carry_out(book, place, asked.part)
    report(book)
    return 0


if __name__ == "__main__":
    sys.exit(main())
