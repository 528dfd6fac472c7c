"""`mixopt benchmark`: compare mixopt's sampler with other samplers."""

import re
from pathlib import Path
from typing import Annotated

import typer

from mixopt.cli.arguments import Domains, Minimize, Normalize, names_of
from mixopt.cli.console import data, remark, say
from mixopt.errors import MixoptError

benchmark_app = typer.Typer(no_args_is_help=True, help="Compare mixopt's sampler with others.")

File = Annotated[Path, typer.Argument(help="The results file, with one line for each finished job.")]


@benchmark_app.command()
def run(
    file: File,
    methods: Annotated[str, typer.Option(help="Methods, separated by commas.")] = (
        "ours,random,tpe,cma_es,optuna_gp,olmix,mixing_law,botorch"
    ),
    problems: Annotated[
        str, typer.Option(help="Problems, separated by commas. Default: the synthetic and all measured ones.")
    ] = "",
    seeds: Annotated[str, typer.Option(help="FIRST:END without END; seeds below 100 are for tuning.")] = "100:130",
    trials: Annotated[int | None, typer.Option(min=2, help="Trials in each run. Default: 80 (Ax: 40).")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Jobs side by side, one thread each.")] = 1,
    tables: Annotated[
        Path | None, typer.Option(help="Folder with tables of measured runs: regmix/, damo/, shapes-table/.")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="A CSV file of your own runs, searched as a pool.")] = None,
    value: Annotated[str, typer.Option(help="The file's column of scores.")] = "",
    domains: Domains = None,
    minimize: Minimize = None,
    normalize: Normalize = False,
) -> None:
    """Run the jobs that are not in the results file yet.

    Example: mixopt benchmark run results.jsonl --methods ours,botorch
    """
    from mixopt.benchmark.results import read_results
    from mixopt.benchmark.runner import all_jobs, run_jobs
    from mixopt.benchmark.suite import default_problems
    from mixopt.benchmark.tables import TABLES, Sources, tables_there
    from mixopt.cli.benchmark_progress import job_lines

    columns = tuple(names_of(domains)) if domains else None
    sources = Sources(tables, csv, value, columns, minimize=minimize, normalize=normalize)
    chosen = names_of(problems) if problems else default_problems(sources)
    jobs = all_jobs(chosen, names_of(methods), seed_range(seeds), sources=sources, trials=trials)
    results = read_results(file)
    left = [job for job in jobs if job not in results.done]
    if csv is None and not problems and (left_out := [name for name in TABLES if name not in tables_there(sources)]):
        say(f"tables left out: {', '.join(left_out)}: --tables FOLDER names their folder, such as studies")
    for line in results.stale_lines():
        say(line)
    say(f"{len(jobs)} jobs, {len(jobs) - len(left)} of them in {file}")
    with job_lines(len(left)) as lines:
        try:
            run_jobs(file, left, sources=sources, to_judge=results.to_judge, workers=workers, report=lines.report)
        except KeyboardInterrupt:
            remark("stopped; what was finished is kept, and the same command goes on")
            raise typer.Exit(130) from None
    if lines.failed:
        say(f"{lines.failed} jobs failed; the same command tries them again")
        raise typer.Exit(1)


def seed_range(text: str) -> range:
    """Read `100:130` as a range."""
    first, _, end = text.partition(":")
    if not (re.fullmatch(r"[0-9]{1,4}:[0-9]{1,5}", text) and int(first) < int(end)):
        raise MixoptError(f"--seeds {text}: give FIRST:END, such as 100:130 for 100 to 129")
    return range(int(first), int(end))


@benchmark_app.command()
def report(
    file: File,
    folder: Annotated[Path, typer.Option(help="Where benchmark.csv, benchmark.md and benchmark.png go.")] = Path(),
    within: Annotated[
        float | None,
        typer.Option(min=0, help="How far below the best counts as found on the shapes table. Default: its noise."),
    ] = None,
    earlier: Annotated[
        Path | None, typer.Option(help="An earlier results file; its runs of mixopt are compared too, as ours_earlier.")
    ] = None,
) -> None:
    """Write tables, a figure and a CSV of a results file.

    Example: mixopt benchmark report results.jsonl --folder docs

    Example: mixopt benchmark report results.jsonl --earlier before.jsonl
    """
    from mixopt.benchmark.figure import regret_figure
    from mixopt.benchmark.results import read_results
    from mixopt.benchmark.summary import earlier_runs, markdown
    from mixopt.benchmark.tidy import write_csv

    results = read_results(file)
    done, remarks = results.to_report()
    for line in remarks:
        say(line)
    if results.failed:
        (job, reason), *_ = results.failed.items()
        say(f"{len(results.failed)} jobs failed, such as {job.method} on {job.problem} seed {job.seed}: {reason}")
    if not done:
        raise MixoptError(f"{file}: holds no finished job: mixopt benchmark run {file}")
    folder.mkdir(parents=True, exist_ok=True)
    if within is not None:
        done = {
            job: outcome | ({"tolerance": within} if "tolerance" in outcome else {}) for job, outcome in done.items()
        }
    before = earlier_runs(read_results(earlier).to_report()[0], done) if earlier is not None else {}
    if earlier is not None and not before:
        raise MixoptError(f"--earlier {earlier}: has no run of ours on a problem of {file}")
    text = markdown({**done, **before})
    (folder / "benchmark.md").write_text(text)
    write_csv(folder / "benchmark.csv", done)
    regret_figure(done).savefig(folder / "benchmark.png", dpi=110)
    data(text + "\n")
    say(f"written: benchmark.md, benchmark.csv, benchmark.png in {folder.resolve()}")


@benchmark_app.command()
def asks(
    methods: Annotated[str, typer.Option(help="Methods, separated by commas.")] = "ours,optuna_gp,botorch,ax",
    runs: Annotated[int, typer.Option(min=2, help="Finished runs that each method has seen.")] = 300,
    domains: Annotated[int, typer.Option(min=2, max=64, help="Domains.")] = 17,
    repeats: Annotated[int, typer.Option(min=1, help="Asks; the median is reported.")] = 5,
) -> None:
    """Measure the time and memory of an ask, with one thread.

    Example: mixopt benchmark asks --methods ours --domains 64
    """
    from mixopt.benchmark.asks import ask_costs
    from mixopt.benchmark.markdown import table

    costs = ask_costs(names_of(methods), runs, domains, repeats)
    rows = [[c.method, f"{c.seconds:.3f}", f"{c.slowest:.3f}", f"{c.memory:.0f}"] for c in costs]
    say(f"an ask after {runs} runs over {domains} domains, median of {repeats}, one thread, a process each:")
    say("")
    data("\n".join(table(["method", "seconds", "slowest", "peak MiB"], rows)) + "\n")
