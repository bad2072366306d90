"""`silta export-xtreme`: evaluations of the store -> folders in XTREME's submission layout.

Everything comes from the store: predictions and gold as they were scored. Files hold labels, tags,
ids and answers, never the text of an item. Answers are text: where the data set's licence forbids
passing it on, they are written only if told so.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from training.catalogue.names import suggestion
from training.catalogue.xtreme import FOLDERS, file_name
from training.data import submission
from training.engine.licence import passed_on
from training.engine.scoring import MANIFEST
from training.engine.store import ITEMS, SCORES, Store, StoreError, read_json, write_json
from training.families.official import Question
from training.spec import record
from training.spec.task import Task

Rows = list[dict[str, Any]]
FOLDER_OF = {task.name: folder for folder, task in FOLDERS.items()}


def export(
    store: Store, ids: Iterable[str], directory: Path, with_text: bool = False
) -> dict[str, Any]:
    """Write `predictions/` and `labels/` of the test sets into a new `directory`; the manifest.

    `ids` name evaluations, or runs: then what was measured on them with the default settings.
    Raises StoreError for what cannot be exported, before anything is written.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise StoreError(f"{directory} exists and is not empty: name a new folder")
    chosen = by_folder(store, ids)
    for folder, document in chosen.items():
        _permitted(FOLDERS[folder], document, with_text)
    made = directory.absolute().with_name(f".{directory.absolute().name}.part")
    shutil.rmtree(made, ignore_errors=True)
    tasks = {folder: written(store, folder, document, made) for folder, document in chosen.items()}
    told = {"schema": record.EXPORT_SCHEMA, "tasks": tasks}
    for side in ("predictions", "labels"):
        write_json(made / side / MANIFEST, told)
    made.rename(directory)
    return told


def by_folder(store: Store, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Folder -> document of its evaluation. Raises StoreError where a folder has two."""
    chosen: dict[str, dict[str, Any]] = {}
    for id in dict.fromkeys(ids):
        for document in evaluations(store, id):
            folder = FOLDER_OF[document["target"]]
            other = chosen.setdefault(folder, document)
            if other["id"] != document["id"]:
                raise StoreError(
                    f"two evaluations of {folder}: {other['id']} and {document['id']}; "
                    "a submission holds one system, so export them into two folders"
                )
    return dict(sorted(chosen.items()))


def evaluations(store: Store, id: str) -> Iterator[dict[str, Any]]:
    """The evaluation itself, or those of a run. Raises StoreError where there is none."""
    if not store.done(id):
        raise StoreError(
            f"{id!r} is no finished run or evaluation in {store.runs}"
            + suggestion(id, store.finished())
            + " (`silta status MATRIX` lists the ids; --work names the store)"
        )
    document = store.document(id)
    if "target" in document:
        if document["target"] not in FOLDER_OF:
            raise StoreError(f"{id} measures {document['target']!r}, which is not in XTREME")
        yield document
        return
    found = [one for one in documents(store) if one["run"] == id and plain(one)]
    if not found:
        raise StoreError(f"no evaluation of an XTREME target on {id} is finished in {store.runs}")
    yield from found


def documents(store: Store) -> Iterator[dict[str, Any]]:
    """Documents of all finished evaluations, oldest first."""
    for id in store.finished():
        if id.startswith("evaluation-"):
            yield store.document(id)


def plain(document: dict[str, Any]) -> bool:
    """An XTREME target, read with the default layer and pooling."""
    return (
        document["target"] in FOLDER_OF
        and document["layer"] == -1
        and document["pooling"] == "mean"
    )


def _permitted(task: Task, document: dict[str, Any], with_text: bool) -> None:
    if task.family == "span" and not (with_text or passed_on(task, document)):
        raise StoreError(
            f"{document['id']}: answers are text of {task.title}, which may not be passed on "
            f"({task.licence}): --with-text writes them for your own use"
        )


def written(store: Store, folder: str, document: dict[str, Any], root: Path) -> dict[str, Any]:
    """Write one task; its entry in the manifest."""
    import pandas as pd  # late: `silta score` imports the manifest's name from this layer

    task = FOLDERS[folder]
    frame = pd.read_parquet(store.path(document["id"]) / ITEMS)
    frame = frame[frame["split"] == "test"]
    if frame.empty:
        raise StoreError(f"{document['id']} has no test items: nothing of {folder} can be exported")
    languages = list(dict.fromkeys(frame["lang"]))
    for lang in languages:
        rows: Rows = frame[frame["lang"] == lang].to_dict("records")
        name = Path(folder) / file_name(task, lang)
        sides(task, rows, root / "predictions" / name, root / "labels" / name, document["id"])
    scores = read_json(store.path(document["id"]) / SCORES)["scores"]["test"]
    return {
        "evaluation": document["id"],
        "run": document["run"],
        "source": document["source"],
        "languages": languages,
        "notes": list(notes(document, scores)),
    }


def notes(document: dict[str, Any], scores: dict[str, dict[str, float]]) -> Iterator[str]:
    """What a reader of the files should know; `silta score` repeats it."""
    if document["target"] == "udpos" and document["source"] == "hub":
        yield "the hub's sentences are not XTREME's (fused words split, other languages mixed in)"
    oracle = [lang for lang, row in scores.items() if "f1_oracle_threshold" in row]
    if oracle:
        yield (
            f"the threshold of {', '.join(oracle)} was chosen on these very pairs (no dev data "
            "were there): an upper bound, not an official result"
        )


def sides(task: Task, rows: Rows, said: Path, gold: Path, id: str) -> None:
    """The two files of one language."""
    if task.family == "span":
        submission.write_answers(said, {row["item_id"]: row["prediction"] for row in rows})
        title = f"{task.name}.{rows[0]['lang']}"
        submission.write_questions(gold, title, [question(row, id) for row in rows])
        return
    for path, column in ((said, "prediction"), (gold, "gold")):
        if task.family == "tagging":
            submission.write_tags(path, [row[column].split(" ") for row in rows])
        elif task.schema == "bucc":
            submission.write_lines(path, pairs(rows, column))
        else:
            submission.write_lines(path, [row[column] for row in rows])


def pairs(rows: Rows, column: str) -> Iterator[str]:
    """BUCC: the foreign id and an English one, for every pair."""
    for row in rows:
        for english in filter(None, row[column].split(" | ")):
            yield f"{row['item_id']}\t{english}"


def question(row: dict[str, Any], id: str) -> Question:
    """A question and its gold answers. Raises StoreError for items older than the JSON list."""
    try:
        golds = json.loads(row["gold"])
    except json.JSONDecodeError:
        golds = None
    if not isinstance(golds, list):
        raise StoreError(
            f"{id} was measured before gold answers were kept whole: remove its folder and run the "
            "matrix again (its training stays)"
        )
    return Question(row["item_id"], tuple(golds))
