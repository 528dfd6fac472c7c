"""lmms-eval up to its command line, and results of its schema; a stand-in program takes its place."""

import json
from types import SimpleNamespace

import pytest

from rlvr_backend.errors import RequestError, RunFailed
from rlvr_backend.evaluation.lmms_eval import LmmsEvalEvaluator, command, read_results
from rlvr_backend.options import Options

TASKS = {"chart": "chartqa/relaxed_overall", "mmmu": "mmmu_val/mmmu_acc"}
SIZES = {"lisa": 5, "chart": 8, "mmmu": 9}
RESULTS = {
    "results": {
        "chartqa": {"alias": "chartqa", "relaxed_overall,none": 0.75, "relaxed_overall_stderr,none": 0.01},
        "mmmu_val": {"alias": "mmmu_val", "mmmu_acc,none": 0.5, "mmmu_acc_stderr,none": "N/A"},
    },
    "n-samples": {"chartqa": {"original": 8, "effective": 8}, "mmmu_val": {"original": 9, "effective": 9}},
}
PROGRAM = """
import json, os, pathlib, sys
said = dict(zip(sys.argv[1::2], sys.argv[2::2]))
assert "RANK" not in os.environ and "ACCELERATE_USE_FSDP" not in os.environ and pathlib.Path("model/weights").exists()
folder = pathlib.Path(said["--output_path"], "model")
if said["--tasks"] == "chartqa,mmmu_val":
    folder.mkdir(parents=True)
    (folder / "20260806_102223_results.json").write_text(os.environ["RESULTS"])
"""


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    package = tmp_path / "packages" / "lmms_eval"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(PROGRAM)
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    monkeypatch.syspath_prepend(str(package.parent))
    monkeypatch.setenv("RESULTS", json.dumps(RESULTS))
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "1")


def written(folder, change):
    said = json.loads(json.dumps(RESULTS))
    change(said)
    path = folder / "results.json"
    path.write_text(json.dumps(said))
    return path


def evaluator(folder, tasks=TASKS):
    ours = SimpleNamespace(scores=lambda model: {"lisa": 0.25})
    processor = SimpleNamespace(save_pretrained=lambda folder: None)
    return LmmsEvalEvaluator(ours, processor, tasks, SIZES, 4, folder / "lmms-eval")


def save(folder):
    folder.mkdir()
    (folder / "weights").touch()


MODEL = SimpleNamespace(save_pretrained=save, config=SimpleNamespace(model_type="qwen2_vl"), device="cpu")


def test_its_command_line():
    argv = " ".join(command("qwen2_vl", "cuda:0", TASKS, 4)[1:])
    assert argv == (
        "-m lmms_eval --model qwen2_vl --model_args pretrained=model,device_map=cuda:0 --tasks chartqa,mmmu_val "
        "--batch_size 4 --device cuda:0 --output_path scores"
    )


def test_every_test_is_scored_once_by_whom_the_study_says(stand_in, tmp_path):
    assert evaluator(tmp_path).scores(MODEL) == {"lisa": 0.25, "chart": 0.75, "mmmu": 0.5}
    assert not (tmp_path / "lmms-eval").exists()


def test_an_evaluation_that_fails_is_one_line(stand_in, tmp_path):
    with pytest.raises(RunFailed, match=r"lmms-eval wrote no results \(exit code 0\)"):
        evaluator(tmp_path, {"chart": "chartqa/relaxed_overall"}).scores(MODEL)
    assert not (tmp_path / "lmms-eval").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda r: r["results"].pop("chartqa"), "gives nothing for task 'chartqa', and not one number"),
        (lambda r: r["results"]["chartqa"].pop("relaxed_overall,none"), "gives relaxed_overall_stderr,none for task"),
        (lambda r: r["results"]["chartqa"].update({"relaxed_overall,other": 0.7}), "not one number for"),
        (lambda r: r["results"]["chartqa"].update({"relaxed_overall,none": 75.0}), "is 75.0: name a metric between"),
        (lambda r: r["results"]["chartqa"].update({"relaxed_overall,none": float("nan")}), "is nan: name a metric"),
        (lambda r: r["n-samples"]["chartqa"].update(effective=7), "scored 7 examples of 'chartqa', not 8"),
    ],
)
def test_results_that_do_not_fit_name_the_test(tmp_path, change, said):
    with pytest.raises(RunFailed) as caught:
        read_results(written(tmp_path, change), TASKS, SIZES)
    assert said in str(caught.value) and "'chart'" in str(caught.value)


def test_a_filter_may_be_named(tmp_path):
    path = written(tmp_path, lambda said: said["results"]["chartqa"].update({"relaxed_overall,other": 0.7}))
    tasks = {"chart": "chartqa/relaxed_overall,other"}
    assert read_results(path, tasks, SIZES) == {"chart": 0.7}


@pytest.mark.parametrize(
    ("tasks", "said"),
    [({"cart": "chartqa/x"}, "'cart' is none of the tests"), ({"chart": "chartqa"}, "must be TASK/METRIC")],
)
def test_what_the_study_says_of_it_is_checked_before_training(stand_in, tasks, said):
    with pytest.raises(RequestError, match=said):
        Options.of({"lmms_eval": tasks}).own_tests(SIZES)
    assert Options.of({"lmms_eval": TASKS}).own_tests(SIZES) == {"lisa": 5}


def test_it_must_be_installed():
    with pytest.raises(RequestError, match="backend option 'lmms_eval' needs lmms_eval: pip install lmms_eval"):
        Options.of({"lmms_eval": TASKS})
