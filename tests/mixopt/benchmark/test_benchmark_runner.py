"""The runner and its results: resumable, whole or absent, tied to the code that made them; and what is said of them."""

import csv
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from mixopt.benchmark import versions
from mixopt.benchmark.estimates import difference, figures, mean_over
from mixopt.benchmark.job import Job, run_job
from mixopt.benchmark.methods import METHODS
from mixopt.benchmark.pool_results import found_after
from mixopt.benchmark.pools import pool
from mixopt.benchmark.results import append_result, read_results
from mixopt.benchmark.runner import all_jobs, run_jobs
from mixopt.benchmark.suite import Sources, make_problem
from mixopt.benchmark.versions import method_version
from mixopt.cli.app import app
from mixopt.errors import MixoptError

JOB = Job("face-4", "random", 100)


def outcome(regret=0.5, n=6):
    checkpoint = dict.fromkeys(["own_mean", "own_low", "own_high"]) | {"n": n, "regret_common": regret}
    return {"checkpoints": [checkpoint | {"regret_own": regret, "own_score": 1.0, "ask_seconds": 0.1}]}


def mixopt(*arguments):
    """The command line in this process; errors that mixopt raises on purpose come through."""
    return CliRunner().invoke(app, ["benchmark", *map(str, arguments)], catch_exceptions=False)


def test_from_nothing_to_a_report_and_again(tmp_path):
    file = tmp_path / "results.jsonl"
    arguments = ("run", file, "--methods", "ours,random", "--problems", "face-4", "--trials", 6)
    ran = mixopt(*arguments, "--seeds", "100:102", "--workers", 2)
    assert ran.exit_code == 0 and "4 jobs, 0 of them" in ran.stdout and "4/4" in ran.stdout, ran.output
    before = file.read_text()
    again = mixopt(*arguments, "--seeds", "100:102")
    assert "4 jobs, 4 of them" in again.stdout and file.read_text() == before

    told = mixopt("report", file, "--folder", tmp_path / "docs")
    assert told.exit_code == 0 and "Paired difference of common regret" in told.stdout
    assert (tmp_path / "docs" / "benchmark.png").stat().st_size > 10_000
    assert "| ours |" in (tmp_path / "docs" / "benchmark.md").read_text()
    rows = list(csv.DictReader((tmp_path / "docs" / "benchmark.csv").open()))
    assert len(rows) == 4 and {row["n"] for row in rows} == {"6"}
    assert all(float(row["regret_common"]) >= -1e-6 for row in rows)


def test_seeds_come_one_after_the_other():
    jobs = all_jobs(["p", "q"], ["a", "b"], range(2))
    assert len(jobs) == 8 and [job.seed for job in jobs] == [0] * 4 + [1] * 4


def test_a_job_notes_its_checkpoints_and_is_the_same_each_time():
    problem = make_problem("face-4", 100)
    one, again = (run_job(JOB, problem, trials=25) for _ in range(2))
    assert one["weights"] == again["weights"] and one["values"] == again["values"]
    assert [checkpoint["n"] for checkpoint in one["checkpoints"]] == [20, 25]
    assert len(one["values"]) == 25


def test_methods_meet_the_same_noise(monkeypatch):
    monkeypatch.setitem(METHODS, "random_again", METHODS["random"])
    problem = make_problem("face-4", 100)
    one, other = (run_job(Job("face-4", name, 100), problem, trials=4) for name in ("random", "ours"))

    def noise(run):
        return np.array(run["values"]) - problem.f(np.array(run["weights"]))

    np.testing.assert_allclose(noise(one), noise(other), atol=1e-4)  # weights are kept with six digits


def test_a_row_of_a_pool_is_evaluated_once_and_the_best_is_found_in_the_end():
    rng = np.random.default_rng(0)
    weights, values = rng.dirichlet(np.ones(3), 12), rng.normal(size=12)
    run = run_job(Job("csv", "cma_es", 0), pool("csv", ["a", "b", "c"], weights, values), trials=80)
    assert len(run["values"]) == 12 and sorted(run["values"]) == pytest.approx(sorted(values))
    assert run["places"][-1] == {"n": 12, "seen": 1, "own": 1}
    assert found_after(run, "seen", 1) == 1 + int(np.argmax(run["values"]))


def test_found_means_found_and_kept():
    places = [{"n": n, "own": own} for n, own in enumerate([9, 3, 1, 2, 1, 1], start=1)]
    assert found_after({"places": places, "rows": 50}, "own", 1) == 5
    assert found_after({"places": places, "rows": 300}, "own", 100) == 2
    assert found_after({"places": places[:4], "rows": 50}, "own", 1) is None


