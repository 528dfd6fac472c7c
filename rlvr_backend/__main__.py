"""Command line of the trainer.

accelerate launch -m rlvr_backend train TRIAL/request.json
python -m rlvr_backend prepare shapes
python -m rlvr_backend evaluate shapes
python -m rlvr_backend datasets --check FOLDER --name chartqa
"""

import argparse
import logging
import os
import sys
from pathlib import Path

from rlvr_backend.contract import Request, TrialFolder
from rlvr_backend.errors import MissingPackage, RequestError, RunFailed, TryAgain
from rlvr_backend.visible import visible

MISSING = 69  # EX_UNAVAILABLE: the request may be right, but needs a package that is not installed here


def use_one_thread() -> None:
    """Use one thread on a CPU. More threads per trial cost more than they gain, above all on a busy machine."""
    import torch

    if not torch.cuda.is_available():
        torch.set_num_threads(1)


def train(arguments: argparse.Namespace) -> None:
    """Run one trial."""
    from rlvr_backend.training.trainer import train as run

    use_one_thread()
    request = Request.read(arguments.request)
    run(request, TrialFolder(arguments.request))


def check(arguments: argparse.Namespace) -> None:
    """Check a request without running it."""
    from rlvr_backend.datasets import check_apart, check_rewards, check_sizes
    from rlvr_backend.options import Options

    request = Request.read(arguments.request)
    options = Options.of(request.options)
    options.accumulation(options.launch.processes if options.launch else 1)
    check_sizes(request.domains, "train", options.data)
    check_sizes(options.own_tests(request.tests), "test", options.data)
    check_apart(request.domains, request.tests, options.data)
    check_rewards(options.rewards, request.domains, options.data)


def prepare(arguments: argparse.Namespace) -> None:
    """Train the embedded base model if it is not in the cache, and print where a model is."""
    from rlvr_backend.models.embedded import resolve

    use_one_thread()
    print(resolve(arguments.model))


def evaluate(arguments: argparse.Namespace) -> None:
    """Print a model's scores on the shapes tests."""
    from rlvr_backend.datasets import shapes
    from rlvr_backend.evaluation.evaluator import Evaluator
    from rlvr_backend.models.embedded import resolve
    from rlvr_backend.models.load import load_policy

    use_one_thread()
    model, processor = load_policy(resolve(arguments.model))
    tests = {name: shapes.rows(name, "test", range(size)) for name, size in shapes.TESTS.items()}
    for name, score in Evaluator(tests, processor, arguments.tokens, batch=256).scores(model).items():
        print(f"{name:12} {score:.4f}")


def datasets(arguments: argparse.Namespace) -> None:
    """List the known datasets, or check a local copy."""
    from rlvr_backend.datasets.listing import check_copy, table

    if arguments.check is None:
        print(table())
    else:
        print(visible(check_copy(arguments.check, arguments.name, arguments.split, dict(arguments.own))))


def key_and_value(text: str) -> tuple[str, str]:
    """Split KEY=VALUE."""
    key, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} must be KEY=VALUE")
    return key, value


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(prog="python -m rlvr_backend", description="The trainer behind mixopt's trials.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("train", help="run one trial from its request.json")
    command.add_argument("request", type=Path, help="the trial's request.json")
    command.set_defaults(run=train)
    command = commands.add_parser("check", help="check a request without running it")
    command.add_argument("request", type=Path, help="a request.json")
    command.set_defaults(run=check)
    command = commands.add_parser("prepare", help="train and cache the embedded base model, once per machine")
    command.add_argument("model", help="`shapes`; a hub name or a folder needs no preparation")
    command.set_defaults(run=prepare)
    command = commands.add_parser("evaluate", help="print a model's scores on the shapes tests")
    command.add_argument("model", help="`shapes`, or a folder such as a trial's checkpoint")
    command.add_argument("--tokens", type=int, default=24, help="longest completion, in tokens")
    command.set_defaults(run=evaluate)
    command = commands.add_parser("datasets", help="list the known training sets and tests, or check a local copy")
    command.add_argument("--check", metavar="PATH", help="read and check all rows of a file, a folder or a hub name")
    command.add_argument("--name", default="mine", help="which set it is a copy of; any other name is your own set")
    command.add_argument("--split", choices=("train", "test"), help="which part of it (default: the one there is)")
    command.add_argument(
        "--own", metavar="KEY=VALUE", nargs="+", default=[], type=key_and_value, help="as under `data`: answer=label"
    )
    command.set_defaults(run=datasets)
    return top


def main() -> int:
    """Run a command and return its exit code.

    0 is success, 2 a bad request, 69 a missing package, 75 (EX_TEMPFAIL) a run to try again later, 1 any other failure.
    """
    arguments = parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        arguments.run(arguments)
    except RequestError as error:
        print(visible(f"error: {error}"), file=sys.stderr)
        return MISSING if isinstance(error, MissingPackage) else 2
    except (OSError, RunFailed) as error:
        print(visible(f"error: {' '.join(str(error).split())}"), file=sys.stderr)
        return os.EX_TEMPFAIL if isinstance(error, TryAgain) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
