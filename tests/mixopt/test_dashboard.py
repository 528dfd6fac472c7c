"""The dashboard's views: what stands in them, that none of them is written, and what its server refuses."""

import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import optuna
import pytest
from optuna.storages import run_grpc_proxy_server
from optuna.trial import TrialState, create_trial

from tests.support.postgres import Postgres, free_port, why_not
from tests.support.simulated_study import simulated_study
from tests.support.toy_study import toy_file

pytest.importorskip("optuna_dashboard", reason="optuna-dashboard is not installed")

from optuna_dashboard import get_note, save_note

from mixopt.errors import MixoptError
from mixopt.io.manual import ask_manual, fail_manual, forget_manual, replace_manual, tell_manual
from mixopt.reporting.dashboard import Dashboard
from mixopt.reporting.dashboard.storage import ViewedStorage
from mixopt.reporting.dashboard.views import Views
from mixopt.storage.url import StorageUrl
from mixopt.study.control import PAUSE, Control
from mixopt.study.pruning import Pruning
from mixopt.study.study import Study


def viewed(study):
    """The study as the dashboard reads it, and its views."""
    views = Views(study)
    views.refresh()
    storage = ViewedStorage(study.storage, study.optuna._study_id, lambda: views.attributes)
    return optuna.load_study(study_name=study.spec.study, storage=storage), views


def note(shown, number):
    return get_note(optuna.Trial(shown, shown.trials[number]._trial_id))


def drawn(views):
    """Figures by key, as far as the first colon."""
    kept = {key: json.loads(text) for key, text in views.attributes.items() if key.startswith("dashboard:plot_data:")}
    return {key.split(":")[2]: figure for key, figure in kept.items()}


def asked(url, method="GET"):
    """Status and body of an answer."""
    request = urllib.request.Request(url, method=method, data=None if method == "GET" else b"{}")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


@contextmanager
def served(study):
    """The address of a dashboard that answers, without a path."""
    dashboard = Dashboard(study, port=0)
    threading.Thread(target=dashboard.serve, daemon=True).start()
    yield dashboard.url.partition("/dashboard")[0]
    dashboard.close()


def test_a_note_shows_what_the_model_said_at_last(tmp_path):
    study = simulated_study(tmp_path, domains=5, trials=3)
    events = study.folder.trial(0).events
    events.parent.mkdir(parents=True, exist_ok=True)
    sample = {"test": "chart", "prompt": "how many?", "said": "```<answer>3", "score": 1.0}
    lines = [{"kind": "evaluation", "step": step, "samples": [{**sample, "prompt": f"at {step}"}]} for step in (1, 2)]
    lines += [{"kind": "evaluation", "step": 3, "samples": "none"}, {"kind": "progress", "samples": [1]}]
    events.write_text("".join(json.dumps(line) + "\n" for line in lines))
    shown, _ = viewed(study)
    assert "**chart**, score 1.00\n\n````\nat 2\n\n> ```<answer>3\n````" in note(shown, 0)
    assert "at 1" not in note(shown, 0) and "Sample answers" not in note(shown, 1)


def test_views_are_read_and_never_written(tmp_path):
    study = simulated_study(tmp_path, domains=5, trials=12)
    study.tell_base(dict.fromkeys(study.spec.tests.sizes, 0.125))
    before = study.folder.journal.read_bytes()
    shown, views = viewed(study)
    assert set(drawn(views)) == {"mixtures-out_score", "slices-out_score", "front"}
    assert "beats uniform" in get_note(shown) or "better than uniform" in get_note(shown)
    assert "The base model scores 0.1250: a gain of +" in get_note(shown)
    assert "| domain_0 | 100.0 % | ████████████████████ | 100.0 % | 640 |" in note(shown, 0)
    assert "| out_3 (out) |" in note(shown, 0)
    assert study.folder.journal.read_bytes() == before


def test_what_a_reader_writes_stays_and_is_the_same_in_two_dashboards(tmp_path):
    study = simulated_study(tmp_path, domains=3, trials=6)
    (first, _), (second, views) = viewed(study), viewed(study)
    save_note(optuna.Trial(first, first.trials[1]._trial_id), "mine")
    views.refresh()
    assert note(first, 1) == note(second, 1) == "mine" and "exclude" not in note(second, 0)
    assert get_note(first) == get_note(second)


