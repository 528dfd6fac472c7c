"""The runner and its results: resumable, whole or absent, tied to the code that made them; and what is said of them."""

import csv
import json
import subprocess
from dataclasses import replace
from importlib.metadata import version

import numpy as np
import pytest
from typer.testing import CliRunner

from mixopt.benchmark.estimates import best_of, difference, figures, mean_over, ratio
from mixopt.benchmark.found import found_after
from mixopt.benchmark.job import Job, run_job
from mixopt.benchmark.measured import MeasuredTable
from mixopt.benchmark.methods import METHODS
from mixopt.benchmark.pools import pool
from mixopt.benchmark.results import append_result, read_results
from mixopt.benchmark.runner import all_jobs, run_jobs
from mixopt.benchmark.saved import recommended, runs_as_good
from mixopt.benchmark.suite import made_by, make_problem
from mixopt.benchmark.summary import markdown
from mixopt.benchmark.tables import Sources
from mixopt.benchmark.versions import PACKAGE, code_version, versions_of
from mixopt.cli.app import app
from mixopt.errors import MixoptError

JOB = Job("face-4", "random", 100, 4)


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
    jobs = all_jobs(["face-4", "face-5"], ["ours", "ax"], range(2))
    assert len(jobs) == 8 and [job.seed for job in jobs] == [0] * 4 + [1] * 4
    assert {job.method: job.trials for job in jobs} == {"ours": 80, "ax": 40}


def test_a_job_notes_its_checkpoints_and_is_the_same_each_time():
    problem = make_problem("face-4", 100)
    one, again = (run_job(replace(JOB, trials=25), problem) for _ in range(2))
    assert one["weights"] == again["weights"] and one["values"] == again["values"]
    assert [checkpoint["n"] for checkpoint in one["checkpoints"]] == [20, 25]
    assert len(one["values"]) == 25


def test_methods_meet_the_same_noise(monkeypatch):
    monkeypatch.setitem(METHODS, "random_again", METHODS["random"])
    problem = make_problem("face-4", 100)
    one, other = (run_job(Job("face-4", name, 100, 4), problem) for name in ("random", "ours"))

    def noise(run):
        return np.array(run["values"]) - problem.f(np.array(run["weights"]))

    np.testing.assert_allclose(noise(one), noise(other), atol=1e-4)  # weights are kept with six digits


def test_a_row_of_a_pool_is_evaluated_once_and_the_best_is_found_in_the_end():
    rng = np.random.default_rng(0)
    weights, values = rng.dirichlet(np.ones(3), 12), rng.normal(size=12)
    run = run_job(Job("csv", "cma_es", 0, 80), pool("csv", MeasuredTable(("a", "b", "c"), weights, values)))
    assert [checkpoint["n"] for checkpoint in run["checkpoints"]] == [12, 20, 40, 80]
    assert [gap["n"] for gap in run["gaps"]] == [*range(1, 13), 20, 40, 80] and run["gaps"][-1]["own"] == 0
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
    append_result(file, replace(JOB, seed=101), outcome())
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
    changed = replace(JOB, table="another")
    jobs = [Job("csv", "random", 0, 4), changed, JOB]  # the table is not there when the first one starts
    reported = {}
    run_jobs(
        file,
        jobs,
        sources=Sources(csv=gone, value="score"),
        to_judge={},
        workers=1,
        report=lambda job, outcome, _: reported.update({job: outcome}),
    )
    results = read_results(file)
    assert set(results.done) == {JOB} and results.failed.keys() == {jobs[0], changed}
    assert (
        results.failed[jobs[0]].startswith("TableError: ")
        and "has changed" in results.failed[changed]
        and set(reported) == set(jobs)
    )


@pytest.mark.parametrize(
    "other", [{"version": "0"}, {"problem_version": "0"}, {"problem": "gone-4"}, {"method": "gone"}]
)
def test_rows_of_other_code_stay_and_do_not_count(tmp_path, other):
    file = tmp_path / "results.jsonl"
    append_result(file, JOB, outcome())
    row = json.loads(file.read_text())
    file.write_text(file.read_text() + json.dumps(row | {"seed": 101} | other) + "\n")
    results = read_results(file)
    assert set(results.done) == {JOB} and results.stale == {other.get("method", "random"): 1}
    assert "were run by other code" in results.stale_lines()[0]


