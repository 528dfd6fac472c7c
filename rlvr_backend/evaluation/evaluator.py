"""Evaluator: greedy decoding, and one score in [0, 1] per test.

python -m rlvr_backend evaluate shapes
"""

from collections.abc import Mapping

import numpy as np
import torch
from accelerate import PartialState
from accelerate.utils import gather_object
from datasets import Dataset

from rlvr_backend.rewards import REWARDS, Reward, Truth, correctness

SAMPLES = 2  # answers per test that are kept for people to read
CACHE_BYTES = 1 << 30  # for encoded tests; the paper's would need hundreds of GB


def messages(row: dict) -> list[dict]:
    """Return a dataset row as the chat template takes it, with the images in front of the question."""
    images = [{"type": "image", "image": image} for image in row["images"]]
    return [{"role": "user", "content": [*images, {"type": "text", "text": row["prompt"][0]["content"]}]}]


def _rows_of_this_process(size: int) -> list[int]:
    """The rows of a test that this process answers.

    Every process gets the same number, some rows twice: processes that share a model must run equally many batches.
    """
    state = PartialState()
    first, processes = state.process_index, state.num_processes
    return [row % size for row in range(first, first + -(-size // processes) * processes, processes)]


class Evaluator:
    """Scores tests. The processes of a run share the rows between them.

    Args:
        tests: Test -> rows with the columns prompt, images, reward, solution and boxes.
        processor: The model's processor.
        max_new_tokens: Longest completion, in tokens.
        batch: Rows per batch.
        rewards: Reward function of each name that a row may have.

    Attributes:
        samples: The first few answers of each test at the last evaluation: test, prompt, said, score.
    """

    def __init__(
        self,
        tests: dict[str, Dataset],
        processor,
        max_new_tokens: int,
        batch: int,
        rewards: Mapping[str, Reward] = REWARDS,
    ):
        self.tests = tests
        self._processor, self._max_new_tokens, self._batch = processor, max_new_tokens, batch
        self._rewards = rewards
        self._encoded: dict[tuple[str, int], dict[str, torch.Tensor]] = {}
        self._room = CACHE_BYTES
        self.samples: list[dict] = []

    def completions(self, model, test: str) -> list[str]:
        """Return the model's greedy completions of a test, as text. All processes call it at once."""
        rows = _rows_of_this_process(len(self.tests[test]))
        texts: list[str] = []
        for start in range(0, len(rows), self._batch):
            encoded = self._encode(test, start, rows[start : start + self._batch])
            inputs = {name: tensor.to(model.device) for name, tensor in encoded.items()}
            out = model.generate(**inputs, max_new_tokens=self._max_new_tokens, do_sample=False)
            new = out[:, inputs["input_ids"].shape[1] :]
            texts += self._processor.tokenizer.batch_decode(new, skip_special_tokens=True)
        answers: dict[int, str] = {}
        for row, text in zip(gather_object(rows), gather_object(texts), strict=True):
            answers.setdefault(row, text)
        return [answers[row] for row in range(len(answers))]

    def _encode(self, test: str, start: int, rows: list[int]) -> dict[str, torch.Tensor]:
        """The model inputs of a batch, left-padded for generation, and kept for later evaluations while there is room.

        Args:
            test: Name of the test.
            start: Position of the batch among the rows of this process.
            rows: Rows of the batch.
        """
        if (test, start) in self._encoded:
            return self._encoded[test, start]
        encoded = self._processor.apply_chat_template(
            [messages(row) for row in self.tests[test].select(rows)],
            add_generation_prompt=True,
            tokenize=True,
            return_dict=True,
            processor_kwargs={"padding": True, "padding_side": "left", "return_tensors": "pt"},
        )
        size = sum(tensor.nbytes for tensor in encoded.values())
        if size <= self._room:
            self._room -= size
            self._encoded[test, start] = dict(encoded)
        return dict(encoded)

    @torch.no_grad()
    def scores(self, model) -> dict[str, float]:
        """Return test -> mean score (share of right answers, or mean IoU)."""
        was_training, self.samples = model.training, []
        model.eval()
        scores = {name: self._score(name, self.completions(model, name)) for name in self.tests}
        model.train(was_training)
        return scores

    def _score(self, name: str, completions: list[str]) -> float:
        rows = self.tests[name]
        columns = (rows["reward"], map(Truth, rows["solution"], rows["boxes"]))
        scores = [correctness(*row, self._rewards) for row in zip(completions, *columns, strict=True)]
        for row, said, score in zip(rows.select(range(min(SAMPLES, len(rows)))), completions, scores):
            prompt = row["prompt"][0]["content"]
            self.samples.append({"test": name, "prompt": prompt, "said": said, "score": float(score)})
        return float(np.mean(scores))
