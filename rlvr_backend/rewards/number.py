r"""Reward `number`: equality of numbers and formulas.

"1/2", "0.5", "½", "50%", "5e-1", "\frac{1}{2}" and "x = \boxed{.5}" agree.

The whole answer must be mathematics, except for a unit: no number is taken out of a sentence, except from a single
\boxed{}. What agrees:

- Number literals (rlvr_backend/rewards/numbers) are compared exactly, in this process. A decimal agrees with a
  fraction, root or constant that it rounds correctly, with a relative error of at most 1e-6: 0.3333333 is 1/3, 0.333
  is not. Two decimals must be equal.
- A comma before three digits separates thousands, any other separates items: "1,23" is a list. So are spaces ("1 000").
- A unit on one side only is ignored. Units on both sides must be of one kind and are converted (1 km is 1000 m).
  "50%" agrees with 0.5 and with 50. A currency sign is a unit; "million" is part of the number.
- Items without brackets, or in braces, agree in any order; items in () or [] only in the same order. Each must agree.
- "x = 5" agrees with "5" but not with "y = 5". Both sides of "2+3 = 5" must be equal. 3:4 is 3/4, but 10:30 is a time.
- Words and runs of letters ("cab", "AB", "\angle ABC") are text. Formulas (2xy, sets, intervals, equations) are read by
  math-verify.

Formulas are compared in a worker process (number_worker.py), one per trainer, with a budget of CPU time and memory that
the operating system enforces: `9^9^9^9` ends the worker, scores 0, and a new worker is started. math-verify's own
timeouts use signals and only work on the main thread. The budget counts the worker's CPU seconds, so a busy machine
does not turn right answers into wrong ones. Only Linux is supported. A right answer that costs more scores 0.
"""

import json
import os
import subprocess
import sys
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock

from rlvr_backend.errors import RequestError
from rlvr_backend.rewards.accuracy import accuracy
from rlvr_backend.rewards.numbers.answer import read_answer
from rlvr_backend.rewards.numbers.compare import Question, agree
from rlvr_backend.rewards.truth import Truth

LONGEST = 500  # characters of an answer
MOST = 200  # pairs of formulas per comparison
WORKER = Path(__file__).with_name("number_worker.py")


def number(answer: str, truth: Truth) -> float:
    """Return 1.0 if the answer equals a reference as a number, as a formula or as text; else 0.0.

    Raises:
        RequestError: math-verify is needed and not installed.
    """
    if accuracy(answer, truth):
        return 1.0
    if len(answer) > LONGEST:
        return 0.0
    parsed = read_answer(answer)
    candidates = []
    questions: dict[Question, None] = {}  # an ordered set
    for reference in truth.references:
        asked: dict[Question, None] = {}
        if agree(parsed, _read_truth(reference), lambda question: asked.setdefault(question) is None):  # noqa: B023
            if not asked:
                return 1.0
            candidates.append(reference)
            questions |= asked
    if not candidates or len(questions) > MOST:
        return 0.0
    equal = _worker().equal(list(questions))
    return float(any(agree(parsed, _read_truth(reference), equal.__contains__) for reference in candidates))


_read_truth = lru_cache(4096)(read_answer)


class _Worker:
    """The worker process that compares formulas. It is restarted after it exceeded its budget."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process = self._started()

    @staticmethod
    def _started() -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-P", str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        if process.stdout.read(1) != b"r":
            raise RequestError(
                "reward 'number' needs math-verify: pip install 'mixopt[rlvr]' (its error is printed above)"
            )
        return process

    def equal(self, questions: list[Question]) -> set[Question]:
        """Return the pairs of formulas that are equal, or none if the comparison exceeds the budget."""
        with self._lock:
            verdicts = b""
            try:
                self._process.stdin.write(json.dumps(questions).encode() + b"\n")
                while len(verdicts) < len(questions) and (read := self._process.stdout.read(len(questions))):
                    verdicts += read
            except BrokenPipeError:
                pass
            if len(verdicts) < len(questions):
                self._process.wait()
                self._process = self._started()
                return set()
            return {question for question, verdict in zip(questions, verdicts) if verdict == ord("1")}


_worker = cache(_Worker)
os.register_at_fork(after_in_child=_worker.cache_clear)  # two processes on one pipe would read each other's verdicts
