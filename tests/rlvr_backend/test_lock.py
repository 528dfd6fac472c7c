"""One trainer a folder: each process holds a lock, and a killed launcher leaves none beside the next."""

import os
import signal
import time
from threading import Thread

import psutil
from filelock import FileLock

from mixopt.storage.files import is_locked
from mixopt.trainers.processes import Processes
from tests.support.grpo_trials import fingerprint, launch, request, run


def test_a_second_trainer_in_a_folder_is_told_to_try_again(tmp_path):
    path = tmp_path / "request.json"
    path.write_text(request(str(tmp_path / "nowhere")).as_json())
    with FileLock(tmp_path / "rank-0.lock"):
        trainer = launch(path)
        said, _ = trainer.communicate()
    assert trainer.returncode == os.EX_TEMPFAIL, said
    assert said.splitlines()[-1].startswith("error: ") and "rank-0.lock is locked: another trainer is running" in said
    assert sorted(file.name for file in tmp_path.iterdir()) == ["rank-0.lock", "request.json"], "nothing was touched"


def test_a_trial_whose_launcher_is_killed_ends_like_its_twin(done, model, tmp_path):
    came = []
    thread = Thread(target=lambda: came.append(run(tmp_path, request(model))))
    thread.start()
    while not ((tmp_path / "events.jsonl").exists() and (tmp_path / "events.jsonl").read_text()):
        time.sleep(0.05)
    assert is_locked(tmp_path / "rank-0.lock")
    alive = Processes(tmp_path).alive()
    [trainer] = [process for process in alive if "rlvr_backend" in process.cmdline()[2:4]]
    [launcher] = [process for process in alive if "accelerate.commands.launch" in process.cmdline()]
    os.kill(launcher.pid, signal.SIGKILL)
    thread.join()
    assert not psutil.pid_exists(trainer.pid)
    assert came[0].scores == done[1].scores and fingerprint(tmp_path, 3) == fingerprint(done[0], 3)