def test_rows_from_before_problems_had_versions_do_not_count(tmp_path):
    file = tmp_path / "results.jsonl"
    old = {"problem": "face-4", "method": "random", "seed": 100, "version": versions_of(JOB)["version"]}
    file.write_text(json.dumps(old | outcome()) + "\n")
    assert read_results(file).stale == {"random": 1}


def test_another_judge_judges_anew_and_runs_nothing(tmp_path):
    file = tmp_path / "results.jsonl"
    arguments = ("run", file, "--methods", "random", "--problems", "face-4", "--trials", 6, "--seeds", "100:101")
    mixopt(*arguments)
    row = json.loads(file.read_text())
    checkpoint = row["checkpoints"][0] | {"regret_common": -1.0}
    earlier = row | {"judge_version": "0", "checkpoints": [checkpoint], "mark": "not run again"}
    file.write_text(json.dumps(earlier) + "\n")
    told = mixopt(*arguments)
    assert "1 jobs, 0 of them" in told.stdout and "1 jobs were judged by another judge" in told.stdout
    (done,) = read_results(file).done.values()
    assert done["mark"] == "not run again" and not read_results(file).to_judge
    assert done["checkpoints"][0] == pytest.approx(row["checkpoints"][0], abs=1e-4)


def test_another_table_direction_or_length_is_another_job(tmp_path):
    file, a, b = (tmp_path / name for name in ("results.jsonl", "a.csv", "b.csv"))
    a.write_text("a,b,score,id\n1,0,3,1\n0,1,2,2\n0.5,0.5,1,3\n")
    b.write_text("a,b,score,id\n1,0,3,1\n0,1,2,2\n0.5,0.5,2,3\n")

    def job(table, trials=None, **how):
        sources = Sources(csv=table, value="score", domains=("a", "b"), **how)
        (only,) = all_jobs(["csv"], ["random"], [0], sources=sources, trials=trials)
        return only

    first = job(a)
    assert len({first, job(b), job(a, minimize=True), job(a, trials=2)}) == 4
    a.write_text(a.read_text().replace(",1\n", ",7\n"))  # a column that is not used
    assert job(a) == job(a, normalize=True) == first
    append_result(file, first, outcome())
    run = ("run", file, "--value", "score", "--domains", " a, b", "--methods", " random ", "--seeds", "0:1", "--csv")
    assert "1 jobs, 1 of them" in mixopt(*run, a).stdout
    assert "1 jobs, 1 of them" in mixopt(*run, a, "--normalize").stdout
    assert "1 jobs, 0 of them" in mixopt(*run, b).stdout
    assert len(read_results(file).done) == 2


def test_a_table_whose_rows_do_not_sum_to_1_is_normalized_when_asked(tmp_path):
    file, table = tmp_path / "results.jsonl", tmp_path / "a.csv"
    table.write_text("a,b,score\n2,0,3\n0,1,2\n3,3,1\n")
    run = ("run", file, "--csv", table, "--value", "score", "--domains", "a,b", "--seeds", "0:1", "--methods", "random")
    with pytest.raises(MixoptError, match="sum"):
        mixopt(*run)
    (job,) = all_jobs(
        ["csv"], ["random"], [0], sources=Sources(csv=table, value="score", domains=("a", "b"), normalize=True)
    )
    append_result(file, job, outcome())
    assert "1 jobs, 1 of them" in mixopt(*run, "--normalize").stdout


def test_a_report_tells_the_longest_run_on_the_last_table(tmp_path):
    file = tmp_path / "results.jsonl"
    first, last = Job("csv", "random", 0, 4, "a"), Job("csv", "random", 0, 4, "b")
    for job in (first, last, replace(JOB, trials=9), JOB):
        append_result(file, job, outcome())
    done, lines = read_results(file).to_report()
    assert set(done) == {last, replace(JOB, trials=9)}
    assert len(lines) == 1 and "problem csv is there with several tables" in lines[0]


@pytest.fixture
def package(tmp_path):
    """A folder `package` with the files a.py and b.py, each committed once to a git repository; and its git."""

    def git(*arguments):
        who = ["-c", "user.name=n", "-c", "user.email=e", "-c", "commit.gpgsign=false"]
        argv = ["git", "-C", str(tmp_path), *who, *arguments]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()

    git("init")
    (tmp_path / "package").mkdir()
    for name in ("a.py", "b.py"):
        (tmp_path / "package" / name).write_text("one")
        git("add", ".")
        git("commit", "--message", name)
    return tmp_path / "package", git