def test_a_torn_last_line_is_not_there_and_the_next_job_replaces_it(tmp_path):
    file = tmp_path / "results.jsonl"
    append_result(file, JOB, outcome())
    whole = file.read_text()
    file.write_text(whole + whole[: len(whole) // 2])
    assert set(read_results(file).done) == {JOB}
    append_result(file, Job("face-4", "random", 101), outcome())
    assert {job.seed for job in read_results(file).done} == {100, 101}


def test_a_line_torn_in_the_middle_is_told_with_its_number(tmp_path):
    file = tmp_path / "results.jsonl"
    append_result(file, JOB, outcome())
    file.write_text("{half\n" + file.read_text())
    with pytest.raises(MixoptError, match="line 1: is no finished job"):
        read_results(file)


def test_a_failed_job_is_noted_until_it_succeeds(tmp_path):
    file = tmp_path / "results.jsonl"
    append_result(file, JOB, {"failed": "ValueError: no"})
    assert read_results(file).failed == {JOB: "ValueError: no"} and not read_results(file).done
    append_result(file, JOB, outcome())
    assert read_results(file).failed == {} and set(read_results(file).done) == {JOB}


def test_a_job_that_fails_does_not_stop_the_others(tmp_path):
    file, gone = tmp_path / "results.jsonl", tmp_path / "runs.csv"
    jobs = [Job("csv", "random", 0), JOB]  # the table is not there when the first one starts
    reported = {}
    run_jobs(
        file,
        jobs,
        sources=Sources(csv=gone, value="score"),
        trials=4,
        workers=1,
        report=lambda job, outcome, _: reported.update({job: outcome}),
    )
    results = read_results(file)
    assert set(results.done) == {JOB} and results.failed.keys() == {jobs[0]}
    assert results.failed[jobs[0]].startswith("TableError: ") and set(reported) == set(jobs)


def test_rows_of_other_code_stay_and_do_not_count(tmp_path):
    file = tmp_path / "results.jsonl"
    append_result(file, JOB, outcome())
    row = json.loads(file.read_text())
    file.write_text(file.read_text() + json.dumps(row | {"version": "00000000", "seed": 101}) + "\n")
    results = read_results(file)
    assert set(results.done) == {JOB} and results.stale == {"random": 1}
    assert "1 jobs of random were run by other code" in results.stale_lines()[0]


def test_a_version_changes_with_code_and_not_with_words(tmp_path):
    file = tmp_path / "code.py"

    def code(text):
        file.write_text(text)
        return versions._code(file)

    plain = code("def f(x):\n    return x + 1\n")
    assert code('"""A module."""\n\nimport os\n\n\ndef f(x):\n    """Adds."""\n    return x + 1  # one\n') == plain
    assert code("def f(x):\n    return x + 2\n") != plain


def test_our_version_reaches_all_that_the_sampler_is_made_of_and_nothing_of_the_benchmark():
    reached = versions.reached_from(METHODS["ours"].sources)
    assert {"mixopt.samplers.bayes", "mixopt.space", "mixopt.recommendation"} <= reached
    assert not any(module.startswith(("mixopt.benchmark", "mixopt.cli")) for module in reached)
    assert len({method_version(name) for name in METHODS}) == len(METHODS)


def test_differences_are_paired_over_the_seeds_that_both_have():
    done = {Job("p", "ours", seed): outcome(0.1 * seed) for seed in range(5)}
    done |= {Job("p", "random", seed): outcome(0.1 * seed + 1) for seed in range(1, 7)}
    numbers = figures(done, "regret_common")
    gap = difference(numbers, ["p"], "ours", "random", 6)
    assert gap.mean == pytest.approx(-1) and gap.se == pytest.approx(0, abs=1e-12) and gap.told_apart
    assert mean_over(numbers, ["p"], "ours", 6).mean == pytest.approx(0.2)
    assert mean_over(numbers, ["p", "q"], "ours", 6) is None
    assert figures(done, "own_mean") == {}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--methods", "magic"], "method 'magic'"),
        (["--problems", "face"], "problem 'face'"),
        (["--problems", "regmix"], "--tables FOLDER"),
        (["--seeds", "3"], "say FIRST:END"),
        (["--seeds", "5:5"], "say FIRST:END"),
        (["--csv", "nowhere.csv", "--value", "score"], "nowhere.csv: cannot be read"),
    ],
)
def test_bad_input_is_one_line(tmp_path, arguments, said):
    with pytest.raises(MixoptError, match=said):
        mixopt("run", tmp_path / "results.jsonl", *arguments)
    assert not (tmp_path / "results.jsonl").exists()


def test_a_report_of_nothing_says_what_to_run(tmp_path):
    with pytest.raises(MixoptError, match="holds no finished job"):
        mixopt("report", tmp_path / "nothing.jsonl")


def test_asks_are_timed():
    told = mixopt("asks", "--methods", "random", "--runs", 5, "--domains", 3, "--repeats", 2)
    assert told.exit_code == 0 and "| random |" in told.stdout
