"""What befalls a study from outside: a storage that is away, a full disk, a clock set back, two who create it at once.

The long forms, with figures, are outages.py and chaos.py.
"""

import multiprocessing
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from mixopt.cli.app import main
from mixopt.study.study import Study
from tests.measures.outages import STORMS, TRIALS, Crew
from tests.support.toy_study import toy_file

ROUNDS = 10


@pytest.mark.slow
@pytest.mark.parametrize("name", STORMS)
def test_a_study_weathers(name, tmp_path):
    reason, run = STORMS[name]
    if why := reason():
        pytest.skip(why)
    assert run(tmp_path, 3.0).startswith(f"{TRIALS} trials complete, each once")


# -- two users create the same study at once


def create(user, argvs, together, outcomes):
    """Create studies, each at the same time as another process; says exit codes, and what was printed as errors."""
    for number, argv in enumerate(argvs):
        sys.argv, said = ["mixopt", "study", "create", *argv[user]], StringIO()
        together.wait(60)
        with redirect_stderr(said), redirect_stdout(StringIO()), pytest.raises(SystemExit) as end:
            main()
        outcomes.put((number, end.value.code or 0, said.getvalue()))


@pytest.mark.parametrize("database", [False, True])
def test_of_two_who_create_a_study_at_once_one_succeeds(database, tmp_path, request):
    """In the same folder, or on a database also in folders of their own."""
    storage = ["--storage", request.getfixturevalue("postgres").url] if database else []
    argvs = []
    for number in range(ROUNDS):
        place = tmp_path / str(number)
        place.mkdir()
        file = toy_file(place, study=f"study{number}")
        folders = [place / (f"home{user}" if database and number % 2 else "home") for user in range(2)]
        argvs.append([[str(file), "--folder", str(folder), *storage] for folder in folders])
    context = multiprocessing.get_context("spawn")
    together, outcomes = context.Barrier(2), context.Queue()
    users = [context.Process(target=create, args=(user, argvs, together, outcomes)) for user in range(2)]
    for user in users:
        user.start()
    found = [outcomes.get(timeout=120) for _ in range(2 * ROUNDS)]
    for user in users:
        user.join()
    for number in range(ROUNDS):
        (first, _), (second, said) = sorted(rest for which, *rest in found if which == number)
        assert (first, second) == (0, 2) and said.count("\n") == 1 and f"'study{number}' exists" in said, said
        [home] = {Path(argv[2]) for argv in argvs[number] if (Path(argv[2]) / "study.yaml").exists()}
        assert not Study.open(f"study{number}", home).trials()


# -- a worker is told to end, or is started, while its storage is away


@pytest.fixture
def crew(postgres, tmp_path):
    postgres.empty()
    crew = Crew(tmp_path, postgres.url)
    yield crew
    crew.end()


def test_a_worker_whose_storage_is_away_hears_a_stop(postgres, crew):
    crew.start(1)
    crew.wait_for(lambda: crew.under_way)
    postgres.stop()
    try:
        crew.wait_for(lambda: "does not answer" in crew.said)
        crew.workers[0].send_signal(signal.SIGINT)
        crew.wait_for(lambda: crew.workers[0].poll() is not None, seconds=20)  # its trainer ends first
    finally:
        postgres.start()
    assert crew.workers.pop().returncode == 130 and "no finished trial is lost" in crew.said
    assert "Traceback" not in crew.said


def test_a_worker_waits_for_its_storage_when_it_starts_and_hears_a_scheduler(postgres, crew):
    postgres.stop()
    try:
        crew.start(2)
        crew.wait_for(lambda: crew.said.count("does not answer") == 2)
        assert "hush" not in crew.said
        crew.workers[0].send_signal(signal.SIGUSR2)
        crew.wait_for(lambda: crew.workers[0].poll() is not None, seconds=20)
    finally:
        postgres.start()
    assert crew.workers.pop(0).returncode == 130
    crew.check()
