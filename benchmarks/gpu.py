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
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from bench import RESULTS, ROOT, SCHEMA, machine

sys.path[:0] = [str(ROOT)]
PATH = RESULTS / "gpu.json"
LARGE, MIDDLE = 16384, 8192
"""Real tokens of a batch."""
SENTENCES = 14817
"""Of UD's 33 test sets."""
Measure = Callable[[], Mapping[str, Any]]
Parts = dict[str, dict[str, Measure]]


def parts(place: Any) -> Parts:
    """Every measurement by its part and name; nothing is made before it is called."""
    import gpu_masked
    import gpu_steps as steps
    from gpu_models import course

    def sized(name: str, kind: str = "NLI", tokens: int = 0, count: int = 70, **told: Any) -> Any:
        return course(place, name, kind, tokens, count, **told)

    def large(name: str, tokens: int, kind: str = "NLI", **told: Any) -> Measure:
        return lambda: steps.trained(sized(name, kind, tokens, 16, **told), 4, 12)

    def read(name: str) -> Any:
        count = 40 if place.rehearsal else SENTENCES
        one = sized(name, "UD", count=-(-count // 32))
        return replace(one, lengths=one.lengths[:count])

    def alone(name: str, count: int) -> Measure:
        return partial(at_once, place, name, count)

    made: Parts = {
        "ceilings": {
            "ceilings": lambda: steps.ceilings(place),
            "flat attention": lambda: steps.flat_attention(place),
        },
        "xl": {
            "xl full, 16k tokens": large("xl", LARGE),
            "xl full, 8k NLI tokens": large("xl", MIDDLE),
            "xl full, 8k QA tokens": large("xl", MIDDLE, "QA"),
            "xl lora, 16k tokens": large("xl", LARGE, method="lora"),
            "xl full, recipe": lambda: steps.trained(sized("xl")),
            "xl lora, recipe": lambda: steps.trained(sized("xl", method="lora")),
            "xl loop, recipe": lambda: steps.loop(sized("xl")),
            "xl optimiser": lambda: steps.optimiser(sized("xl")),
            "xl syncs": lambda: steps.syncs(sized("xl")),
        },
        "xl_trainer": {
            "xl trainer padded, recipe": lambda: steps.trainer(sized("xl"), True),
            "xl trainer dynamic, recipe": lambda: steps.trainer(sized("xl"), False),
            "xl losses": lambda: steps.losses(sized("xl")),
            **{
                f"xl trainer padded, 8k {kind} tokens": partial(
                    lambda kind: steps.trainer(sized("xl", kind, MIDDLE, 16), True, 4, 12), kind
                )
                for kind in ("NLI", "QA")
            },
        },
        "xxl": {
            "xxl full, 8k tokens": large("xxl", MIDDLE, precision="bf16-stochastic"),
            "xxl lora, 8k tokens": large("xxl", MIDDLE, method="lora"),
            "xxl full, recipe": lambda: steps.trained(sized("xxl", precision="bf16-stochastic")),
        },
        "small": {},
        "evaluation": {
            "xl evaluation": lambda: steps.evaluated(read("xl")),
            "xl trainer prediction": lambda: steps.predicted(read("xl")),
            "large retrieval": lambda: steps.retrieval(read("large")),
        },
        "mlm": {"base head memory": lambda: gpu_masked.head_memory(sized("base", tokens=LARGE))},
    }
    for name in ("base", "large"):
        made["small"] |= {
            f"{name} full, 16k tokens": large(name, LARGE),
            f"{name} full, recipe": partial(lambda name: steps.trained(sized(name)), name),
            f"{name} loop, recipe": partial(lambda name: steps.loop(sized(name)), name),
            f"{name} compiled, recipe": partial(
                lambda name: steps.loop(sized(name), compiled=True), name
            ),
            f"{name} 2 at once, recipe": alone(name, 2),
            f"{name} 4 at once, recipe": alone(name, 4),
        }
    for name in ("base", "large", "xl"):
        tokens = MIDDLE if name == "xl" else LARGE
        one = partial(sized, name, "NLI", tokens, 1)
        made["mlm"][f"{name} mlm"] = partial(lambda one: gpu_masked.ours(one()), one)
        made["mlm"][f"{name} mlm, all rows"] = partial(lambda one: gpu_masked.theirs(one()), one)
    return made


def at_once(place: Any, name: str, count: int) -> Mapping[str, Any]:
    """Several processes, each with a training of its own at the recipe's batch, on one GPU."""
    if place.rehearsal:
        return alone(place, name)
    line = [sys.executable, __file__, "--alone", name]
    some = [subprocess.Popen(line, stdout=subprocess.PIPE, text=True) for _ in range(count)]
    told = [json.loads(one.communicate()[0].splitlines()[-1]) for one in some]
    return {"tokens_per_s": sum(one["tokens_per_s"] for one in told), "each": told}


def alone(place: Any, name: str) -> Mapping[str, Any]:
    """One training among several: long enough that their starts do not matter."""
    import gpu_steps as steps
    from gpu_models import course

    return steps.trained(course(place, name, "NLI", 0, 700), 100, 600)


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
