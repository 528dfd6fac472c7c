"""The contract of a trainer: valid results, exit codes, restarts, and no process that outlives its trial."""

import errno
import fcntl
import json
import sys
import time
from pathlib import Path
from threading import Event, Thread, Timer

import pytest
from hypothesis import given, strategies as st

from mixopt.paths import TrialFolder
from mixopt.storage.files import write_whole
from mixopt.trainers import command
from mixopt.trainers.command import CommandTrainer
from mixopt.trainers.contract import Request, Result, TrialFailed, TrialStopped
from mixopt.trainers.rlvr import RlvrTrainer

REQUEST = Request("toy", 3, 42, {"a": 0.5, "b": 0.5}, {"a": 9, "b": 9}, {"x": 9, "y": 9}, [2, 4], {})
SCORES = {"x": 0.5, "y": 0.25}


def said(**changes) -> dict:
    """What a trainer says of REQUEST when all went well; keyword arguments replace fields."""
    evaluations = [{"step": step, "scores": SCORES} for step in (2, 4)]
    result = {"evaluations": evaluations, "steps": 4, "stopped": "finished", "draws": {"a": 2, "b": 2}, "seconds": 1}
    return {key: value for key, value in {**result, **changes}.items() if value is not None}


def read(tmp_path, content: str, request=REQUEST) -> Result:
    path = tmp_path / "result.json"
    path.write_text(content)
    return Result.read(path, request)


def script(*lines: str) -> CommandTrainer:
    """A trainer of some lines of Python, in which `folder` is the trial's."""
    start = "import json, os, subprocess, sys, time; from pathlib import Path; folder = Path(sys.argv[1]).parent"
    return CommandTrainer([sys.executable, "-c", "\n".join([start, *lines])])


def stopped_once(path: Path) -> Event:
    """A stop that is given once a file is there and says something."""
    stop = Event()

    def watch() -> None:
        while not (path.exists() and path.read_text()):
            time.sleep(0.02)
        stop.set()

    Thread(target=watch, daemon=True).start()
    return stop


WRITE = f"(folder / 'result.json').write_text({json.dumps(said())!r})"


def test_results_that_keep_the_contract(tmp_path):
    result = read(tmp_path, json.dumps(said(weights={"a": 0.5}, seconds=3)))
    assert result.scores == {2: SCORES, 4: SCORES} and result.seconds == 3 and not result.short
    more = [{"step": step, "scores": SCORES, "note": "mine"} for step in (2, 4)]
    assert read(tmp_path, json.dumps(said(evaluations=more, draws={}))).draws == {}
    ran_out = [{"step": 2, "scores": SCORES}, {"step": 4, "scores": SCORES, "carried": True}]
    exhausted = read(tmp_path, json.dumps(said(evaluations=ran_out, steps=3, stopped="exhausted", exhausted=["b"])))
    assert exhausted.exhausted == ("b",)
    until = Request(**{**vars(REQUEST), "until": 2})
    short = said(evaluations=ran_out[:1], steps=2, stopped="until")
    assert read(tmp_path, json.dumps(short), until).short
    assert not read(tmp_path, json.dumps(said()), until).short, "a trainer that knows nothing of it runs on"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("", "`the whole`"),
        ("[" * 100_000, "`the whole`"),
        (said(seconds=None), "`seconds`"),
        (said(stopped="bored"), "`stopped`"),
        (said(steps="4"), "`steps`"),
        (said(steps=1e400), "`steps`"),
        (said(steps=True), "`steps`"),
        (said(seconds=float("nan")), "`seconds`"),
        (said(draws={"a": -1}), "`draws.a`"),
        (said(draws={"c": 1}), "'c' in `draws`"),
        (said(exhausted=["c"]), "'c' in `draws` or `exhausted`"),
        (said(steps=3), "`steps` is 3 and `stopped` 'finished', and 4 were asked for"),
        (said(steps=5), "`steps` is 5"),
        (said(steps=2, stopped="until"), "a whole run was asked for"),
        (said(evaluations=[]), r"those of steps \[\], and \[2, 4\] were asked for"),
        (said(evaluations=[{"step": 4, "scores": SCORES}]), r"those of steps \[4\]"),
        (said(evaluations=[{"step": step, "scores": SCORES} for step in (2, 3, 4)]), r"steps \[2, 3, 4\]"),
        (said(evaluations=[{"step": step, "scores": SCORES} for step in (4, 2)]), r"\[4, 2\]"),
        (said(evaluations=[{"step": step, "scores": {"x": 1}} for step in (2, 4)]), "test 'y' has no score at step 2"),
        (
            said(evaluations=[{"step": step, "scores": {"x": float("nan")}} for step in (2, 4)]),
            "evaluations.0.scores.x",
        ),
        (said(evaluations=[{"step": step, "scores": {"x": None}} for step in (2, 4)]), "evaluations.0.scores.x"),
        (said(evaluations=[{"step": s, "scores": {**SCORES, "z": 1}} for s in (2, 4)]), "test 'z', scored at step 2"),
        (said(trial=2), "it is that of trial 2, and trial 3 was asked for"),
        (said(study="two"), "it is that of study 'two', and study 'toy' was asked for"),
        (said(trial="3"), "`trial`"),
        (said(steps=3, stopped="exhausted"), "step 4 must be `carried`"),
        (
            said(evaluations=[{"step": s, "scores": SCORES, "carried": True} for s in (2, 4)]),
            "step 2 must be `carried`",
        ),
    ],
)
def test_a_result_that_does_not_keep_the_contract_is_one_line(tmp_path, content, named):
    with pytest.raises(TrialFailed, match=named) as told:
        read(tmp_path, content if isinstance(content, str) else json.dumps(content))
    assert "\n" not in str(told.value) and str(told.value).startswith("result.json ")


