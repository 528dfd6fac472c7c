"""`mixopt study new` and `schema`: write a first study file, and print the JSON Schema of study files."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from mixopt.cli.console import data, say
from mixopt.errors import MixoptError

BACKENDS = {
    "rlvr": """\
backend:
  rlvr:                     # every option, with the paper's value: docs/study-file.md
    model: {model}
    # data: {{...}}           # where your datasets are: python -m rlvr_backend datasets
""",
    "command": """\
backend:
  command:                  # any program that follows the file contract: docs/trainers.md
    argv: [python, my_trainer.py, "{{request}}"]
""",
    "none": """\
# no backend: `mixopt study ask {study}` prints a mixture, `mixopt study tell {study} NUMBER --score TEST=0.51` records
# its scores (docs/ask-and-tell.md)
""",
}

TEMPLATE = """\
# yaml-language-server: $schema={schema}
# The line above lets an editor complete and explain the keys; docs/study-file.md has them all.
study: {study}
domains:                    # name: examples in it; bounds of its weight with lower: and upper:
{domains}
tests:                      # name: examples in it; in-tests belong to the domains, out-tests to none
{tests}
score:
  maximize: {maximize}       # or in_score, {{blend: 0.5}}, one test, or a list of these
  steps: [{steps}]              # when to evaluate, in training steps; the last one ends a run
strategy:
  # - seed: [single, exclude_one, all]   # the paper's designs, {seeds} more trials
  - bayes: {{trials: {trials}}}
{backend}"""


def new(
    name: Annotated[str, typer.Argument(help="The study's name.")],
    domain: Annotated[list[str] | None, typer.Option(help="NAME=EXAMPLES, a training set; may be repeated.")] = None,
    in_test: Annotated[
        list[str] | None, typer.Option(help="NAME=EXAMPLES, an in-test (of the study's domains); may be repeated.")
    ] = None,
    out_test: Annotated[
        list[str] | None, typer.Option(help="NAME=EXAMPLES, an out-test (of no domain); may be repeated.")
    ] = None,
    backend: Annotated[str, typer.Option(help="The trainer: rlvr, command, or none (ask and tell by hand).")] = "none",
    model: Annotated[str, typer.Option(help="With rlvr: a model on the hub, a folder, or shapes.")] = (
        "Qwen/Qwen2-VL-2B-Instruct"
    ),
    trials: Annotated[int, typer.Option(min=1, help="The budget, in training runs.")] = 30,
    steps: Annotated[int, typer.Option(min=1, help="Training steps of a run.")] = 1000,
    file: Annotated[Path | None, typer.Option(help="The file to write. Default: NAME.yaml.")] = None,
) -> None:
    """Write a first study file, asking for what the options leave out.

    Example: mixopt study new mine --domain coco=5997 --domain sat=15000 --out-test chart=250 --trials 30
    """
    from mixopt.storage.files import write_whole
    from mixopt.study.plan import checked_spec
    from mixopt.study.spec import read_spec

    if backend not in BACKENDS:
        raise MixoptError(f"--backend {backend}: use one of {', '.join(BACKENDS)}")
    path = file or Path(f"{name}.yaml")
    if path.exists():
        raise MixoptError(f"{path}: exists already: name another file with --file")
    domains = _sized("--domain", domain) or _asked("--domain", "A training set")
    inside = _sized("--in-test", in_test)
    outside = _sized("--out-test", out_test)
    if not inside and not outside:
        outside = _asked("--out-test", "A test")
    write_whole(path, _text(name, domains, inside, outside, backend, model, trials, steps))
    try:
        read_spec(path)
    except MixoptError:
        path.unlink()
        raise
    try:
        checked_spec(path)
    except MixoptError as error:  # what only the backend knows: where sets lie, what their names are
        say(f"written, but it needs a fix: {error}")
        return
    say(f"written: {path}; see its plan: mixopt study create {path} --dry-run")


def schema() -> None:
    """Print the JSON Schema of study files, for editors.

    Example: mixopt study schema > study.schema.json
    """
    from mixopt.study.spec.schema import FILE

    data(FILE.read_text(encoding="utf-8"))


def _text(
    name: str,
    domains: dict[str, int],
    inside: dict[str, int],
    outside: dict[str, int],
    backend: str,
    model: str,
    trials: int,
    steps: int,
) -> str:
    from mixopt.study.spec.schema import FILE

    sides = {"in": inside, "out": outside}
    tests = [
        f"  {side}: {{{', '.join(f'{n}: {k}' for n, k in sized.items())}}}" for side, sized in sides.items() if sized
    ]
    return TEMPLATE.format(
        schema=FILE.as_uri(),
        study=name,
        domains="\n".join(f"  {domain}: {{size: {size}}}" for domain, size in domains.items()),
        tests="\n".join(tests),
        maximize="out_score" if outside else "in_score",
        steps=steps,
        seeds=2 * len(domains) + 1,
        trials=trials,
        backend=BACKENDS[backend].format(study=name, model=model),
    )


def _sized(option: str, said: Sequence[str] | None) -> dict[str, int]:
    """Read `coco=5997` as a name and a number of examples."""
    sized = {}
    for text in said or ():
        if not (match := re.fullmatch(r"([\w.-]+)=([1-9][0-9]*)", text, re.ASCII)):
            raise MixoptError(f"{option} {text}: give NAME=EXAMPLES, such as coco=5997")
        name, size = match.groups()
        if name in sized:
            raise MixoptError(f"{option} {text}: {name} appears twice: give it once")
        sized[name] = int(size)
    return sized


def _asked(option: str, what: str) -> dict[str, int]:
    """Ask for names and sizes in a terminal; an empty answer ends the list."""
    if not _in_a_terminal():
        raise MixoptError(f"give {option} NAME=EXAMPLES, once for each")
    said: list[str] = []
    while answer := typer.prompt(f"{what}, as NAME=EXAMPLES (empty to end)", default="", show_default=False):
        try:
            _sized(option, [*said, answer])
        except MixoptError as error:
            say(str(error))
            continue
        said.append(answer)
    return _sized(option, said)


def _in_a_terminal() -> bool:
    return sys.stdin.isatty()