def test_views_follow_the_study(tmp_path):
    study = simulated_study(tmp_path, domains=3, trials=6)
    shown, views = viewed(study)
    figures = drawn(views)
    reason, log = "exit code 1 | *at once*", "```\n<script>"
    study.optuna.add_trial(create_trial(state=TrialState.FAIL, user_attrs={"reason": reason, "log_tail": log}))
    views.refresh()
    assert f"```\n{reason}\n```" in note(shown, 6) and f"````\n{log}\n````" in note(shown, 6)
    study.optuna.add_trial(study.optuna.trials[0])
    views.refresh()
    assert drawn(views) != figures and len(figures["front"]["data"][0]["x"]) == 6


def test_a_trial_told_by_hand_says_that_it_waits_and_one_that_was_pruned_without_a_score_ends(tmp_path):
    study = simulated_study(tmp_path, domains=3, trials=4)
    number = ask_manual(study).number
    shown, views = viewed(study)
    assert f"waits for its scores: `mixopt study tell toy {number}`" in note(shown, number)
    Pruning(study).end(number)
    views.refresh()
    assert "It ended after 0 steps: pruned." in note(shown, number) and "waits" not in note(shown, number)
    with served(study) as page:
        status, body = asked(f"{page}/api/studies/{study.optuna._study_id}")
        assert status == 200 and json.loads(body)["trials"][number]["state"] == "Pruned"


def test_mixopts_own_books_are_not_shown(tmp_path):
    study = simulated_study(tmp_path, domains=3, trials=4)
    study.add(2)
    study.reset_failures()
    study.optuna.set_user_attr("theirs", 1)
    shown, _ = viewed(study)
    assert shown.user_attrs == {"theirs": 1} and study.extra == 2
    assert shown._storage.get_all_studies()[0].user_attrs == {"theirs": 1}


# User attributes of trials that people may sort by and read.
FOR_PEOPLE = {"strategy", "label", "train_seed", "in_score", "out_score", "evaluations", "draws", "seconds", "steps"}
FOR_PEOPLE |= {"stopped", "exhausted", "test:a_test", "test:x", "test:y", "by_hand", "reason", "exit_code", "log_tail"}


def test_nor_are_those_of_trials_whatever_has_become_of_them(tmp_path):
    """Of trials that were told, replaced, forgotten, failed, tried again and condemned; nothing else is lost."""
    study = Study.create(toy_file(tmp_path, budget={"gpu_hours": 9}), tmp_path / "study")
    scores = {"a_test": 0.1, "x": 0.2, "y": 0.3}
    for _ in range(4):
        tell_manual(study, ask_manual(study).number, scores)
    replace_manual(study, 0, scores, "mistyped")
    forget_manual(study, 1, "wrong files")
    fail_manual(study, ask_manual(study).number, "no memory")
    study.retry(study.trials()[-1].number)
    Pruning(study).mark(ask_manual(study).number, "on a user's word")
    paused = Control(study.optuna)
    paused.give(PAUSE)
    study.optuna.set_user_attr("forgiven_failures", 1)
    running = ask_manual(study).number
    study.note(
        running, {"claim": [1, 0, 0], "gpus": 1.0, "held_seconds": 2.0, "on_simplex": {}, "prune": "so", "mine": 7}
    )
    stored = {key for trial in study.trials() for key in trial.user_attrs}
    assert {"phase", "row", "replaces", "history", "prune"} <= stored
    with served(study) as page:
        status, body = asked(f"{page}/api/studies/{study.optuna._study_id}")
        csv = asked(f"{page}/csv/{study.optuna._study_id}")[1]
    told = json.loads(body)
    assert status == 200 and told["user_attrs"] == [] and len(told["trials"]) == len(study.trials())
    shown = {attribute["key"] for trial in told["trials"] for attribute in trial["user_attrs"]}
    assert "mine" in shown and shown - {"mine"} <= FOR_PEOPLE and shown == (FOR_PEOPLE | {"mine"}) & stored
    assert {each["key"] for each in told["union_user_attrs"]} == shown
    assert "history" not in csv and "UserAttribute label" in csv
    shown, _ = viewed(study)
    assert {key for trial in shown.trials for key in trial.user_attrs} == (FOR_PEOPLE | {"mine"}) & stored
    assert "phase" not in shown.best_trial.user_attrs
    assert "phase" not in shown._storage.get_trial(shown.trials[0]._trial_id).user_attrs
    assert "phase" in study.trials()[0].user_attrs  # the study's own are as they were