def test_a_result_that_cannot_be_read_is_one_line(tmp_path):
    (tmp_path / "result.json").mkdir()
    with pytest.raises(TrialFailed, match=r"result\.json cannot be read: it is no plain file"):
        Result.read(tmp_path / "result.json", REQUEST)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*said(), *said()["evaluations"][0]]) | st.text(max_size=2), inner)
        ),
        max_leaves=12,
    )
)
def test_no_result_breaks_anything_but_its_trial(tmp_path_factory, content):
    with pytest.raises(TrialFailed):
        read(tmp_path_factory.getbasetemp(), json.dumps(content))


@pytest.mark.parametrize("room_after", [2, 99])
def test_a_trainer_waits_for_a_full_disk_up_to_a_limit(tmp_path, monkeypatch, recwarn, room_after):
    monkeypatch.setattr(command, "PAUSE", 0.01)
    monkeypatch.setattr(command, "DISK_TRIES", 4)
    tries, write = [], command.write_whole

    def full(path, text):
        tries.append(path)
        if len(tries) <= room_after:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write(path, text)

    monkeypatch.setattr(command, "write_whole", full)
    if room_after < 4:
        assert script(WRITE).run(REQUEST, TrialFolder(tmp_path), Event()).steps == 4 and len(tries) == 3
    else:
        with pytest.raises(TrialFailed, match=r"request\.json: No space left on device"):
            script(WRITE).run(REQUEST, TrialFolder(tmp_path), Event())
        assert len(tries) == 4
    assert any("No space left on device: tried again for" in str(warning.message) for warning in recwarn)


def test_a_trainer_that_asks_for_a_restart_gets_it_in_the_same_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "PAUSE", 0.01)
    tries = "tries = folder / 'tries'; tries.write_text(tries.read_text() + 'x' if tries.exists() else 'x')"
    third = script(tries, f"if tries.read_text() == 'xxx': {WRITE}", "print('try'); sys.exit(75)")
    folder = TrialFolder(tmp_path)
    assert third.run(REQUEST, folder, Event()).steps == 4
    assert folder.log.read_text() == "try\n" * 3
    folder.result.unlink()
    with pytest.raises(TrialFailed, match=r"asked 3 times for a restart \(exit code 75\)") as told:
        third.run(REQUEST, folder, Event())
    assert told.value.exit_code == 75 and (tmp_path / "tries").read_text() == "x" * 6
    assert told.value.log_tail == "\n".join(["try"] * 3)


def test_other_exit_codes_are_not_restarted(tmp_path):
    with pytest.raises(TrialFailed, match=r"ended with exit code 1$"):
        script("print('once'); sys.exit(1)").run(REQUEST, TrialFolder(tmp_path), Event())
    assert TrialFolder(tmp_path).log.read_text() == "once\n"


def test_the_result_counts_and_not_the_exit_code(tmp_path):
    assert script(WRITE, "sys.exit(75)").run(REQUEST, TrialFolder(tmp_path), Event()).steps == 4


def test_a_stop_ends_the_wait_for_a_restart(tmp_path):
    stop = Event()
    Timer(1.0, stop.set).start()
    with pytest.raises(TrialStopped):
        script("sys.exit(75)").run(REQUEST, TrialFolder(tmp_path), stop)


@pytest.mark.parametrize("told_to", [True, False])
def test_children_of_a_trainer_do_not_outlive_it(tmp_path, told_to):
    folder = TrialFolder(tmp_path)
    child = "child = subprocess.Popen(['sleep', '600']); (folder / 'child').write_text(str(child.pid))"
    if told_to:
        with pytest.raises(TrialStopped):
            script(child, "time.sleep(60)").run(REQUEST, folder, stopped_once(tmp_path / "child"))
    else:
        script(child, WRITE).run(REQUEST, folder, Event())
    pid = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}/stat").exists() and Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z":
        assert time.monotonic() < deadline, "it is still there"
        time.sleep(0.02)


