"""What a column is by its name: the step of a row, a training seed, a run's name, a score of which smaller is better,
a state; and which rows are no runs."""

import pytest

from mixopt.errors import TableError
from mixopt.study.study import Study
from mixopt.tables.column_names import smaller_is_better
from mixopt.tables.read_runs import read_runs
from mixopt.tables.run_files import read_old_runs
from tests.support.command_line import mixopt

MIXTURES = [("r0", 0.5, 0.5), ("r1", 0.2, 0.8), ("r2", 0.8, 0.2)]
STEPS = (100, 500, 1000)


def write(path, header, rows):
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path


def history(path, column, run=True, weights="a,b", steps=STEPS):
    """Three runs, three rows each; the last of a run, by its step, scores .9, .6, .3."""
    rows = [
        [*([name] if run else []), step, a, b, round(top * (i + 1) / 3, 6)]
        for i, step in enumerate(steps)
        for (name, a, b), top in zip(MIXTURES, (0.9, 0.6, 0.3))
    ]
    return write(path, f"{'run,' if run else ''}{column},{weights},y", rows)


@pytest.mark.parametrize("run", [True, False], ids=["named", "unnamed"])
@pytest.mark.parametrize("weights", ["a,b", "weights.a,weights.b"])
@pytest.mark.parametrize(
    "column",
    "_step STEP steps global_step Global-Step train/global_step trainer/global_step globalStep iteration Iter epoch "
    "Epochs update num_updates num_steps total_timesteps training_step tokens_seen checkpoint ckpt_step n_iter".split(),
)
def test_the_step_of_a_row_under_another_name(tmp_path, column, weights, run):
    old = read_old_runs([history(tmp_path / "h.csv", column, run, weights)], "y")
    assert [run.scores["y"] for run in old.runs] == [0.9, 0.6, 0.3] and old.domains == ["a", "b"]
    assert old.note == f"9 rows are 3 runs: `{column}` is the step of a row" and old.ends == {1000: 3}


@pytest.mark.parametrize("steps", [(0, 1, 2), (0.5, 1, 1.5)])
def test_epochs_begin_at_0_and_have_parts(tmp_path, steps):
    old = read_old_runs([history(tmp_path / "h.csv", "epoch", steps=steps)], "y")
    assert [run.scores["y"] for run in old.runs] == [0.9, 0.6, 0.3]
    assert all(run.by_step == {} for run in old.runs), "epochs are no steps of a study"


def test_the_row_before_training_is_no_evaluation(tmp_path):
    old = read_old_runs([history(tmp_path / "h.csv", "step", steps=(0, 10, 20))], "y")
    assert [sorted(run.by_step) for run in old.runs] == [[10, 20]] * 3


def test_steps_in_words(tmp_path):
    old = read_old_runs([history(tmp_path / "h.csv", "checkpoint", steps=("ckpt-5", "ckpt-50", "ckpt-100"))], "y")
    assert [run.scores["y"] for run in old.runs] == [0.9, 0.6, 0.3]


def test_of_several_columns_the_training_step_counts(tmp_path):
    rows = [[n, e, s, s / 100, 0.5, 0.5, s / 1000] for n, (e, s) in enumerate([(1, 200), (1, 300), (2, 400)])]
    old = read_old_runs([write(tmp_path / "h.csv", "_step,epoch,global_step,tokens,a,b,y", rows)], "y")
    assert old.ends == {400: 1} and old.runs[0].scores == {"y": 0.4}
    assert old.unused == ["_step", "epoch", "tokens"]


def test_a_step_that_each_run_has_once_is_a_note_on_it(tmp_path):
    rows = [["one", 1000, 0.5, 0.5, 0.4], ["two", 900, 0.2, 0.8, 0.5]]
    file = write(tmp_path / "s.csv", "Name,_step,weights.a,weights.b,y", rows)
    old = read_old_runs([file], "y")
    assert len(old.runs) == 2 and old.note == "" and old.runs[0].by_step == {}
    write(file, "Name,_step,weights.a,weights.b,y", [*rows, ["three", 800, 0.5, 0.5, 0.3]])
    with pytest.raises(TableError, match="line 4: has the mixture of line 2 at another _step, and another Name"):
        read_old_runs([file], "y")


@pytest.mark.parametrize("column", ["ckpts_seen_at", "t", "tick"])
def test_a_counter_that_nobody_names_is_asked_about(tmp_path, column):
    with pytest.raises(TableError, match=r"line 5: is of run 'r0' as line 2 is: call the column of their steps `step`"):
        read_old_runs([history(tmp_path / "h.csv", column)], "y", ["a", "b"])
    with pytest.raises(TableError, match=rf"line 5: has the mixture of line 2, and {column} .*call {column} `step` if"):
        read_old_runs([history(tmp_path / "h.csv", column, run=False)], "y", ["a", "b"])


def test_repetitions_without_a_seed_and_settings_that_differ_are_runs(tmp_path):
    rows = [[0.5, 0.5, 0.1, 31], [0.5, 0.5, 0.2, 29], [0.2, 0.8, 0.3, 30], [0.2, 0.8, 0.4, 33]]
    assert len(read_old_runs([write(tmp_path / "r.csv", "a,b,y,minutes", rows)], "y", ["a", "b"]).runs) == 4