@pytest.mark.parametrize(
    "domains, trials, changes, expected",
    [
        (2, 8, {}, {"slices-out_score", "front"}),
        (3, 2, {}, {"mixtures-out_score"}),
        (3, 0, {}, set()),
        (17, 40, {}, {"mixtures-out_score", "slices-out_score", "front"}),
        (
            3,
            8,
            {
                "score": {"maximize": ["in_score", {"blend": 0.5}], "steps": [2, 4]},
                "strategy": [{"seed": ["single"]}, {"bayes": {"trials": 9}}],
            },
            {"mixtures-in_score", "slices-in_score", "mixtures-blend-0.5", "slices-blend-0.5", "front"},
        ),
    ],
)
def test_figures_are_those_that_there_are_data_for(tmp_path, domains, trials, changes, expected):
    shown, views = viewed(simulated_study(tmp_path, domains=domains, trials=trials, draws=False, **changes))
    assert set(drawn(views)) == expected
    assert "mixopt study resume toy" in get_note(shown)
    assert ("No recommendation yet" in get_note(shown)) == (trials < 3)


def test_a_study_cannot_be_changed_from_the_page(tmp_path):
    study = simulated_study(tmp_path, domains=3, trials=4)
    number = study.optuna._study_id
    refused = [("DELETE", f"studies/{number}"), ("POST", f"studies/{number}/rename"), ("POST", "studies")]
    refused += [("POST", "trials/0/tell"), ("POST", "trials/0/user-attrs"), ("PUT", "studies/0/0/x")]
    with served(study) as page:
        for method, path in refused:
            status, body = asked(f"{page}/api/{path}", method)
            assert status == 403 and "mixopt study" in json.loads(body)["reason"]
        assert len(study.trials()) == 4
        status, body = asked(f"{page}/api/studies/{number}")
        assert status == 200 and len(json.loads(body)["plotly_graph_objects"]) == 3


def test_a_port_that_is_taken_is_named(tmp_path):
    study = simulated_study(tmp_path, domains=3, trials=4)
    taken = Dashboard(study, port=0)  # kept: who lets go of it may have freed its port by the next line
    port = taken._server.server_port
    with pytest.raises(MixoptError, match=rf"127\.0\.0\.1:{port}: cannot be used .*another --port"):
        Dashboard(study, port=port)
    taken._server.server_close()
    with pytest.raises(MixoptError, match=r"nowhere\.invalid:0: cannot be used"):
        Dashboard(study, host="nowhere.invalid", port=0)


def test_a_missing_package_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna_dashboard", None)
    with pytest.raises(MixoptError, match=r"pip install 'mixopt\[dashboard\]'"):
        Dashboard(simulated_study(tmp_path, domains=3, trials=4))


def test_the_command_refuses_a_study_that_is_not_there(tmp_path):
    argv = [sys.executable, "-m", "mixopt.cli", "study", "dashboard", "nothing", "--folder", str(tmp_path)]
    done = subprocess.run(argv, capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.startswith("error: there is no study 'nothing'")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(bool(why_not()), reason=str(why_not()))
@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_it_shows_studies_on_postgresql_and_behind_the_proxy_without_the_password(tmp_path):
    server = Postgres()
    try:
        port, behind = free_port(), StorageUrl(server.url).open(Path())
        where = {"host": "127.0.0.1", "port": port}
        threading.Thread(target=run_grpc_proxy_server, args=(behind,), kwargs=where, daemon=True).start()
        for name, url in (("direct", server.url), ("proxy", f"grpc://127.0.0.1:{port}")):
            study = Study.create(toy_file(tmp_path, study=name), tmp_path / name, url)
            study.optuna.add_trial(create_trial(state=TrialState.FAIL, user_attrs={"reason": "for a test"}))
            with served(study) as page:
                status, body = asked(f"{page}/api/studies/{study.optuna._study_id}")
                assert status == 200 and "for a test" in json.loads(body)["trials"][0]["note"]["body"]
                assert "hush" not in body + asked(f"{page}/dashboard")[1] + asked(f"{page}/api/studies")[1]
    finally:
        server.remove()