def test_a_trainer_gets_sigterm_first(tmp_path):
    polite = "import signal; signal.signal(signal.SIGTERM, lambda *_: sys.exit(print('saved')))"
    ready = "(folder / 'ready').write_text('ready')"
    with pytest.raises(TrialStopped):
        script(polite, ready, "time.sleep(60)").run(REQUEST, TrialFolder(tmp_path), stopped_once(tmp_path / "ready"))
    assert TrialFolder(tmp_path).log.read_text() == "saved\n"


def test_a_killed_trainer_is_restarted(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "KILLED_PAUSE", 0.01)
    once = "seen = folder / 'seen'; again = seen.exists(); seen.touch(); again or os.kill(os.getpid(), 9)"
    assert script(once, WRITE).run(REQUEST, TrialFolder(tmp_path), Event()).steps == 4
    always = script("os.kill(os.getpid(), 9)")
    with pytest.raises(TrialFailed, match="was killed 5 times, the last time by SIGKILL"):
        always.run(REQUEST, TrialFolder(tmp_path / "always"), Event())


def test_a_stuck_trainer_is_ended_and_restarted(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "KILLED_PAUSE", 0.01)
    say = "say = lambda *_: (folder / 'events.jsonl').open('a').write('{}')"
    last_word = "import signal; signal.signal(signal.SIGTERM, lambda *_: sys.exit(say()))"
    stuck = script(say, last_word, "say(); time.sleep(60)")
    stuck = CommandTrainer(stuck._argv, silence=0.5)
    started = time.monotonic()
    with pytest.raises(TrialFailed, match=r"was stuck 3 times: it wrote no event for 0\.5 s"):
        stuck.run(REQUEST, TrialFolder(tmp_path), Event())
    assert time.monotonic() - started < 30
    talks = ["for _ in range(8): open(folder / 'events.jsonl', 'a').write('{}'); time.sleep(0.3)", WRITE]
    talking = CommandTrainer(script(*talks)._argv, silence=5)
    assert talking.run(REQUEST, TrialFolder(tmp_path / "talks"), Event()).steps == 4


@pytest.mark.parametrize("own", [{}, {"trial": 3}, {"study": "toy"}, {"trial": 3, "study": "toy"}, {"trial": None}])
def test_a_result_may_name_its_study_and_trial(tmp_path, own):
    assert read(tmp_path, json.dumps({**said(), **own})).steps == 4


def test_a_result_may_be_a_link_inside_its_folder_and_its_folder_may_be_under_one(tmp_path):
    (tmp_path / "disk" / "trial").mkdir(parents=True)
    (tmp_path / "study").symlink_to("disk")
    (tmp_path / "disk" / "trial" / "own.json").write_text(json.dumps(said()))
    (tmp_path / "disk" / "trial" / "result.json").symlink_to("own.json")
    assert Result.read(tmp_path / "study" / "trial" / "result.json", REQUEST).steps == 4


@pytest.mark.parametrize("linked", ["result.json", "."])
def test_a_link_to_another_trial_is_not_followed(tmp_path, linked):
    mine, other = tmp_path / "0003", tmp_path / "0002"
    other.mkdir()
    (other / "result.json").write_text(json.dumps(said()))
    if linked == ".":
        mine.symlink_to(other)
    else:
        mine.mkdir()
        (mine / linked).symlink_to(other / linked)
    with pytest.raises(TrialFailed, match="a link leads out of the trial's folder"):
        Result.read(mine / "result.json", REQUEST)


def test_a_result_is_read_though_a_suspended_worker_holds_the_folder(tmp_path):
    folder = TrialFolder(tmp_path)
    write_whole(folder.request, REQUEST.as_json())
    folder.result.write_text(json.dumps(said()))
    with folder.lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        patient = CommandTrainer(["false"], silence=0.2)
        assert patient.run(REQUEST, folder, Event()).steps == 4


def test_a_result_of_another_request_is_renamed_and_kept(tmp_path):
    folder = TrialFolder(tmp_path)
    write_whole(folder.request, Request(**{**vars(REQUEST), "weights": {"a": 1.0, "b": 0.0}}).as_json())
    folder.result.write_text("what a and b had scored")
    assert script(WRITE).run(REQUEST, folder, Event()).steps == 4
    assert (tmp_path / "result.of-another-request").read_text() == "what a and b had scored"
    warm = Request(**{**vars(REQUEST), "warm_start": "../0001"})
    assert script("sys.exit(1)").run(warm, folder, Event()).steps == 4, "it is the same run"


def test_only_the_embedded_model_is_prepared():
    assert "some minutes" in RlvrTrainer({"model": "shapes"}).preparation
    assert not RlvrTrainer({"model": "org/model"}).preparation and not script().preparation


def test_a_real_time_signal_has_a_number(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "KILLED_PAUSE", 0.01)
    with pytest.raises(TrialFailed, match="killed 5 times, the last time by signal 40"):
        script("os.kill(os.getpid(), 40)").run(REQUEST, TrialFolder(tmp_path), Event())
