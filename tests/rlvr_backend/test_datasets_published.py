"""Published sets whose columns hold something else: the right value, or a bad row; where they lie, and how they ask."""

import logging

import pyarrow as pa
import pytest
from pyarrow import parquet
from tables.published import LEFT_OUT, PUBLISHED

from rlvr_backend.contract import Request
from rlvr_backend.datasets import find, load_rows, usable_sizes
from rlvr_backend.datasets.examples import POSITIONS, REASON
from rlvr_backend.datasets.paper import PAPER
from rlvr_backend.errors import RequestError
from rlvr_backend.options import Options
from tests.support.grpo_trials import request, run
from tests.support.raw_datasets import R1V, image, own_rows, picture, table

RELEASED = "Output the thinking process in <think> </think> and final answer (option) in <answer> </answer> tags."


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("RLVR_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize(("name", "row", "changes", "expected"), PUBLISHED)
def test_a_row_is_read_right_or_is_bad(tmp_path, name, row, changes, expected):
    (tmp_path / "p.png").write_bytes(picture())
    path = tmp_path / "rows.parquet"
    parquet.write_table(pa.Table.from_pylist([{**row, **changes}]), path)
    split = next(iter(PAPER[name].parts))
    if isinstance(expected, tuple):
        (found_row,) = load_rows(name, split, 1, sources={name: str(path)})
        question, _, below = found_row["prompt"][0]["content"].partition("\nOutput the thinking")[0].partition("q\n")
        assert (found_row["solution"], below) == expected, question
        return
    with pytest.raises(RequestError) as caught:
        load_rows(name, split, 1, sources={name: str(path)})
    said = str(caught.value)
    if expected == LEFT_OUT:
        assert f"{name}: none of the 1 rows of {path} gives an example: 1 left out" in said
    else:
        assert f"are bad: {expected} (row 0)" in said and "\n" not in said


def test_lisa_asks_as_figure_8_of_the_paper_prints_it(tmp_path):
    (tmp_path / "p.png").write_bytes(picture())
    row = {"image_path": "p.png", "instruction": ["who guards the goal?"], "boxes": [[0, 0, 16, 12]]}
    parquet.write_table(pa.Table.from_pylist([row]), tmp_path / "rows.parquet")
    for suffix in ("paper", "released"):
        (asked,) = load_rows("lisa", "train", 1, sources={"lisa": str(tmp_path / "rows.parquet")}, suffix=suffix)
        assert asked["prompt"][0]["content"] == (
            "Output the bounding box in the image corresponding to the instruction: who guards the goal?\n"
            f"{REASON} {POSITIONS}"
        )


def test_the_suffix_is_chosen_and_both_share_what_is_prepared(tmp_path):
    path = tmp_path / "rows.parquet"
    own_rows(1).to_parquet(path)
    sources = {"mine": {"path": str(path)}}
    paper, released = (
        load_rows("mine", "train", 1, sources=sources, suffix=suffix) for suffix in ("paper", "released")
    )
    assert paper[0]["prompt"][0]["content"] == f"which 0?\n{REASON}"
    assert released[0]["prompt"][0]["content"] == f"which 0?  {RELEASED}"
    assert len([entry for entry in (tmp_path / "cache" / "data").iterdir() if entry.is_dir()]) == 1
    with pytest.raises(RequestError, match="suffix must be one of paper, released, not 'mine'"):
        load_rows("mine", "train", 1, sources=sources, suffix="mine")
    assert Options.of({}).suffix == "paper" and Options.of({"suffix": "released"}).suffix == "released"
    with pytest.raises(RequestError, match="'suffix' must be 'paper' or 'released'"):
        Options.of({"suffix": "option"})


def test_the_copies_of_the_authors_are_named_by_a_word_or_by_their_name():
    for name, split, hub in (
        ("sat", "train", "yiqingliang/sat-problems-dataset"),
        ("sat", "test", "yiqingliang/sat-problems-dataset-test"),
        ("scienceqa", "test", "yiqingliang/scienceqa-problems-dataset-test"),
        ("geoqav", "train", "yiqingliang/geoqav-problems-dataset"),
        ("lisa", "test", "yiqingliang/lisa-problems-dataset-test"),
    ):
        for source in ("authors", hub, {split: "authors"}):
            raw, place = find(name, split, {name: source})
            assert (place, raw.parts[split].split, raw.parts[split].file) == (hub, "train", None)
    assert find("sat", "train", {})[1] == "array/SAT"
    with pytest.raises(RequestError, match=r"coco: the paper's authors have published no copy .* laolao77/ViRFT_COCO"):
        find("coco", "train", {"coco": "authors"})


def test_a_copy_of_the_authors_is_read_in_full(tmp_path):
    rows = [
        {"image": image(), "problem": f"Which way? {n}  {RELEASED}", "solution": f"<answer>{n}</answer>"} for n in "ab"
    ]
    table(R1V, rows).save_to_disk(tmp_path / "sat")
    found_rows = load_rows("sat", "test", 2, sources={"sat": str(tmp_path / "sat")}, suffix="released")
    assert sorted(row["prompt"][0]["content"] for row in found_rows) == [f"Which way? {n}  {RELEASED}" for n in "ab"]
    assert sorted(found_rows["solution"]) == ["a", "b"]


def test_a_folder_needs_no_configuration_of_the_hub(tmp_path):
    row = {"image": image(), "question": "q", "answers": ["cat"]}
    (tmp_path / "plain").mkdir()
    parquet.write_table(pa.Table.from_pylist([row]), tmp_path / "plain" / "test.parquet")
    (found_row,) = load_rows("infovqa", "test", 1, sources={"infovqa": str(tmp_path / "plain")})
    assert found_row["solution"] == "cat"
    for name in ("DocVQA", "InfographicVQA", "Other"):
        (tmp_path / "hub" / name).mkdir(parents=True)
        data = pa.Table.from_pylist([{**row, "answers": [name]}])
        parquet.write_table(data, tmp_path / "hub" / name / "validation-0.parquet")

    def card(names):
        entries = [f"- config_name: {n}\n  data_files:\n  - split: validation\n    path: {n}/*\n" for n in names]
        (tmp_path / "hub" / "README.md").write_text(f"---\nconfigs:\n{''.join(entries)}---\n")

    card(["DocVQA", "InfographicVQA"])
    (found_row,) = load_rows("infovqa", "test", 1, sources={"infovqa": str(tmp_path / "hub")})
    assert found_row["solution"] == "InfographicVQA"
    card(["DocVQA", "Other"])
    with pytest.raises(RequestError, match=r"no configuration 'InfographicVQA', only DocVQA, Other: name .* `path`"):
        load_rows("infovqa", "test", 1, sources={"infovqa": str(tmp_path / "hub")})
    own = {"path": str(tmp_path / "plain"), "config": "mine", "answer": "answers"}
    with pytest.raises(RequestError, match="there is no configuration 'mine', only default"):
        load_rows("mine", "train", 1, sources={"mine": own})


def coco(folder, objects, without):
    """A copy of COCO with so many rows of each kind."""
    found_box, none = (
        "<answer>[{'Position': [10, 20, 600, 440], 'Confidence': 1}]</answer>",
        "<answer>No Objects</answer>",
    )
    rows = [
        {"image": image(), "problem": f"Detect {number}.", "solution": none if number < without else found_box}
        for number in range(objects + without)
    ]
    table(R1V, rows).to_parquet(folder / "coco.parquet")
    return str(folder / "coco.parquet")


def test_a_size_is_that_of_the_rows_that_can_be_used(tmp_path):
    sources = {"coco": coco(tmp_path, 9, 3), "mine": {"path": str(tmp_path / "mine.parquet")}}
    own_rows(300, row7={"answer": None}).to_parquet(tmp_path / "mine.parquet")
    sizes, warnings = usable_sizes({"coco": 12, "mine": 300, "detect": 40}, "train", sources)
    assert sizes == {"coco": 9, "mine": 299, "detect": 40}
    assert warnings[0] == (
        "warning: 'coco' has 9 usable examples for train, not 12 (other rows are left out or bad): the trial continues "
        "with 9; write `coco: {size: 9}` under `domains` in the study file"
    )
    assert len(warnings) == 2 and "`mine: {size: 299}`" in warnings[1]
    assert usable_sizes({"mine": 300}, "test", sources)[1][0].endswith(
        "write `mine: 299` under `tests` in the study file"
    )
    assert usable_sizes({"coco": 9, "mine": 5}, "train", sources) == ({"coco": 9, "mine": 5}, [])
    sizes, warnings = usable_sizes({"coco": 13}, "train", sources)
    assert (sizes, warnings) == ({"coco": 13}, []), "no row accounts for it: a mistake, which loading refuses"
    with pytest.raises(RequestError, match="'coco' has 9 examples for train, not 13: lower its size"):
        load_rows("coco", "train", 13, sources=sources)


def test_bad_rows_stop_a_trial_whatever_its_size(tmp_path):
    own_rows(50, row7={"answer": None}).to_parquet(tmp_path / "mine.parquet")
    with pytest.raises(RequestError, match="more than 1% of the 50 rows"):
        usable_sizes({"mine": 50}, "train", {"mine": {"path": str(tmp_path / "mine.parquet")}})


def test_a_trial_goes_on_with_the_rows_that_can_be_used_and_says_so_once(tmp_path, model):
    data = {"coco": coco(tmp_path, 9, 3)}
    weights, domains = {"coco": 0.5, "science": 0.5}, {"coco": 12, "science": 11}
    asked = request(model, weights=weights, domains=domains, steps=[1], options={"data": data})
    result = run(tmp_path, asked)
    assert (result.steps, sum(result.draws.values())) == (1, 4)
    said = (tmp_path / "log.txt").read_text()
    assert said.count("'coco' has 9 usable examples for train, not 12") == 1


def test_only_the_first_process_warns_and_domains_without_weight_are_not_read(tmp_path, monkeypatch, caplog):
    from rlvr_backend.training.run_data import with_usable_sizes

    options = Options.of({"data": {"coco": coco(tmp_path, 2, 1), "lisa": {"train": str(tmp_path / "coco.parquet")}}})
    given = {"study": "s", "trial": 0, "train_seed": 1, "tests": {"chart": 3}, "steps": [1]}
    asked = Request(**given, weights={"coco": 1.0, "lisa": 0.0}, domains={"coco": 3, "lisa": 30})
    monkeypatch.setenv("RANK", "1")
    with caplog.at_level(logging.WARNING):
        assert with_usable_sizes(asked, options).domains == {"coco": 2, "lisa": 30}
        assert not caplog.messages
        monkeypatch.setenv("RANK", "0")
        assert with_usable_sizes(asked, options).domains == {"coco": 2, "lisa": 30}
    assert len(caplog.messages) == 1
