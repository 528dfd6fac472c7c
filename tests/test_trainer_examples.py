"""The examples for verl and ms-swift, each with a stand-in for the framework: they hand over what the request says, and
read back what comes."""

import json
import sys
from pathlib import Path
from threading import Event

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mixopt.paths import TrialFolder
from mixopt.study.plan import checked_spec
from mixopt.trainers.command import CommandTrainer, with_absolute_files
from mixopt.trainers.contract import Request, Result, TrialFailed

TRAINERS = Path(__file__).parents[1] / "studies" / "trainers"
SIZES, TESTS = {"a": 20, "b": 6, "c": 9}, {"x": 3, "y": 2}


@pytest.mark.parametrize("name", ["verl", "ms_swift"])
def test_the_study_files_of_the_examples_are_valid(name):
    spec = checked_spec(TRAINERS / f"{name}.yaml")
    options = spec.backend.command.options
    argv = with_absolute_files(spec.backend.command.argv, TRAINERS)
    assert argv == ["python", str(TRAINERS / f"{name}.py"), "{request}"]
    assert options["train"].keys() == spec.sizes.keys() and options["tests"].keys() == spec.tests.sizes.keys()


def request(files: dict, **changes) -> Request:
    given = {"weights": {"a": 0.75, "b": 0.25, "c": 0.0}, "domains": SIZES, "tests": TESTS, "steps": [2, 4, 5]}
    given |= {"study": "s", "trial": 3, "train_seed": 7, "options": {"prompts": 4, **files}}
    return Request(**{**given, **changes})


def train(name: str, stand_in: Path, asked: Request, folder: Path) -> Result:
    """What an example makes of a request, with a script in place of the framework."""
    argv = [sys.executable, str(TRAINERS / name), "{request}", sys.executable, str(stand_in)]
    return CommandTrainer(argv).run(asked, TrialFolder(folder), Event())


def failure(name: str, stand_in: Path, asked: Request, folder: Path) -> str:
    """The last line of the log of a trial that fails."""
    with pytest.raises(TrialFailed) as told:
        train(name, stand_in, asked, folder)
    return told.value.log_tail.splitlines()[-1]


VERL = """
import json, os, sys
told = dict(part.split("=", 1) for part in sys.argv[1:])
json.dump(told, open("told.json", "w"))
last, every = int(told["trainer.total_training_steps"]), int(told["trainer.test_freq"])
with open(os.environ["VERL_FILE_LOGGER_PATH"], "w") as log:
    for step in range(1, last + 1):
        said = {"actor/loss": 0.1}
        if step % every == 0 or step == last:
            said |= {f"val-core/source/{test}/acc/mean@1": step / 10 for test in told.get("scored", "xy")}
            said |= {"val-aux/source/x/reward/mean@1": 9.0, "val-core/source/x/acc/best@1/std": 9.0}
        print(json.dumps({"step": step, "data": said}), file=log)
"""


@pytest.fixture
def verl(tmp_path, monkeypatch):
    """A stand-in for verl that keeps what it was told, and the files of SIZES and TESTS, whose rows are numbered."""
    monkeypatch.chdir(tmp_path)
    Path("verl.py").write_text(VERL)
    files = {"train": {}, "tests": {}, "overrides": ["trainer.n_gpus_per_node=1"]}
    for kind, sizes in (("train", SIZES), ("tests", TESTS)):
        for name, size in sizes.items():
            rows = {"data_source": [f"source/{name}"] * (size + 1), "prompt": [f"{name}{i}" for i in range(size + 1)]}
            files[kind][name] = f"{kind}-{name}.parquet"
            pq.write_table(pa.table(rows), files[kind][name])
    return tmp_path / "verl.py", files


def told_verl() -> tuple[dict, list[str]]:
    """Its options, and the prompts that it trained on."""
    told = json.loads(Path("told.json").read_text())
    return told, pq.read_table(told["data.train_files"])["prompt"].to_pylist()


def test_verl_trains_on_the_draws_and_its_scores_come_back(verl, tmp_path):
    stand_in, files = verl
    result = train("verl.py", stand_in, request(files), tmp_path / "trial")
    assert result.scores == {step: {"x": step / 10, "y": step / 10} for step in (2, 4, 5)}
    assert result.draws == {"a": 15, "b": 5, "c": 0} and result.stopped == "finished"
    told, prompts = told_verl()
    assert len(set(prompts)) == len(prompts) == 20 and sum(name.startswith("b") for name in prompts) == 5
    assert not {"a20", "b6"} & set(prompts), "the study says how many examples there are"
    assert pq.read_table(told["data.val_files"])["prompt"].to_pylist() == ["x0", "x1", "x2", "y0", "y1"]
    assert told["data.train_batch_size"] == "4" and told["data.shuffle"] == "False"
    assert told["trainer.test_freq"] == "1" and told["trainer.n_gpus_per_node"] == "1"
    train("verl.py", stand_in, request(files, train_seed=8), tmp_path / "other")
    assert told_verl()[1] != prompts


def test_a_run_whose_data_runs_out_carries_its_last_scores(verl, tmp_path):
    stand_in, files = verl
    asked = request(files, weights={"a": 0.5, "b": 0.5, "c": 0.0})
    result = train("verl.py", stand_in, asked, tmp_path / "trial")
    assert (result.steps, result.stopped, result.exhausted) == (3, "exhausted", ("b",))
    found = [(e.step, e.scores["x"], e.carried) for e in result.evaluations]
    assert found == [(2, 0.2, False), (4, 0.3, True), (5, 0.3, True)]
    assert result.draws == {"a": 6, "b": 6, "c": 0}


