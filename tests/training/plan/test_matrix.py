"""A matrix is read strictly: wrong keys, names and values are refused where they stand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from training.plan.errors import MatrixError
from training.plan.matrix import Also, Contrast, Recipes, parse, read

Text = Callable[..., str]

MISTAKES = [
    # what is changed, the line of the mistake, what the message must hold
    ({"intermediate": "1"}, 7, ["unknown key 'intermediate'", "'intermediates'"]),
    ({"recipe": "{taget: {}}"}, 7, ["'taget' under recipe", "'target'"]),
    ({"recipe": "{target: {lrr: 1}}"}, 7, ["'lrr' under recipe.target", "'lr'"]),
    ({"recipe": "{target: {lr: fast}}"}, 7, ["recipe.target.lr", "valid number", "'fast'"]),
    ({"recipe": "{target: {lr: -1}}"}, 7, ["recipe.target.lr", "greater than 0"]),
    ({"recipe": "{target: {lr: nan}}"}, 7, ["recipe.target.lr", "finite"]),
    ({"recipe": "{target: {batch: true}}"}, 7, ["recipe.target.batch", "number", "true"]),
    ({"recipe": "{target: {batch: 1.5}}"}, 7, ["recipe.target.batch", "1.5"]),
    ({"recipe": "{target: {sampling: idd}}"}, 7, ["'grouped' or 'iid'", "'idd'"]),
    ({"recipe": "{target: {freeze: '('}}"}, 7, ["recipe.target.freeze", "regular expression"]),
    ({"recipe": "{tasks: {sqaud: {}}}"}, 7, ["recipe.tasks.sqaud", "'squad'"]),
    ({"recipe": "{tasks: {tatoeba: {lr: 1}}}"}, 7, ["nothing is trained for tatoeba"]),
    ({"recipe": "{tasks: {squad: {intermediat: {}}}}"}, 7, ["'intermediate'"]),
    ({"recipe": "{scales: {nan: {lr: 1}}}"}, 7, ["recipe.scales.nan", "'nano'"]),
    ({"recipe": "{scales: {nano: {mlm: {mas: 1}}}}"}, 7, ["recipe.scales.nano.mlm", "'mask'"]),
    ({"recipe": "{mlm: {}}"}, 7, ["unknown key 'mlm' under recipe"]),
    ({"recipe": ""}, 7, ["recipe: a mapping", "nothing"]),
    ({"mlm": ""}, 7, ["mlm: {}"]),
    ({"mlm": "no"}, 7, ["mlm: a mapping", "'no'"]),
    ({"mlm": "{languages: [fi, klingon]}"}, 7, ["mlm.languages", "'klingon'"]),
    ({"mlm": "{pivot: egn}"}, 7, ["mlm.pivot", "unknown language 'egn'"]),
    ({"languages": "[finish]"}, 7, ["unknown language 'finish'", "'Finnish'"]),
    ({"languages": "[no]"}, 7, ["unknown language 'no'"]),
    ({"languages": "[fi, fin_Latn]"}, 7, ["'fin_Latn' is fin", "'fi'", "keep one"]),
    ({"layers": "[9]"}, 7, ["nano has the layers 0 (embeddings) to 3, not 9"]),
    ({"layers": "{nano: [1]}"}, 7, ["layers: nothing is told for the scale 'micro'"]),
    ({"also": "[{target: [xnli]}]"}, 7, ["'target' under also[0]", "'targets'"]),
    ({"also": "[{targets: {large: [xnli]}}]"}, 7, ["'large' is not among the scales"]),
    ({"also": "[{scales: [large], intermediates: {nano: none}}]"}, 7, ["'large'"]),
    ({"also": "[{targets: }]"}, 7, ["also[0].targets: nothing is given"]),
    ({"also": "{targets: [xnli]}"}, 7, ["also: a list is meant"]),
    ({"contrast": "{intermediate: mnli, target: xnli}"}, 7, ["'name' is missing under contrast"]),
    ({"contrast": "{name: c, intermediate: ccg, target: xnli}"}, 7, ["no scale has both ccg"]),
    ({"contrast": "{name: c, intermediate: mnli, target: xnli, scales: [xl]}"}, 7, ["xl has not"]),
    ({"contrast": "{name: c, intermediate: none, target: xnli}"}, 7, ["its own baseline"]),
    ({"study": "a b"}, 1, ["study: 'a b'", "letters"]),
    ({"study": ".."}, 1, ["study: '..'"]),
    ({"source": "hubb"}, 2, ["source.kind", "'miniature', 'files' or 'hub'"]),
    ({"source": "miniature"}, 2, ["source: a miniature needs both"]),
    ({"source": "{kind: hub, seed: 1}"}, 2, ["belong to a miniature"]),
    ({"source": "{kin: hub}"}, 2, ["'kin' under source", "'kind'"]),
    ({"source": None}, 1, ["the key 'source' is missing"]),
    ({"scales": "[nanno, micro]"}, 3, ["scales[0]", "unknown scale 'nanno'", "'nano'"]),
    ({"scales": "[nano, nano]"}, 3, ["scales: named twice: nano"]),
    ({"scales": "[]"}, 3, ["scales: nothing is named"]),
    ({"intermediates": "[none, no]"}, 4, ["unknown intermediate task 'no'", "'none'"]),
    ({"intermediates": "[~, mnli]"}, 4, ["intermediates[0]", "nothing"]),
    ({"intermediates": "[xnli]"}, 4, ["'xnli' is no intermediate task", "mnli"]),
    ({"intermediates": "{nano: [none]}"}, 4, ["nothing is told for the scale 'micro'"]),
    ({"intermediates": "{nano: none, micro: none, xl: none}"}, 4, ["'xl' is not among"]),
    ({"targets": "[xnlii]"}, 5, ["unknown target task 'xnlii'", "'xnli'"]),
    ({"targets": "[mnli]"}, 5, ["'mnli' is no target task", "xnli"]),
    ({"seeds": "2"}, 6, ["Write [2]", "[1, 2, 3]"]),
    ({"seeds": "[1, 1]"}, 6, ["named twice: 1"]),
    ({"seeds": "[1, 1.5]"}, 6, ["1.5"]),
    ({"seeds": "[-1]"}, 6, ["-1"]),
    ({"seeds": "[4294967296]"}, 6, ["less than 4294967296"]),
    ({"seeds": "{intermediate: [1, 2], target: [1]}"}, 6, ["equally many", "crossed"]),
    ({"seeds": "{design: cross}"}, 6, ["'paired' or 'crossed'"]),
    ({"seeds": "{target: [1], desing: paired}"}, 6, ["'desing' under seeds", "'design'"]),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "line", "says"), MISTAKES)
def test_mistakes_say_where_and_what(
    text: Text, changes: dict[str, str | None], line: int, says: list[str]
) -> None:
    with pytest.raises(MatrixError) as caught:
        parse(text(**changes), "m.yaml")
    message = str(caught.value)
    assert message.startswith(f"m.yaml, line {line}: ")
    assert [part for part in says if part not in message] == []
    assert "pydantic" not in message and "Value error" not in message


def test_several_mistakes_are_told_together(text: Text) -> None:
    with pytest.raises(MatrixError) as caught:
        parse(text(scales="[nanno]", targets="[xnlii]", sees="1"), "m.yaml")
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize("empty", ["", "- a", "words only", "# nothing"])
def test_what_is_no_matrix(empty: str) -> None:
    with pytest.raises(MatrixError, match="a matrix begins with a line like `study: demo`"):
        parse(empty)


def test_values_are_coerced_once(text: Text) -> None:
    matrix = parse(
        text(
            scales="nano",
            languages="fi",
            mlm="{languages: [Hungarian, fi], scratch: no, steps: '12', pivot: en}",
            recipe="{target: {lr: 1e-4, batch: 8.0}}",
        )
    )
    assert matrix.scales == ("nano",) and matrix.languages == ("fin",)
    assert matrix.mlm == {
        "languages": ("fin", "hun"), "scratch": False, "steps": 12, "pivot": "eng",
    }  # fmt: skip
    assert matrix.recipe.target == {"lr": 1e-4, "batch": 8}
    assert type(matrix.recipe.target["batch"]) is int


@pytest.mark.parametrize(
    ("told", "text_of_it"),
    [
        ("hub", "hub"),
        ("{kind: files}", "files"),
        ("{kind: miniature, seed: 13, sentences: 4000}", "miniature/seed=13/sentences=4000"),
        ("miniature/seed=7/sentences=10", "miniature/seed=7/sentences=10"),
    ],
)
def test_sources(text: Text, told: str, text_of_it: str) -> None:
    assert parse(text(source=told)).source == text_of_it


@pytest.mark.parametrize(
    ("told", "pairs"),
    [
        ("[1, 2]", [(1, 1), (2, 2)]),
        ("{intermediate: [1, 2], target: [3, 4]}", [(1, 3), (2, 4)]),
        ("{target: [3, 4]}", [(3, 3), (4, 4)]),
        ("{intermediate: [1, 2], target: [3], design: crossed}", [(1, 3), (2, 3)]),
    ],
)
def test_seeds(text: Text, told: str, pairs: list[tuple[int, int]]) -> None:
    assert list(parse(text(seeds=told)).seeds.pairs) == pairs


def test_further_blocks_inherit_what_they_leave_out(text: Text) -> None:
    also = "[{scales: nano, intermediates: [none, mixture], targets: tatoeba, seeds: [1, 2, 3]}]"
    main, further = parse(text(languages="[fi]", also=also)).blocks
    assert (main.scales, further.scales) == (("nano", "micro"), ("nano",))
    assert further.languages == main.languages == ("fin",)
    assert further.targets_of("nano") == ("tatoeba",)
    assert len(further.seeds.pairs) == 3 and len(main.seeds.pairs) == 2


def test_a_further_block_may_use_fewer_scales_of_an_inherited_mapping(text: Text) -> None:
    by_scale = "{nano: [none, mnli], micro: [none]}"
    matrix = parse(text(intermediates=by_scale, also="[{scales: [micro], seeds: [9]}]"))
    assert matrix.blocks[1].intermediates_of("micro") == ("none",)


def test_a_target_published_in_no_language_asked_for_is_refused(text: Text) -> None:
    with pytest.raises(MatrixError, match="mlqa is published in none of fin"):
        parse(text(source="hub", targets="[xnli, mlqa]", languages="[fi, en]").replace(", en", ""))
    assert parse(text(source="hub", languages="[fi, en]"))


def test_a_contrast_reads_languages_that_are_measured(text: Text) -> None:
    told = "{name: c, intermediate: mnli, target: tatoeba, languages: [hu]}"
    with pytest.raises(MatrixError, match="hun not among the matrix's languages"):
        parse(text(languages="[fi]", contrast=told))
    assert parse(text(contrast=told)).contrast is not None


def test_the_example_in_the_docstring_is_a_matrix() -> None:
    import training.plan.matrix as module

    assert module.__doc__ is not None
    assert parse(module.__doc__.split("\n\n", 1)[1]).study == "demo"


def test_a_file_is_named_in_its_messages(tmp_path: object) -> None:
    with pytest.raises(MatrixError, match="absent.yaml"):
        read(f"{tmp_path}/absent.yaml")


def test_the_parts_have_the_keys_of_the_design() -> None:
    assert set(Also.model_fields) >= {"scales", "intermediates", "targets", "seeds", "languages"}
    assert set(Recipes.model_fields) == {"base", "intermediate", "target", "tasks", "scales"}
    assert set(Contrast.model_fields) >= {"name", "intermediate", "baseline", "target"}


def test_a_mistake_in_a_further_block_is_told_on_its_own_line(text: Text) -> None:
    also = "\n  - {targets: [xnli]}\n  - scales: [nano]\n    layers: [7]"
    with pytest.raises(MatrixError, match=r"^m.yaml, line 10: layers: nano has"):
        parse(text(also=also), "m.yaml")