def test_a_version_is_the_last_commit_of_the_code_and_its_libraries(package):
    folder, git = package
    numpy = f"numpy-{np.__version__}"
    assert code_version(("a.py",), (), folder) == git("rev-parse", "HEAD~")[:12]
    assert (
        code_version(("b.py",), ("numpy", "no-such"), folder)
        == f"{git('rev-parse', 'HEAD')[:12]} {numpy} no-such-missing"
    )
    assert code_version((".",), (), folder) == git("rev-parse", "HEAD")[:12]


def test_a_version_tells_uncommitted_changes_apart(package):
    folder, git = package
    versions = set()
    for text in ("one", "two", "three"):
        (folder / "a.py").write_text(text)
        code_version.cache_clear()
        versions.add(code_version(("a.py",), (), folder))
    assert {version.partition("+")[0] for version in versions} == {git("rev-parse", "HEAD~")[:12]}
    assert len(versions) == 3 and sum("+" in version for version in versions) == 2
    assert "+" not in code_version(("b.py",), (), folder)


def test_without_git_a_version_is_that_of_mixopt(tmp_path, package, monkeypatch):
    folder, _ = package
    ours = f"mixopt-{version('mixopt')}"
    assert code_version(("untracked.py",), (), folder) == ours
    monkeypatch.setenv("PATH", str(tmp_path))
    assert code_version(("a.py",), ("numpy",), folder) == f"{ours} numpy-{np.__version__}"


def test_the_sources_of_methods_and_problems_are_files_and_folders_of_mixopt():
    problems = {name: made_by(name) for name in ("face-4", "vertex-9", "runs_out-8", "csv", "damo", "regmix_1m_smooth")}
    sources = [*(method.sources for method in METHODS.values()), *(files for files, _ in problems.values())]
    assert all((PACKAGE / source).exists() for source in {source for some in sources for source in some})
    assert problems["face-4"] == problems["vertex-9"] and problems["csv"] == problems["damo"]
    assert len({*problems.values()}) == 4 and "benchmark/concave.py" not in problems["runs_out-8"][0]


def test_a_report_has_jobs_of_earlier_code_and_says_so(tmp_path):
    file = tmp_path / "results.jsonl"
    append_result(file, JOB, outcome())
    row = json.loads(file.read_text())
    digests = {"version": "1bde2a61", "problem_version": "0aa4c3d2", "judge_version": "77d1e0f5"}  # of earlier files
    file.write_text("".join(json.dumps(row | {"seed": seed} | digests) + "\n" for seed in (100, 101)))
    append_result(file, JOB, outcome(regret=0.25))
    done, lines = read_results(file).to_report()
    assert {job.seed: job_outcome["checkpoints"][0]["regret_own"] for job, job_outcome in done.items()} == {
        100: 0.25,
        101: 0.5,
    }
    assert lines == ["1 jobs were run by other code than the present: 1bde2a61"]
    told = mixopt("report", file, "--folder", tmp_path / "docs")
    assert told.exit_code == 0 and lines[0] in told.stdout
    assert ",101,1bde2a61," in (tmp_path / "docs" / "benchmark.csv").read_text()


def test_differences_are_paired_over_the_seeds_that_both_have():
    done = {Job("p", "ours", seed, 6): outcome(0.1 * seed) for seed in range(5)}
    done |= {Job("p", "random", seed, 6): outcome(0.1 * seed + 1) for seed in range(1, 7)}
    numbers = figures(done, "regret_common")
    gap = difference(numbers, ["p"], "ours", "random", 6)
    assert gap.mean == pytest.approx(-1) and gap.se == pytest.approx(0, abs=1e-12) and gap.told_apart
    assert mean_over(numbers, ["p"], "ours", 6).mean == pytest.approx(0.2)
    assert mean_over(numbers, ["p", "q"], "ours", 6) is None
    assert figures(done, "own_mean") == {}