def test_a_second_attempt_keeps_the_scores_of_the_first(verl, tmp_path):
    stand_in, files = verl
    stand_in.write_text(VERL.replace('said |= {f"val-core', 'if step > 2: said |= {f"val-core'))
    (tmp_path / "trial").mkdir()
    first = {"step": 2, "data": {f"val-core/source/{test}/acc/mean@1": 0.25 for test in TESTS}}
    (tmp_path / "trial" / "metrics-0.jsonl").write_text(json.dumps(first) + '\n{"step": 3, "da')
    result = train("verl.py", stand_in, request(files), tmp_path / "trial")
    assert [scores["x"] for scores in result.scores.values()] == [0.25, 0.4, 0.5]


def test_what_is_wrong_with_a_run_of_verl_is_one_line(verl, tmp_path):
    stand_in, files = verl
    scored = request({**files, "overrides": ["scored=x"]})
    assert "no score of y at step 2" in failure("verl.py", stand_in, scored, tmp_path / "1")
    more = request(files, domains={**SIZES, "a": 22})
    assert "train-a.parquet has 21 rows and the study says 22" in failure("verl.py", stand_in, more, tmp_path / "2")
    same = request({**files, "tests": dict.fromkeys(TESTS, "tests-x.parquet")})
    assert "each test needs one `data_source`" in failure("verl.py", stand_in, same, tmp_path / "3")
    stand_in.write_text("print('no GPU'); raise SystemExit(5)")
    with pytest.raises(TrialFailed, match="exit code 5") as told:
        train("verl.py", stand_in, request(files), tmp_path / "4")
    assert told.value.log_tail == "no GPU"


SWIFT = """
import json, pathlib, sys
command, *told = sys.argv[1:]
said = lambda name: told[told.index("--" + name) + 1]
with open("told.jsonl", "a") as file:
    print(json.dumps([command, *told]), file=file)
if command == "rlhf":
    for step in range(1, int(said("max_steps")) + 1):
        if step % int(said("save_steps")) == 0 or step == int(said("max_steps")):
            (pathlib.Path(said("output_dir")) / f"checkpoint-{step}").mkdir(parents=True, exist_ok=True)
else:
    step = int(said("model").split("-")[-1])
    with open(said("result_path"), "a") as answers:
        for i, line in enumerate(open(said("val_dataset"))):
            label = json.loads(line)["messages"][-1]["content"]
            response = f"<think> </think> <answer> {label} </answer>" if i < step else label
            print(json.dumps({"response": response, "labels": label}), file=answers)
"""


@pytest.fixture
def swift(tmp_path, monkeypatch):
    """A stand-in for ms-swift that answers one more question right each step, and JSON lines of SIZES and TESTS."""
    monkeypatch.chdir(tmp_path)
    Path("swift.py").write_text(SWIFT)
    files = {"train": {}, "tests": {}, "rlhf": ["--model", "base", "--learning_rate", 1e-6], "infer": []}
    row = json.dumps({"messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": "7"}]})
    for kind, sizes in (("train", SIZES), ("tests", TESTS)):
        for name, size in sizes.items():
            files[kind][name] = f"{kind}-{name}.jsonl"
            Path(files[kind][name]).write_text(f"{row}\n" * size)
    return tmp_path / "swift.py", files


def test_ms_swift_gets_counts_and_its_answers_are_scored(swift, tmp_path):
    stand_in, files = swift
    result = train("ms_swift.py", stand_in, request(files, steps=[1, 2, 4]), tmp_path / "trial")
    assert [e.scores for e in result.evaluations] == [{"x": 1 / 3, "y": 1 / 2}, {"x": 2 / 3, "y": 1}, {"x": 1, "y": 1}]
    assert result.draws == {"a": 12, "b": 4, "c": 0}
    training, *answering = map(json.loads, Path("told.jsonl").read_text().splitlines())
    said = " ".join(training)
    assert said.startswith("rlhf --rlhf_type grpo --dataset train-a.jsonl#12 train-b.jsonl#4 --seed 7 --data_seed 7 ")
    assert "--max_steps 4 --save_steps 1 " in said and said.endswith("--model base --learning_rate 1e-06")
    assert "--resume_from_checkpoint" not in training and len(answering) == 6


def test_ms_swift_continues_from_its_last_checkpoint(swift, tmp_path):
    stand_in, files = swift
    for step in (2, 10):
        (tmp_path / "trial" / "checkpoints" / f"checkpoint-{step}").mkdir(parents=True)
    (tmp_path / "trial" / "answers-2-x.jsonl").write_text("of an attempt before\n")
    train("ms_swift.py", stand_in, request(files, steps=[2, 4]), tmp_path / "trial")
    training = json.loads(Path("told.jsonl").read_text().splitlines()[0])
    assert training[training.index("--resume_from_checkpoint") + 1].endswith("checkpoint-10")


def test_what_is_wrong_with_a_run_of_ms_swift_is_one_line(swift, tmp_path):
    stand_in, files = swift
    more = request(files, domains={**SIZES, "a": 21})
    assert "train-a.jsonl has 20 rows and the study says 21" in failure("ms_swift.py", stand_in, more, tmp_path / "1")
    few = request(files, weights={"a": 0.0, "b": 1.0, "c": 0.0}, domains={**SIZES, "b": 3})
    assert "'b' has too few examples for one update" in failure("ms_swift.py", stand_in, few, tmp_path / "2")
    base = failure("ms_swift.py", stand_in, request(files, until=0), tmp_path / "base")
    assert "does not score the base model: leave `score.base` out" in base
    stand_in.write_text(SWIFT.replace("print(json.dumps({", "if i: print(json.dumps({"))
    assert "answers-2-x.jsonl has 2 answers of 3" in failure("ms_swift.py", stand_in, request(files), tmp_path / "3")
