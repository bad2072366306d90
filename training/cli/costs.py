"""What `silta plan` says of costs: on the device that is named, and on this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.plan.plan import Plan


def costed(plan: Plan, name: str, work: Path, as_json: bool) -> str:
    """The plan with its costs, as a page or as JSON (`silta.plan/1` and under `cost` what
    `silta.cost/1` is: of the device named or usual, `here` of this machine, `refused` of both)."""
    from training.catalogue.devices import USUAL, device
    from training.engine.machine import documents, here, measured, unfit
    from training.engine.runtime import Runtime
    from training.plan.cost import cost
    from training.plan.show import described

    asked, own = device(name or USUAL), here()
    told = list(documents(Runtime(work)))
    places = [(f"on one {asked.title}", asked)]
    if asked.name != own.name or asked.name == "cpu":
        places.append(("here", own))
    costs = [cost(plan, on, measured(told, on)) for _, on in places]
    refused = unfit(plan.runs, places)
    if not as_json:
        return described(plan, costs, refused)
    more = costs[0].document() | {
        "here": costs[-1].document(),
        "refused": [{"where": where} | one.document() for where, one in refused],
    }
    return by_line(plan.document() | {"cost": more})


def by_line(document: dict[str, Any]) -> str:
    """JSON with a line for each entry of a list: quick to write and to search for 100,000 runs."""
    told = []
    for key, value in document.items():
        if isinstance(value, list) and value:
            text = "[\n  " + ",\n  ".join(map(json.dumps, value)) + "\n ]"
        else:
            text = json.dumps(value)
        told.append(f" {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(told) + "\n}"