@pytest.mark.parametrize(
    "column",
    "seed Seed SEED train_seed config.seed random_state random-state rng_seed randomSeed rep replicate".split(),
)
def test_seeds_under_other_names_tell_runs_apart(tmp_path, column):
    rows = [[0.5, 0.5, 1, 10, 0.1], [0.5, 0.5, 1, 20, 0.4], [0.5, 0.5, 2, 10, 0.2], [0.5, 0.5, 2, 20, 0.5]]
    old = read_old_runs([write(tmp_path / "r.csv", f"a,b,{column},step,y", rows)], "y")
    assert old.domains == ["a", "b"] and [run.scores["y"] for run in old.runs] == [0.4, 0.5]
    assert [run.name for run in old.runs] == ["seed 1", "seed 2"]


@pytest.mark.parametrize("column", ["linseed", "updates", "stepmother"])
def test_domains_that_are_called_nearly_so_are_domains(tmp_path, column):
    file = write(tmp_path / "r.csv", f"{column},b,y", [[0.25, 0.75, 0.1], [0.5, 0.5, 0.2]])
    assert read_old_runs([file], "y").domains == [column, "b"]


SMALLER = """nll NLL eval/NLL val_nll nll_2 cross_entropy crossEntropy cross-entropy CE val_ce ce bpb BPB bits_per_byte
bits/byte nats_per_token bpc rmse RMSE mae MAE mse wer WER WERs cer mean_wer ppl val-ppl perplexity eval_perplexity perp
error err error_rate top1_err ErrorRate latency p95_latency cost costs regret loss testloss eval_loss Loss logloss
negative_log_likelihood distance fid brier ece false_positive_rate kl duration"""
LARGER = """nullspace weather score accuracy acc reward minus_nll neg_loss negative_loss one_minus_wer glossary apple
lossless mirror certificate maestro cereal f1 bleu pass@1 exact_match officer ceiling maximum seconds
concert merit fidelity wering costume"""


def test_scores_of_which_smaller_is_better_by_the_words_of_their_names():
    assert [name for name in SMALLER.split() if not smaller_is_better(name)] == []
    assert [name for name in LARGER.split() if smaller_is_better(name)] == []


@pytest.mark.parametrize("name", ["nll", "bits_per_byte", "eval/NLL", "wer"])
def test_such_a_score_is_asked_about(tmp_path, name):
    file = write(tmp_path / "r.csv", f"a,b,{name}", [[0.5, 0.5, 2.1], [0.2, 0.8, 1.9], [0.8, 0.2, 2.6]])
    with pytest.raises(TableError, match=f"column '{name}' looks as if smaller were better: --minimize, or --maximize"):
        mixopt("study", "import", "mine", file, "--value", name)
    with pytest.raises(TableError, match="smaller were better"):
        read_runs(file, name)
    mixopt("study", "import", "low", file, "--value", name, "--minimize")
    assert Study.open("low").runs().values.max() == -1.9
    mixopt("study", "import", "high", file, "--value", name, "--maximize")
    assert Study.open("high").runs().values.max() == 2.6


def test_a_study_of_losses_is_exported_and_imported_without_a_question(tmp_path):
    file = write(tmp_path / "r.csv", "a,b,wer", [[0.5, 0.5, 0.1], [0.2, 0.8, 0.2]])
    mixopt("study", "import", "mine", file, "--value", "wer", "--minimize")
    mixopt("study", "export", "mine", tmp_path / "mine.csv")
    mixopt("study", "import", "again", tmp_path / "mine.csv")
    assert Study.open("again").runs().values.tolist() == [-0.1, -0.2]


@pytest.mark.parametrize("column", ["state", "State", "STATUS", "run_state", "info.status"])
def test_states_of_runs_whoever_wrote_them(tmp_path, column):
    states = ["finished", "FINISHED", "Success ", "", "FAILED", "killed", "running"]
    rows = [[f"r{i}", state, 0.1 * i, 1 - 0.1 * i, 0.1] for i, state in enumerate(states)]
    old = read_old_runs([write(tmp_path / "r.csv", f"run,{column},a,b,y", rows)], "y")
    assert [run.label for run in old.runs] == ["r0", "r1", "r2", "r3"]
    assert old.left_out == {"state failed": 1, "state killed": 1, "state running": 1}


def test_a_column_of_other_states_is_none(tmp_path):
    rows = [[1, "CA", 0.5, 0.5, 0.4], [2, "NY", 0.2, 0.8, 0.5], [3, "TX", 0.8, 0.2, 0.3]]
    assert len(read_old_runs([write(tmp_path / "r.csv", "run,state,a,b,y", rows)], "y").runs) == 3


@pytest.mark.parametrize("word", ["mean", "Average", "std", "std dev", "Median", "75%", "MAX"])
@pytest.mark.parametrize("column", ["run", "model", ""])
def test_rows_that_sum_up_others_are_left_out_by_name(tmp_path, column, word):
    rows = [["r0", 0.5, 0.5, 0.4], ["r1", 0.2, 0.8, 0.5], [word, 0.35, 0.65, 0.45]]
    old = read_old_runs([write(tmp_path / "r.csv", f"{column},a,b,y", rows)], "y")
    assert len(old.runs) == 2 and old.left_out == {f"row `{word}` sums up others": 1}


def test_the_names_of_a_grouped_table(tmp_path):
    rows = [["one", 0.5, 0.5, 0.4], ["two", 0.2, 0.8, 0.5]]
    file = write(tmp_path / "r.csv", "Name: 2 visualized,weights.a,weights.b,y", rows)
    assert [run.label for run in read_old_runs([file], "y").runs] == ["one", "two"]