def test_a_ratio_is_of_means_over_shared_seeds_with_its_error():
    rng = np.random.default_rng(0)
    theirs = dict(enumerate(rng.gamma(4.0, 1.0, 400)))
    mine = {seed: 0.5 * value + rng.normal(0, 0.1) for seed, value in theirs.items()} | {999: 50.0}
    numbers = {("p", "ours", 6): mine, ("p", "random", 6): theirs}
    share = ratio(numbers, ["p"], "ours", "random", 6)
    again = [
        np.mean([mine[i] for i in drawn]) / np.mean([theirs[i] for i in drawn])
        for drawn in rng.integers(400, size=(400, 400))
    ]
    assert share.mean == pytest.approx(np.mean(again), abs=0.002)
    assert share.se == pytest.approx(np.std(again), rel=0.15)
    assert ratio(numbers, ["p", "q"], "ours", "random", 6) is None


def looks(*regrets, every=5):
    """A job's outcome whose recommendation has these regrets, looked at every 5 runs, and a checkpoint at the last."""
    gaps = [{"n": every * i, "own": 2 * regret} for i, regret in enumerate(regrets, start=1)]
    return outcome(regrets[-1], every * len(regrets)) | {"gaps": gaps, "scale": 2.0}


def test_runs_saved_are_counted_to_where_the_mean_regret_is_reached_and_kept():
    done = {Job("p", "ours", 0, 20): looks(0.1, 0.3, 0.2, 0.2), Job("p", "ours", 1, 20): looks(0.3, 0.5, 0.2, 0.0)}
    done |= {Job("p", "random", seed, 20): looks(0.9, 0.8, 0.5, 0.3) for seed in (0, 1, 2)}
    regret = recommended(done)
    assert regret["p", "ours", 10] == {0: 0.3, 1: 0.5} and regret["p", "ours", 20] == {0: 0.2, 1: 0.0}
    assert runs_as_good(regret, ["p"], "ours", "random", 20) == 15  # 5 was as good, but 10 was not
    assert runs_as_good(regret, ["p"], "ours", "random", 10) == 5
    assert runs_as_good(regret, ["p"], "random", "ours", 20) is None
    assert runs_as_good(regret, ["p", "q"], "ours", "random", 20) is None
    assert runs_as_good(regret, ["p"], "ours", "tpe", 20) is None
    old = {job: {key: value for key, value in looked.items() if key != "scale"} for job, looked in done.items()}
    assert ("p", "ours", 10) not in recommended(old) and "is, and stays, as good" not in markdown(old)


def test_a_report_names_the_best_peer_and_the_runs_saved_and_compares_with_earlier_runs(tmp_path):
    regrets = {"ours": (0.3, 0.1), "random": (0.8, 0.4), "tpe": (0.5, 0.2), "ours_4_at_once": (0.2, 0.05)}
    done = {Job("face-4", name, seed, 10): looks(*few) for name, few in regrets.items() for seed in (100, 101)}
    assert best_of(figures(done, "regret_own"), ["face-4"], ["random", "tpe"], 10) == "tpe"
    before = {replace(job, method="ours"): looks(0.4, 0.1) for job in done if job.method == "tpe"}
    new, old = tmp_path / "new.jsonl", tmp_path / "old.jsonl"
    for file, jobs in ((new, done), (old, before)):
        for job, job_outcome in jobs.items():
            append_result(file, job, job_outcome)
    told = mixopt("report", new, "--folder", tmp_path, "--earlier", old).stdout
    assert "| face-4 | 0.500 ± 0.000 of tpe |" in told
    saved = told.partition("as good as the other's after 10")[2]
    assert "| random | 5 |" in saved and "| tpe | 10 |" in saved and "| ours_earlier | 10 |" in saved
    with pytest.raises(MixoptError, match="has no run of ours on a problem"):
        mixopt("report", new, "--folder", tmp_path, "--earlier", tmp_path / "nothing.jsonl")


def test_a_report_says_where_ours_is_worse():
    done = {
        Job("face-4", method, seed, 6): outcome(regret + (seed - 100) / 1e4)
        for method, regret in (("ours", 0.4), ("random", 0.5), ("tpe", 0.3))
        for seed in range(100, 104)
    }
    text = markdown(done)
    assert (
        "Single problems where another is better than ours by more than 2 se: face-4 at n = 6, tpe (0.100 ± 0.000)."
        in text
    )
    assert "| random | 4 | 0.800 ± 0.000 |" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--methods", "magic"], "method 'magic'"),
        (["--problems", "face"], "problem 'face'"),
        (["--problems", "regmix_1m"], "--tables FOLDER"),
        (["--seeds", "3"], "give FIRST:END"),
        (["--seeds", "5:5"], "give FIRST:END"),
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
