"""Numbers through math-verify: what agrees, off the main thread, and within the budget."""

import os
import threading
import time

import pytest

from rlvr_backend.errors import RequestError
from rlvr_backend.rewards import Truth, number as number_module, reward_named

number = reward_named("number")


@pytest.mark.parametrize(
    ("answer", "reference"),
    [
        ("12.0", "12"),
        ("12.", "12"),
        ("1,000", "1000"),
        ("$1,000", "1000"),
        ("1/2", "0.5"),
        (r"\dfrac{1}{2}", "1/2"),
        (r"$\boxed{3}$", "3"),
        (r"\(2\sqrt{3}\)", r"\sqrt{12}"),
        ("50%", "0.5"),
        ("60°", "60"),
        ("12 cm", "12"),
        ("x = 5", "5"),
        ("2x + 3", "3 + 2x"),
        ("4, 3", "3, 4"),
    ],
)
def test_ways_to_write_a_number_agree(answer, reference):
    assert number(answer, Truth(reference)) == 1.0


@pytest.mark.parametrize(
    ("answer", "reference"),
    [("-5", "5"), ("12", "12.1"), ("3 or 4", "4"), ("2x + 3", "3"), ("", "1"), ("nan", "1"), ("٣", "3"), ("3", "left")],
)
def test_others_do_not(answer, reference):
    assert number(answer, Truth(reference)) == 0.0


def test_any_of_several_references_will_do():
    assert number("0.50", Truth('["1/2", "half"]')) == 1.0
    assert number("half", Truth('["1/2", "half"]')) == 1.0


def test_it_works_off_the_main_thread_and_from_several_at_once():
    scores = {}

    def ask(i: int) -> None:
        scores[i] = number(f"{i}/2", Truth(str(i / 2 if i % 2 else i)))

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert scores == {i: float(i % 2) for i in range(1, 9)}


def test_a_forked_process_asks_a_worker_of_its_own():
    number("1/3", Truth("3"))
    child = os.fork()
    if child == 0:
        os._exit(all(number(f"{i}/7", Truth("2")) == (i == 14) for i in range(10, 20)))
    assert all(number(f"{i}/7", Truth("2")) == (i == 14) for i in range(10, 20))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1


def test_what_overdraws_the_budget_scores_nothing_and_the_next_answer_is_scored_again():
    started = time.perf_counter()
    assert number("9^{9^{9^{9}}}", Truth("1")) == 0.0
    assert number("1/2", Truth("0.5")) == 1.0
    assert time.perf_counter() - started < 120  # 2 s of CPU time and a start, on a machine that may be busy


def test_without_math_verify_the_mend_is_named(monkeypatch, tmp_path):
    worker = tmp_path / "worker.py"
    worker.write_text("raise SystemExit(1)")
    monkeypatch.setattr(number_module, "WORKER", worker)
    with pytest.raises(RequestError, match=r"needs math-verify: pip install 'mixopt\[rlvr\]'"):
        number_module._Worker()
